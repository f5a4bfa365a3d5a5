"""The server: it takes calls in, checks who calls, and hands them to what answers them."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from aiohttp import web

from tests.fakes.zalo import control, endpoints
from tests.fakes.zalo.books import Call, Charge, Refresh, Template
from tests.fakes.zalo.botapi import FakeBot
from tests.fakes.zalo.clock import Clock, Time
from tests.fakes.zalo.faults import Fault, Faults
from tests.fakes.zalo.hook import Hook
from tests.fakes.zalo.oauth import OAuth
from tests.fakes.zalo.people import FakeUser
from tests.fakes.zalo.refusals import Refusal
from tests.fakes.zalo.rules import Rules
from tests.fakes.zalo.uploads import Upload
from tests.loops import closed_connections


@dataclass(eq=False)
class FakeZalo(Rules):
    """One app with one Official Account (and a bot of the Bot Platform, `bot`). `url` is the server of every host."""

    clock: Time = field(default_factory=Clock)
    url: str = ""
    users: dict[str, FakeUser] = field(default_factory=dict)
    """Everybody whom the OA could know, by user id."""
    phones: dict[str, FakeUser] = field(default_factory=dict)
    """Everybody who has Zalo under a number, whether the OA knows them or not; filled by `user(phone=…)`."""
    templates: dict[str, Template] = field(default_factory=dict)
    books: list[Charge] = field(default_factory=list)
    """Every accepted message, with what it cost."""
    calls: list[Call] = field(default_factory=list)
    refreshes: list[Refresh] = field(default_factory=list)
    uploads: dict[str, Upload] = field(default_factory=dict)
    articles: set[str] = field(default_factory=set)
    unasserted: set[str] = field(default_factory=set)
    """Fields of requests of which nobody knows what Zalo makes of them. A test may demand that there are none."""

    def __post_init__(self) -> None:
        self.hook = Hook(self, self.clock)
        self.oauth = OAuth(self)
        self.faults = Faults()
        self.bot = FakeBot(self.clock)
        self._changed = asyncio.Condition()
        self._minute, self._in_minute = 0, 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> Self:
        """Serve on *port* of this machine; 0: a free one."""
        app = web.Application(client_max_size=8 << 20)
        app.add_routes([*self.bot.routes(), *control.routes(self)])
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        await self.hook.start()
        return self

    async def stop(self) -> None:
        self.faults.heal()
        await self.hook.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            await closed_connections()

    def settings(self) -> dict[str, str]:
        """The settings with which a bot uses this server; the pair of tokens is a new one of a consent."""
        pair = self.oauth.consent()
        hosts = dict.fromkeys(("zalo_api", "zalo_oauth", "zalo_template_api", "zalobot_api"), self.url)
        return hosts | {
            "zalo_app_id": self.app_id,
            "zalo_app_secret": self.app_secret,
            "zalo_oa_id": self.oa_id,
            "zalo_oa_secret": self.oa_secret,
            "zalo_access_token": pair.access_token,
            "zalo_refresh_token": pair.refresh_token,
        }

    def user(self, uid: str = "", *, phone: str = "", name: str = "") -> FakeUser:
        """The person *uid* (a new one without); made where there is none, without any contact with the OA so far."""
        uid = uid or str(10**18 + secrets.randbelow(10**18))
        found = self.users.setdefault(uid, FakeUser(uid, self))
        found.name = name or found.name
        if phone:
            self.join(found, phone)
        return found

    def join(self, user: FakeUser, phone: str) -> None:
        """Have Zalo know *user* by *phone* ("84912345678")."""
        if self.phones.get(user.phone) is user:
            del self.phones[user.phone]
        self.phones[phone], user.phone = user, phone

    @property
    def spent(self) -> int:
        """What was charged so far, in đồng."""
        return sum(charge.price for charge in self.books)

    @property
    def webhook(self) -> str:
        """Where events go; set, it is taken without a probe. `hook` has what else can be set."""
        return self.hook.url

    @webhook.setter
    def webhook(self, url: str) -> None:
        self.hook.url = url

    async def register(self, url: str) -> bool:
        """Save *url* as the webhook as Zalo's page does: only when it answers 200 to an unsigned `{}`."""
        if await self.hook.probe(url) != 200:
            return False
        self.hook.url, self.hook.is_disabled = url, False
        return True

    async def advance(self, *, days: float = 0, seconds: float = 0) -> None:
        """Let time pass, and send again on the way what the webhook did not take."""
        await self.hook.advance(days * 86_400 + seconds)

    def fail(self, fault: Fault | int, *, path: str = "", to: str = "", times: int = 1) -> None:
        """Have the next *times* calls (0: all) fail whose path ends in *path* ("": any) and whose body names *to*.

        A number is the `error` that Zalo answers; `loses_answer`: it does what was asked, and the answer is lost.
        """
        self.faults.plan(fault, path, to, times)

    def heal(self) -> None:
        """Take back every planned fault, and let go of the calls that hang."""
        self.faults.heal()

    async def consent(self, link: str) -> str:
        """The OA's admin opens the consent *link* and agrees: the address they are sent back to, with its code."""
        return self.oauth.agree(link)

    async def admin_writes(self, uid: str, text: str, admin_id: str = "1001") -> int:
        """Somebody writes to *uid* by hand in the OA's own chat tool. The webhook's status."""
        return await endpoints.write_as_admin(self, self.user(uid), text, admin_id)

    async def change_template(self, template: str, status: str, reason: str = "") -> int:
        """Zalo's reviewers decide about a template; an event tells of it. The webhook's status."""
        return await endpoints.review(self, self.templates[template], status, reason)

    def count(self) -> Counter[str]:
        """Calls by path."""
        return Counter(call.path for call in self.calls)

    async def until(self, path: str, times: int = 1, seconds: float = 20) -> list[Call]:
        """Wait until a path ending in *path* was called so often; these calls."""

        def found() -> list[Call]:
            return [call for call in self.calls if call.path.endswith(path)]

        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: len(found()) >= times)
        return found()

    def take(self, field_path: str) -> None:
        """Note a field of which nobody knows what Zalo makes of it."""
        self.unasserted.add(field_path)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        call = Call(
            request.method, request.path, dict(request.query), dict(request.headers), await request.read(), self.clock()
        )
        await self._note(call)
        if self.latency:
            await asyncio.sleep(self.latency)
        fault = self.faults.next(call)
        if isinstance(fault, str) and fault != "loses_answer":
            return await self.faults.act(fault, request)
        response = self._respond(call, fault if isinstance(fault, int) else 0)
        if response is None or fault == "loses_answer":
            return await self.faults.act("drops", request)
        return response

    def _respond(self, call: Call, fault: int) -> web.Response | None:
        """The answer to *call*; None: it was done, and the answer is lost. *fault*: refuse with this `error`."""
        match call.method, call.path:
            case "GET", "/v4/oa/permission":
                return self.oauth.permission(call)
            case "POST", "/v4/oa/access_token":
                return self.oauth.access_token(call, fault)
        endpoint = endpoints.TABLE.get((call.method, call.path))
        if endpoint is None:
            return endpoints.not_found()
        left = self._left_in_minute()
        limits = {"X-RateLimit-Limit": str(self.rate_per_minute), "X-RateLimit-Remain": str(max(left, 0))}
        try:
            if fault or (self.rate_per_minute and left < 0):
                raise Refusal(fault or -32)
            endpoints.authorise(self, call, endpoint.family)
            return endpoints.accepted(endpoint.family, endpoint.answer(self, call), limits)
        except Refusal as refusal:
            return endpoints.refused(endpoint.family, refusal, limits)

    def _left_in_minute(self) -> int:
        """How many calls the app may still make in this minute, after this one."""
        minute = int(self.clock().timestamp() // 60)
        if minute != self._minute:
            self._minute, self._in_minute = minute, 0
        self._in_minute += 1
        return self.rate_per_minute - self._in_minute

    async def _note(self, call: Call) -> None:
        async with self._changed:
            self.calls.append(call)
            self._changed.notify_all()
        if self.verbose:
            print(call.method, call.path, call.body.decode("utf-8", "replace")[:500], flush=True)

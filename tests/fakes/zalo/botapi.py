"""A stand-in for the Zalo Bot Platform: one bot, its polling or its webhook, its menus of nothing but words.

    async with FakeBot() as bot:
        channel = ZaloBotChannel(bot.token, api=bot.url)
        await bot.writes("6ede9afa66b88fe6d6a9", "xin chào")
        bot.texts("6ede9afa66b88fe6d6a9")

`FakeZalo` serves one beside its Official Account.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self

import aiohttp
from aiohttp import web

from tests.fakes.zalo.clock import HANOI, Clock, Time, milliseconds
from tests.loops import closed_connections

Fault = Literal["crashes", "hangs", "drops", "is_a_proxy"]
SECRET_HEADER: Final = "X-Bot-Api-Secret-Token"
IDLE: Final = (408, "Request timeout")
WEBHOOK_IS_SET: Final = (400, "You cannot use this API while a webhook is set. Please remove the webhook first")
FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "getUpdates": frozenset({"timeout"}),
    "setWebhook": frozenset({"url", "secret_token"}),
    "sendMessage": frozenset({"chat_id", "text", "parse_mode", "text_styles"}),
    "sendPhoto": frozenset({"chat_id", "photo", "caption"}),
    "sendSticker": frozenset({"chat_id", "sticker"}),
    "sendChatAction": frozenset({"chat_id", "action"}),
    "sendVoice": frozenset({"chat_id", "voice_url"}),
}
"""What is known of each method's parameters; another one is kept in `unasserted`."""


class Refused(Exception):
    """An answer with `ok` false, under the HTTP status of the same number."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code, self.description = code, description


@dataclass(frozen=True)
class BotCall:
    """One call as it arrived; `at` is the loop's time in seconds."""

    method: str
    fields: Mapping[str, Any]
    at: float


@dataclass
class FakeBot:
    """One bot. What the real one is not known for certain to do can be set: `replays`, `wraps`, `photo_field`."""

    clock: Time = field(default_factory=Clock)
    token: str = "123456:abc-xyz"
    name: str = "Bà Con"
    """What everybody is called who writes."""
    quota: int = 3000
    """Messages a month; over it 429 "Quota exceeded"."""
    patience: float = 30.0
    """Seconds that a poll waits at most, whatever it asks for."""
    replays: bool = False
    """Whether a poll that finds nothing new is answered at once, with the update handed out last."""
    wraps: bool = True
    """Whether the webhook's body is `{"ok": true, "result": …}` or bare."""
    photo_field: Literal["photo_url", "photo"] = "photo_url"
    takes_local: bool = False
    """Whether a webhook may have a local address, without TLS: the real one refuses it."""
    verification: dict[str, Any] | None = None
    """What setWebhook tells of its own test of the address."""
    url: str = ""
    calls: list[BotCall] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    """Chat and text of every message that was taken."""
    chats: set[str] = field(default_factory=set)
    """Those who wrote: nobody else can be written to."""
    pending: deque[dict[str, Any]] = field(default_factory=deque)
    webhook: dict[str, Any] = field(default_factory=dict)
    unasserted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._last: dict[str, Any] | None = None
        self._planned: list[list[Any]] = []
        self._months: Counter[str] = Counter()
        self._number = 0
        self._changed = asyncio.Condition()
        self._released = asyncio.Event()
        self._runner: web.AppRunner | None = None

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this bot, for whoever serves it."""
        return [web.post("/bot{token}/{method}", self._handle)]

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.heal()
        if self._runner is not None:
            await self._runner.cleanup()
            await closed_connections()

    def fail(
        self, fault: Fault | int, description: str = "", *, method: str = "", chat: str = "", times: int = 1
    ) -> None:
        """Have the next *times* calls (0: all) fail by *method* ("": any) to *chat* ("": any); a number is a code."""
        self._planned.append([fault, description, method, chat, times])

    def heal(self) -> None:
        """Take back every planned fault, and let go of the calls that hang."""
        self._planned.clear()
        self._released.set()
        self._released = asyncio.Event()

    def texts(self, chat: str) -> list[str]:
        """What *chat* got, in order."""
        return [text for to, text in self.sent if to == chat]

    def count(self) -> Counter[str]:
        """Calls by method."""
        return Counter(call.method for call in self.calls)

    async def until(self, method: str, times: int = 1) -> list[BotCall]:
        """Wait until *method* was called so often; these calls."""
        await self.when(lambda: self.count()[method] >= times)
        return [call for call in self.calls if call.method == method]

    async def when(self, holds: Callable[[], bool]) -> None:
        """Wait until *holds*; it is asked at every call and at every message taken."""
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(holds)

    async def writes(self, chat: str, text: str) -> int:
        """The person of *chat* writes. The webhook's status, 0 when polled."""
        return await self.sends(chat, "text", text=text)

    async def sends(self, chat: str, kind: str, **fields: Any) -> int:
        """The person of *chat* sends a message of any kind."""
        self.chats.add(chat)
        return await self.happens(self.message_of(chat, kind, **fields))

    def message_of(self, chat: str, kind: str, **fields: Any) -> dict[str, Any]:
        """The event of a message from *chat*."""
        self._number += 1
        person = {"id": chat, "display_name": self.name, "is_bot": False}
        message: dict[str, Any] = {"from": person, "chat": {"id": chat, "chat_type": "PRIVATE"}}
        message |= {"message_id": f"2d758cb5{self._number:012x}", "date": int(milliseconds(self.clock.at))}
        if kind == "image":
            message[self.photo_field] = "https://photo.test/1.jpg"
        return {"event_name": f"message.{kind}.received", "message": message | fields}

    async def happens(self, event: dict[str, Any]) -> int:
        """Hand out an event. The webhook's status, 0 when polled."""
        self.pending.append(event)
        if self.webhook.get("url"):
            return await self.deliver()
        await self._tell()
        return 0

    async def deliver(self) -> int:
        """Post what is pending to the webhook, in order, up to the first refusal; its status, or the last one's."""
        status = 0
        async with aiohttp.ClientSession() as client:
            while self.pending:
                status = await self._post(client, self.pending[0])
                if not 200 <= status < 300:
                    break
                self.pending.popleft()
        return status

    async def _post(self, client: aiohttp.ClientSession, event: Mapping[str, Any]) -> int:
        body = {"ok": True, "result": event} if self.wraps else event
        headers = {SECRET_HEADER: str(self.webhook.get("secret_token", ""))}
        async with client.post(self.webhook["url"], json=body, headers=headers) as response:
            return response.status

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        fields = json.loads(await request.read() or b"{}")
        self.calls.append(BotCall(method, fields, asyncio.get_running_loop().time()))
        self.unasserted |= {f"{method}.{name}" for name in fields.keys() - FIELDS.get(method, frozenset())}
        await self._tell()
        fault, description = self._fault_of(method, str(fields.get("chat_id", "")))
        if fault is not None and not isinstance(fault, int):
            return await self._broken(fault, request)
        try:
            if request.match_info["token"] != self.token:
                raise Refused(401, "Unauthorized")
            if isinstance(fault, int):
                raise Refused(fault, description)
            result = await self._result(method, fields)
        except Refused as refused:
            body = {"ok": False, "error_code": refused.code, "description": refused.description}
            return web.json_response(body, status=refused.code)
        await self._tell()
        return web.json_response({"ok": True, "result": result})

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _fault_of(self, method: str, chat: str) -> tuple[Fault | int | None, str]:
        for planned in self._planned:
            if planned[2] in ("", method) and planned[3] in ("", chat):
                planned[4] -= 1
                if planned[4] == 0:
                    self._planned.remove(planned)
                return planned[0], planned[1]
        return None, ""

    async def _broken(self, fault: str, request: web.Request) -> web.StreamResponse:
        if fault == "hangs":
            await self._released.wait()
        if fault in ("hangs", "drops") and request.transport is not None:
            request.transport.abort()
        page = "<html>no answer of the Bot Platform</html>"
        return web.Response(status=403 if fault == "is_a_proxy" else 502, text=page)

    async def _result(self, method: str, fields: Mapping[str, Any]) -> object:
        match method:
            case "getMe":
                named = {"id": "123456", "account_name": "bot.fake", "account_type": "BASIC"}
                return named | {"can_join_groups": False}
            case "getUpdates":
                return await self._update(fields)
            case "setWebhook":
                return self._set_webhook(fields)
            case "deleteWebhook" | "getWebhookInfo":
                if not self.webhook:
                    raise Refused(404, "Not Found")
                info = {"url": self.webhook["url"], "updated_at": 1_750_316_131_602}
                self.webhook = {} if method == "deleteWebhook" else self.webhook
                return info if method == "getWebhookInfo" else {}
            case "sendMessage" | "sendPhoto" | "sendSticker" | "sendVoice":
                return self._take(method, fields)
            case "sendChatAction":
                return {}
            case _:
                raise Refused(404, "Not Found")

    async def _update(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """One update, not a list: nothing says that it has been handled, and nothing asks whether it was."""
        if not isinstance(fields.get("timeout"), str):
            raise Refused(400, "Bad Request: timeout must be a string")
        if self.webhook:
            raise Refused(*WEBHOOK_IS_SET)
        if not self.pending and self.replays and self._last is not None:
            return self._last
        try:
            async with asyncio.timeout(min(float(fields["timeout"]), self.patience)), self._changed:
                await self._changed.wait_for(lambda: bool(self.pending))
        except TimeoutError:
            raise Refused(*IDLE) from None
        self._last = self.pending.popleft()
        return self._last

    def _set_webhook(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        url, secret = str(fields.get("url", "")), str(fields.get("secret_token", ""))
        if not self.takes_local and not url.startswith("https://"):
            raise Refused(400, "Bad Request: url must be a public https address")
        if not 8 <= len(secret) <= 256:
            raise Refused(400, "Bad Request: secret_token must have 8 to 256 characters")
        self.webhook = {"url": url, "secret_token": secret}
        told = {"url": url, "updated_at": 1_750_316_131_602}
        return told | ({"verification": self.verification} if self.verification is not None else {})

    def _take(self, method: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        chat, text = fields.get("chat_id"), fields.get("text", fields.get("caption", ""))
        if not isinstance(chat, str) or chat not in self.chats:
            raise Refused(400, "Bad Request: chat not found")
        if not isinstance(text, str) or len(text) > 2000 or (method == "sendMessage" and not text.strip()):
            raise Refused(400, "Bad Request: text must have 1 to 2000 characters")
        month = f"{self.clock.at.astimezone(HANOI):%Y-%m}"
        if self._months[month] >= self.quota:
            raise Refused(429, "Quota exceeded")
        self._months[month] += 1
        self._number += 1
        self.sent.append((chat, text))
        return {"message_id": f"9a{self._number:018x}", "date": int(milliseconds(self.clock.at))}

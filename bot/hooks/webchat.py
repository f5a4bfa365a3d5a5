"""The web chat's routes: the page, what is sent from it, and the stream that brings it what is new.

Everything works as plain forms: a post is answered by a redirect to the page, which shows what the ledger holds. The
page's script sends the same forms in the background and gets the new turns as JSON.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

import msgspec
from aiohttp import web

from bot.channels.webchat import Turn, WebChat
from bot.hooks.webchat_form import LANGUAGES, Sent, new_key, sent_in, slug_in
from bot.hooks.webchat_guard import Buckets, Visitors
from bot.hooks.webchat_page import HERE, MOST_TEXT, Form, Line, Pages, Problem, label_of, lines_after, lines_of
from bot.messages import Address, Incoming, Kind
from bot.services.conversation import Unavailable
from bot.web.assets import Assets
from bot.web.guard import HEADERS, is_from_elsewhere, remote_of

SHOWN: Final = 60
"""How many turns the page shows."""
HEARTBEAT: Final = timedelta(seconds=20)
FORGOTTEN: Final = "/?forgotten=1"
STATUS: Final = {"fast": 429, "long": 422, "lost": 401, "down": 503}


class Conversations(Protocol):
    """What the pages need of the services."""

    async def receive(self, incoming: Incoming) -> None:
        """Act on one message; returns once the turn is committed. A repeated `external_id` does nothing.

        Unavailable: the database is down, and nothing was kept.
        """
        ...

    async def history(self, address: Address, limit: int) -> Sequence[Turn]:
        """The last *limit* turns, oldest first, in the order in which they were said. Empty for a stranger.

        Ours are in it as soon as they are owed to the person now: replies from the commit on, sent or not.
        A turn once given keeps its place: what comes later comes after it.
        """
        ...

    async def language(self, address: Address) -> str:
        """The language of the contact: "vi" or "en"; "" for a stranger."""
        ...


def add_webchat_routes(
    app: web.Application, *, channel: WebChat, conversations: Conversations, secret: str, secure: bool,
    trusted_proxy: bool = False, translate: Callable[[str, str], str] = lambda _language, text: text,
    clock: Callable[[], float] = time.monotonic, is_synthetic: bool = False, site_code: str = "",
) -> None:  # fmt: skip
    """Serve the web chat at `/`.

    *secret* signs the cookie; *secure* is true where the public address is https. *trusted_proxy*: a proxy of ours
    stands in front and sets X-Forwarded-For. *clock* counts seconds from anywhere and never goes back. *is_synthetic*:
    the people in the database were made up. *site_code* shows Zalo that the domain is ours.
    """
    assets = Assets(HERE / "static" / "webchat", "/static/webchat")
    site = _Site(
        channel=channel,
        conversations=conversations,
        visitors=Visitors(secret, is_secure=secure),
        pages=Pages(assets, translate, is_synthetic=is_synthetic, site_code=site_code),
        pace=_Pace(clock, trusts_proxy=trusted_proxy),
    )
    app.router.add_get("/", site.show)
    app.router.add_post("/chat", site.say)
    app.router.add_post("/chat/start", site.begin)
    app.router.add_post("/chat/leave", site.leave)
    app.router.add_get("/chat/new", site.new)
    app.router.add_get("/chat/events", site.events, allow_head=False)
    app.router.add_get(assets.path, assets.show)
    app.on_shutdown.append(site.close)


class _Pace:
    """How fast messages may come. Per address closely; per machine widely: a village may share one (CGNAT, a hall)."""

    def __init__(self, clock: Callable[[], float], *, trusts_proxy: bool) -> None:
        self._trusts_proxy = trusts_proxy
        self._addresses = Buckets(clock, burst=20, rate=0.5)
        self._machines = Buckets(clock, burst=200, rate=5)

    def check(self, request: web.Request, address: Address) -> Problem | None:
        remote = remote_of(request, trusts_proxy=self._trusts_proxy)
        wait = self._machines.take(remote) or self._addresses.take(address.id)
        return Problem("fast", seconds=math.ceil(wait)) if wait else None


@dataclass(frozen=True, slots=True)
class _Site:
    """The handlers and what they share."""

    channel: WebChat
    conversations: Conversations
    visitors: Visitors
    pages: Pages
    pace: _Pace

    async def show(self, request: web.Request) -> web.Response:
        """The conversation so far, or the welcome: looking at it makes no contact."""
        form = Form(new_key(), start=slug_in(request.query, "start"), is_forgotten="forgotten" in request.query)
        return await self._page(request, self.visitors.find(request), form)

    async def begin(self, request: web.Request) -> web.Response:
        """The big button of the welcome, or of a deep link opened by somebody who is here already."""
        sent = await self._form(request)
        address = self.visitors.find(request)
        if address is None:  # the welcome sets a cookie: a browser without one refuses them
            return await self._refuse(request, None, sent, Problem("lost"))
        problem = self._hindrance(request, address, sent)
        if problem is None:
            messages = [sent.incoming(address, Kind.START, text=sent.start)]
            if sent.text:
                messages.append(sent.incoming(address, Kind.TEXT, text=sent.text))
            problem = await self._receive(*messages)
        if problem:
            return await self._refuse(request, address, sent, problem)
        return self._back(address)

    async def say(self, request: web.Request) -> web.Response:
        """One message: typed, or a choice taken."""
        sent = await self._form(request)
        address = self.visitors.find(request)
        if address is None:
            return await self._refuse(request, None, sent, Problem("lost"))
        problem = self._hindrance(request, address, sent)
        if problem is None:
            problem = await self._hear(address, sent)
        if problem:
            return await self._refuse(request, address, sent, problem)
        if wants_json(request):
            return await self._turns(address, sent.after)
        if not await self.conversations.history(address, 1):
            return self._away(FORGOTTEN)
        return self._back(address)

    async def leave(self, request: web.Request) -> web.Response:
        """Forget who this machine belongs to: many share one."""
        await self._form(request)
        return self._away("/")

    async def new(self, request: web.Request) -> web.Response:
        """What came after `?after=`, for browsers without a stream."""
        address = self.visitors.find(request)
        if address is None:
            raise web.HTTPUnauthorized
        return await self._turns(address, request.query.get("after", ""))

    async def events(self, request: web.Request) -> web.StreamResponse:
        """The stream: one event a turn, with its key as id. 204 tells the page to ask now and then instead."""
        address = self.visitors.find(request)
        if address is None or not self.channel.hub.has_room(address.id):
            return web.Response(status=204, headers=HEADERS)
        response = web.StreamResponse(
            headers={**HEADERS, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
        )
        after = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        with suppress(ConnectionError), self.channel.hub.listen(address.id) as bell:  # pages close whenever they like
            await response.prepare(request)
            # not all at once when we come back from a restart
            await response.write(f"retry: {2000 + secrets.randbelow(3000)}\n\n".encode())
            while not bell.is_closed:
                after = await self._tell(response, address, after)
                if not await bell.wait(HEARTBEAT):
                    await response.write(b": here\n\n")
        return response

    async def close(self, _app: web.Application) -> None:
        """End the streams, so that stopping doesn't wait for them."""
        self.channel.hub.close()

    async def _form(self, request: web.Request) -> Sent:
        """HTTPForbidden: it came from another site's page. HTTPBadRequest: no form that we made."""
        if is_from_elsewhere(request):
            language = await self._language(request, self.visitors.find(request))
            text = self.pages.foreign(language)
            raise web.HTTPForbidden(text=text, content_type="text/html", headers=HEADERS)
        return await sent_in(request)

    def _hindrance(self, request: web.Request, address: Address, sent: Sent) -> Problem | None:
        """Why the form isn't taken at all."""
        too_long = Problem("long", length=len(sent.text)) if len(sent.text) > MOST_TEXT else None
        return self.pace.check(request, address) or too_long

    async def _hear(self, address: Address, sent: Sent) -> Problem | None:
        if sent.choice:
            turns = await self.conversations.history(address, SHOWN)
            label = label_of(turns, sent.choice)
            return await self._receive(sent.incoming(address, Kind.TAP, text=label, tap=sent.choice))
        if sent.text:
            return await self._receive(sent.incoming(address, Kind.TEXT, text=sent.text))
        return None

    async def _receive(self, *messages: Incoming) -> Problem | None:
        try:
            for incoming in messages:
                await self.conversations.receive(incoming)
        except Unavailable:
            return Problem("down")
        return None

    async def _language(self, request: web.Request, address: Address | None) -> str:
        known = await self.conversations.language(address) if address else ""
        asked = request.query.get("lang", "")
        return known or (asked if asked in LANGUAGES else LANGUAGES[0])

    async def _page(
        self, request: web.Request, address: Address | None, form: Form, problem: Problem | None = None
    ) -> web.Response:
        turns = await self.conversations.history(address, SHOWN) if address else ()
        language = await self._language(request, address)
        text = self.pages.page(language, turns, form, problem)
        status = STATUS[problem.kind] if problem else 200
        response = web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)
        response.enable_compression()
        self.visitors.remember(response, address or self.visitors.new(), keeps=bool(turns))
        return response

    async def _refuse(
        self, request: web.Request, address: Address | None, sent: Sent, problem: Problem
    ) -> web.Response:
        """Say why, with what was typed still in the form."""
        if wants_json(request):
            language = await self._language(request, address)
            response = json_of({"error": self.pages.words(language, problem)}, STATUS[problem.kind])
        else:
            form = Form(new_key(), text=sent.text, start=sent.start)
            response = await self._page(request, address, form, problem)
        if problem.seconds:
            response.headers["Retry-After"] = str(problem.seconds)
        return response

    def _back(self, address: Address) -> web.Response:
        response = web.Response(status=303, headers={**HEADERS, "Location": "/#end"})
        self.visitors.remember(response, address, keeps=True)
        return response

    def _away(self, to: str) -> web.Response:
        response = web.Response(status=303, headers={**HEADERS, "Location": to})
        self.visitors.forget(response)
        return response

    async def _lines(self, address: Address, after: str) -> tuple[str, list[Line]]:
        turns = await self.conversations.history(address, SHOWN)
        language = await self.conversations.language(address)
        return language or LANGUAGES[0], lines_after(lines_of(turns, language or LANGUAGES[0]), after)

    async def _turns(self, address: Address, after: str) -> web.Response:
        """What is new; or, when nothing is left of somebody who had everything deleted, where the page has to go."""
        language, lines = await self._lines(address, after)
        if lines or await self.conversations.history(address, 1):
            return json_of({"turns": [self._piece(language, line) for line in lines]})
        response = json_of({"turns": [], "go": FORGOTTEN})
        self.visitors.forget(response)
        return response

    def _piece(self, language: str, line: Line) -> dict[str, str]:
        return {"id": line.key, "html": self.pages.piece(language, line)}

    async def _tell(self, response: web.StreamResponse, address: Address, after: str) -> str:
        """Write what is new, and return the key of the last turn written."""
        language, lines = await self._lines(address, after)
        for line in lines:
            data = msgspec.json.encode(self._piece(language, line))
            await response.write(b"id: " + line.key.encode() + b"\ndata: " + data + b"\n\n")
        return lines[-1].key if lines else after


def wants_json(request: web.Request) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def json_of(data: object, status: int = 200) -> web.Response:
    response = web.Response(
        body=msgspec.json.encode(data), status=status, content_type="application/json", headers=HEADERS
    )
    response.enable_compression()
    return response

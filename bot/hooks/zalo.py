"""Zalo's webhook: signed events in, acknowledged only once they are committed, and always within two seconds.

Whatever can't be read is kept for staff and acknowledged: Zalo unsubscribes a webhook that answers otherwise too often.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import msgspec
import structlog
from aiohttp import web
from msgspec.structs import replace

from bot.channels.zalo.signature import HEADER, TIME_HEADER, is_signed
from bot.channels.zalo.wire import (
    CHANNEL,
    MAX_ID,
    Echo,
    Heard,
    Ignored,
    Receipt,
    TemplateChanged,
    Unknown,
    Unparsable,
    event_from,
    seconds_of,
    timestamp_in,
)
from bot.messages import Incoming, Kind
from bot.services.conversation import Unavailable
from bot.services.news import News

log = structlog.get_logger(__name__)

PATH: Final = "/hooks/zalo"
PATIENCE: Final = 1.8
"""Seconds until we ask for the event again while its turn goes on: Zalo gives up after two, and a redelivered one does
nothing."""
FRESH: Final = timedelta(hours=2, minutes=10)
"""How old an event may be: Zalo sends it for the last time after 111 minutes (30 s, then 5, 15, 30 and 60 min)."""
MOST_NAMES: Final = 100
"""Names of events that are counted apart: Zalo has some fifty, and nobody shall fill the health page with others."""
_PROBE: Final = re.compile(rb"\s*(\{\s*\}\s*)?")
"""What Zalo's console sends, unsigned, when the address is saved there; it wants a 200."""
_TRY_AGAIN: Final = {"Retry-After": "2"}

Receive = Callable[[Incoming], Awaitable[None]]
"""Returns once the turn is committed; raises Unavailable while the database is down."""
DeadLetter = Callable[[str, str, bytes, str, str], Awaitable[None]]
"""Keeps for staff what couldn't be read: channel, an id that the same event has again, the raw event, why, and whose it
is ("": nobody's that we know). May raise Unavailable."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What events are checked against. `app_secret` signs none: it only explains a signature that doesn't fit.

    `is_soaking`: in the first days an event that fails the check counts all the same, and is told of.
    """

    app_id: str
    oa_id: str
    oa_secret: str = field(repr=False)
    app_secret: str = field(default="", repr=False)
    is_soaking: bool = False


class ZaloHook:
    """Takes events in. *counts* of what came are shown on the health page."""

    def __init__(
        self, keys: Keys, receive: Receive, dead_letter: DeadLetter, news: News, *, now: Callable[[], datetime],
        counts: Counter[str], patience: float = PATIENCE,
    ) -> None:  # fmt: skip
        self._keys, self._receive, self._dead_letter, self._news = keys, receive, dead_letter, news
        self._now, self._counts, self._patience = now, counts, patience
        self._late = set[asyncio.Task[int]]()
        self._gone = dict[str, float]()

    async def take(self, request: web.Request) -> web.Response:
        """One event. 403: not Zalo's, or too old. 503: send it again; what was begun goes on meanwhile."""
        raw = await request.read()
        if _PROBE.fullmatch(raw):
            return web.Response()
        fault, remark = self._examine(raw, request.headers)
        if fault and not self._keys.is_soaking:
            self._counts["refused"] += 1
            self._news.sightings.note("refused", fault)
            return web.Response(status=403)
        if fault:
            self._counts["unsigned"] += 1
            log.warning("an event that fails the check counts all the same (BOT_ZALO_SOAK)", reason=fault)
            self._news.sightings.note("unsigned", fault)
        self._news.sightings.note("webhook", remark)
        task = asyncio.create_task(self._act(raw))
        self._late.add(task)  # the loop keeps no reference of its own
        task.add_done_callback(self._late.discard)
        done, _pending = await asyncio.wait({task}, timeout=self._patience)
        status = task.result() if done else 503
        return web.Response(status=status, headers=_TRY_AGAIN if status == 503 else None)

    async def close(self, _app: web.Application) -> None:
        """Finish what is being written."""
        await self._news.close()

    def _examine(self, raw: bytes, headers: Mapping[str, str]) -> tuple[str, str]:
        """Why the event can't be trusted ("" when it can) and what is remarkable about one that can: keys of
        `bot.services.sightings.REASONS`."""
        keys, given = self._keys, headers.get(HEADER, "")
        own, sent = _timestamp_in(raw), headers.get(TIME_HEADER, "")
        if not given:
            return "no-signature", ""

        def fits(secret: str, *stamps: str, app_id: str = keys.app_id) -> bool:
            return is_signed(raw, given, app_id=app_id, secrets=[secret], timestamps=stamps)

        if not fits(keys.oa_secret, own, sent):
            if fits(keys.app_secret, own, sent):
                return "app-secret", ""
            return ("oa-id" if fits(keys.oa_secret, own, sent, app_id=keys.oa_id) else "wrong-signature"), ""
        at = seconds_of(own) or seconds_of(sent)
        if at and self._now().timestamp() - at > FRESH.total_seconds():
            return "stale", ""
        return "", ("" if fits(keys.oa_secret, own) else "header-time")

    async def _act(self, raw: bytes) -> int:
        """The status to answer with. Nothing that an event brings may end in anything else: it would come for ever."""
        try:
            try:
                await self._read(raw)
            except (Unparsable, RecursionError) as error:
                await self._keep(raw, str(error))
            except Unavailable:
                raise
            except Exception as error:
                log.exception("an event could not be acted on and is kept as a dead letter")
                await self._keep(raw, repr(error))
        except Unavailable:
            return 503
        except Exception:
            log.exception("an event could not even be kept")
            return 503
        return 200

    async def _read(self, raw: bytes) -> None:
        event = event_from(raw)
        match event:
            case Heard(incoming=incoming):
                self._counts["received"] += 1
                await self._hear(incoming, raw)
            case Receipt(message_ids=ids, state=state, at=at):
                self._counts[f"receipts: {state}"] += 1
                receipts = self._news.receipts
                await (receipts.seen(ids, at) if state == "seen" else receipts.arrived(ids, at))
            case Echo():
                await self._echo(event, raw)
            case TemplateChanged(template_id=template, state=word, at=at) if word:
                self._counts["templates"] += 1
                await self._news.template_changed(template, word=word, at=at)
            case TemplateChanged():
                raise Unparsable("a template changed, and the event doesn't say how")
            case Ignored(name=name):
                known = len(self._counts) < MOST_NAMES or f"left aside: {name}" in self._counts
                self._counts[f"left aside: {name[:48] if known else 'other'}"] += 1
            case Unknown(name=name):
                raise Unparsable(f"nobody knows of an event “{name}”")

    async def _hear(self, incoming: Incoming, raw: bytes) -> None:
        """Act on it, but not on what is brought late of somebody who has withdrawn since: it would make them known
        again. Who did so is remembered, by a digest, for as long as such an event may come."""
        if self._is_another_oas(incoming, raw):
            raise Unparsable("it is of another Official Account: this app has events of several")
        whose, oldest = _digest(incoming.address.id.encode()), self._now().timestamp() - FRESH.total_seconds()
        if 0 < incoming.at < self._gone.get(whose, 0):
            return
        if incoming.kind is Kind.WITHDRAWN:
            self._gone = {key: at for key, at in self._gone.items() if at > oldest} | {whose: incoming.at}
        await self._receive(_without_person(incoming))

    def _is_another_oas(self, incoming: Incoming, raw: bytes) -> bool:
        """An app has one webhook for all accounts that authorised it; ids of their people mean nothing to ours. A
        withdrawal names no account: it is of the app."""
        return incoming.kind is not Kind.WITHDRAWN and self._keys.oa_id.encode() not in raw

    async def _echo(self, echo: Echo, raw: bytes) -> None:
        """Our own words come back; those of a person on our side make it their conversation."""
        if not echo.admin_id:
            self._counts["echoes"] += 1
            return
        is_news = await self._news.takeovers.taken_over(
            echo.address, admin=echo.admin_id, text=echo.text, message_id=echo.message_id or _digest(raw), at=echo.at
        )
        self._counts["taken over" if is_news else "echoes"] += 1

    async def _keep(self, raw: bytes, why: str) -> None:
        self._counts["unread"] += 1
        await self._dead_letter(CHANNEL, _digest(raw), raw, why.replace("\0", ""), _person_in(raw, self._keys.oa_id))


def add_zalo_routes(app: web.Application, hook: ZaloHook) -> None:
    """Serve the webhook."""
    app.router.add_post(PATH, hook.take)
    app.on_cleanup.append(hook.close)


def add_site_proof(app: web.Application, code: str) -> None:
    """Serve the page by which Zalo sees that the domain is ours."""
    page = f'<!doctype html><html><head><meta name="zalo-platform-site-verification" content="{code}" /></head></html>'

    async def show(_request: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html")

    app.router.add_get(f"/zalo_verifier{code}.html", show)


def _timestamp_in(raw: bytes) -> str:
    try:
        return timestamp_in(raw)
    except RecursionError:  # brackets within brackets, a thousand deep
        return ""


def _digest(raw: bytes) -> str:
    """A name for an event that the same one has when it comes again."""
    return sha256(raw).hexdigest()[:MAX_ID]


def _without_person(incoming: Incoming) -> Incoming:
    """An event without an id of its own is named after its person: that name outlives them in the inbox."""
    if "+" not in incoming.external_id:
        return incoming
    return replace(incoming, external_id=_digest(incoming.external_id.encode()))


def _person_in(raw: bytes, oa_id: str) -> str:
    """Whom an unread event is about, as far as it says: it is emptied when they are forgotten."""
    try:
        event = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    if not isinstance(event, dict):
        return ""
    named: list[Any] = [event.get(role) for role in ("sender", "recipient", "follower")]
    ids = [one.get("id") for one in named if isinstance(one, dict)] + [event.get("user_id")]
    told = (str(one) for one in ids if isinstance(one, str | int))
    return next((one for one in told if one not in ("", oa_id) and len(one) <= MAX_ID and "\0" not in one), "")

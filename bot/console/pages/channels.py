"""How each channel does: what it lacks, how its templates stand, what came unread, what is still to be settled."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

from aiohttp import web

from bot.channels.base import Channel, Metered, SendError
from bot.console.reports import Asked, Reports, one_of
from bot.console.routing import Routes, may
from bot.console.visit import Visit, cleaned
from bot.engine.content import Template
from bot.services.checkup import zalo
from bot.services.checkup.checklist import POINTS, proofs, steps
from bot.services.checkup.sign import Sign
from bot.services.exporting.table import Batch, Column, Report
from bot.services.templates import Registry, is_usable, of_channel, state_words, why_not
from bot.speech import _
from bot.store import sightings, unread
from bot.store.templates import Filed
from bot.store.unread import Place, Unread

routes = Routes()
reports = Reports()
HOURS = 24.0
"""A webhook that is silent for longer is told of: no account with people in it has a day without a word."""
PAGE = 20
BATCH = 500
"""Events that are shown on a page, and read at a time for a file."""
LOOKS: Mapping[str, str] = {"ok": "good", "warn": "warn", "bad": "bad", "off": ""}
SIGNS: Mapping[str, str] = {"ok": _("tốt"), "warn": _("nên xem"), "bad": _("hỏng"), "off": _("chưa bật")}


@dataclass(frozen=True, slots=True)
class Shown:
    """One channel in the list. *state* is what it says of itself; "" while all is well."""

    name: str
    is_well: bool
    is_pretended: bool
    state: str
    buttons: bool
    most: int
    unread: int


@dataclass(frozen=True, slots=True)
class Carried:
    """A template, what Zalo said of it last, and what keeps it from being used."""

    template: Template
    filed: Filed | None
    state: str
    is_usable: bool
    why_not: str


@routes.get("/channels", "read")
async def show(visit: Visit) -> web.StreamResponse:
    """All of it; what people wrote, only to admins, who work for the whole city."""
    return await _page(visit)


@routes.post("/channels/zalo/templates", "administer")
async def ask(visit: Visit) -> web.StreamResponse:
    """Ask Zalo how each template stands now."""
    site = visit.site
    if site.zalo_account is None or not _is_real(visit, zalo.CHANNEL):
        raise web.HTTPNotFound
    async with site.reading.connect() as db:
        tokens = await zalo.borrowed(db, site.secret)
    if tokens is None:
        return await _page(visit, (_("Chưa có mã truy cập Zalo: cấp phép trước, rồi hỏi lại."),))
    registry = Registry(site.database, site.zalo_account(tokens), zalo.CHANNEL)
    try:
        found = await registry.sync(of_channel(site.library(), zalo.CHANNEL), at=site.now(), by=visit.login)
    except SendError as error:
        return await _page(visit, (_("Zalo không trả lời được: {reason}").format(reason=error.reason),))
    return visit.redirect("/channels", done=_("Đã hỏi lại Zalo về {count} mẫu.").format(count=len(found)))


@reports.offer("unread", "administer")
async def unread_events(visit: Visit, asked: Asked) -> Report:
    """Every event that nobody could read, raw."""
    channel = one_of(asked, "channel")
    columns = (
        Column("channel", _("Kênh")), Column("id", _("Mã sự kiện")), Column("at", _("Lúc"), "moment"),
        Column("reason", _("Vì sao không hiểu")), Column("raw", _("Nguyên văn")),
    )  # fmt: skip

    async def batches() -> AsyncIterator[Batch]:
        before: Place | None = None
        while True:
            async with visit.site.reading.connect() as db:
                found = await unread.listing(db, channel=channel, before=before, limit=BATCH)
            yield Batch([(one.channel, one.external_id, one.received_at, one.reason, one.text) for one in found])
            if len(found) < BATCH:
                return
            before = found[-1].place

    return Report("unread", columns, batches(), {"channel": channel} if channel else {})


async def _page(visit: Visit, faults: Sequence[str] = ()) -> web.StreamResponse:
    site = visit.site
    before = _place(cleaned(visit.query.get("before", "")))
    is_on = _is_real(visit, zalo.CHANNEL)
    async with site.reading.connect() as db:
        known = await zalo.known(db, now=site.now(), web_secret=site.secret) if is_on else None
        counts = await unread.counts(db)
        found = await unread.listing(db, before=before, limit=PAGE + 1) if may(visit.officer.role, "administer") else []
    return visit.page(
        "channels.html", status=422 if faults else 200, faults=faults, looks=LOOKS, signs=SIGNS,
        channels=[_shown(name, one, counts.get(name, 0)) for name, one in site.channels.items()],
        zalo=_zalo(visit, known) if known is not None else None, carried=_carried(visit, known),
        unread=found[:PAGE], unread_count=sum(counts.values()), is_first=before is None, pretty=_pretty,
        after=_typed_place(found[PAGE - 1].place) if len(found) > PAGE else "",
    )  # fmt: skip


def _is_real(visit: Visit, name: str) -> bool:
    """Whether the channel is on, and leads out of this machine."""
    return isinstance(visit.site.channels.get(name), Metered)


def _shown(name: str, channel: Channel, unread_count: int) -> Shown:
    health, can = channel.health(), channel.capabilities
    state = str(health.get("state", ""))
    is_pretended = state.startswith("pretends")
    return Shown(
        name, bool(health.get("ok")), is_pretended, "" if state == "ready" else state, can.buttons, can.max_text,
        unread_count,
    )  # fmt: skip


def _zalo(visit: Visit, known: zalo.Known) -> Mapping[str, object]:
    """What the page tells of the Official Account."""
    site = visit.site
    signs: Sequence[Sign] = zalo.of_known(known, now=site.now(), hours=HOURS, soaks=site.soaks)
    proven = proofs(known.evidence)
    points = [(point, proven.get(point.key, "")) for point in POINTS]
    reach = site.channels[zalo.CHANNEL].capabilities.reach
    return {
        "signs": signs, "tokens": known.tokens, "needs_consent": not known.tokens.is_ok,
        "counts": {name: known.seen[name].count if name in known.seen else 0 for name in get_args(sightings.Name)},
        "prices": reach.prices if reach else {}, "steps": steps(site.public_url),
        "open": [one for one in points if not one[0].is_idle and not one[1]],
        "settled": [one for one in points if one[0].is_idle or one[1]],
    }  # fmt: skip


def _carried(visit: Visit, known: zalo.Known | None) -> Sequence[Carried]:
    filed = known.filed if known is not None else {}
    return [
        Carried(
            one, filed.get(one.id), state_words(filed[one.id].state) if one.id in filed else "",
            is_usable(one, filed.get(one.id)), why_not(one, filed.get(one.id)),
        )
        for one in of_channel(visit.site.library(), zalo.CHANNEL)
    ]  # fmt: skip


def _pretty(one: Unread) -> str:
    """JSON laid out to be read; anything else as it came."""
    try:
        return json.dumps(json.loads(one.text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return one.text


def _typed_place(place: Place) -> str:
    at, channel, key = place
    return f"{at.isoformat()} {channel} {key}"


def _place(text: str) -> Place | None:
    """Where the page before ended, of "2026-11-26T03:00:00+00:00 zalo abc"; the start when it is none."""
    at, _space, rest = text.partition(" ")
    channel, _space, key = rest.partition(" ")
    try:
        moment = datetime.fromisoformat(at)
        return (moment.astimezone(UTC), channel, key) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None

"""The content desk: is what we say still true, who looked, and what must not be said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import get_args

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console.routing import Routes
from bot.console.visit import Visit
from bot.engine.words import fold
from bot.services.broadcasting.model import ENDED, Broadcast, State, broadcast_from
from bot.services.broadcasting.rights import Refused
from bot.services.fact_checking import LONGEST, MONTHS
from bot.services.fact_usage import FactSheet, sheets, silent_today, uses
from bot.services.handoff import names_of
from bot.speech import _
from bot.store import broadcasts, rulings

routes = Routes()
COMING = tuple(state for state in get_args(State) if state not in ENDED)
MOST = 200
"""Broadcasts looked through for a fact: far more than a city has under way at once."""
FILTERS: Mapping[str, tuple[str, Callable[[FactSheet], bool]]] = {
    "": (_("Tất cả"), lambda _sheet: True),
    "overdue": (_("Quá ngày soát"), lambda sheet: sheet.standing == "overdue"),
    "soon": (_("Sắp tới ngày"), lambda sheet: sheet.standing == "soon"),
    "silent": (_("Không nói được"), lambda sheet: sheet.is_silent),
    "withheld": (_("Đang tạm ngừng"), lambda sheet: sheet.standing == "withheld"),
}  # fmt: skip


@routes.get("/content", "read")
async def show_all(visit: Visit) -> web.StreamResponse:
    """Every fact by its review day, the longest overdue first; and what can't be said today."""
    library, today = visit.site.library(), visit.site.today()
    async with visit.site.reading.connect() as db:
        found = await rulings.latest(db)
        names = await names_of(db, [one.author for one in found])
    every = sheets(library, today, found)
    on, words = visit.query.get("on", ""), visit.query.get("q", "")
    on = on if on in FILTERS else ""
    shown = [sheet for sheet in every if FILTERS[on][1](sheet) and _holds(sheet, words)]
    return visit.page(
        "content.html", sheets=shown, on=on, words=words, names=names, silent=silent_today(library, today),
        filters={name: (label, sum(map(holds, every))) for name, (label, holds) in FILTERS.items()},
    )  # fmt: skip


@routes.get("/content/facts/{fact}", "read")
async def show(visit: Visit) -> web.StreamResponse:
    """One fact: what it says when, on what ground, who looked, where it is used."""
    return await _one(visit)


@routes.post("/content/facts/{fact}/check", "check")
async def check(visit: Visit) -> web.StreamResponse:
    """Say that it was checked and stands."""
    name = visit.request.match_info["fact"]
    months = visit.field("months")
    try:
        review = await visit.site.facts.check(
            name, visit.login, months=int(months) if months.isascii() and months.isdigit() else 0,
            digest_seen=visit.field("digest"),
        )  # fmt: skip
    except Refused as refusal:
        return await _one(visit, problems=refusal.lines)
    done = _("Đã ghi: bạn soát dữ kiện này hôm nay. Soát lại trước {day}.").format(day=f"{review:%d/%m/%Y}")
    return visit.redirect(f"/content/facts/{name}", done=done)


@routes.post("/content/facts/{fact}/withhold", "check")
async def withhold(visit: Visit) -> web.StreamResponse:
    """Have nobody told it from now on."""
    name, reason = visit.request.match_info["fact"], visit.field("reason")
    try:
        await visit.site.facts.withhold(name, visit.login, reason=reason)
    except Refused as refusal:
        return await _one(visit, reason=reason, errors={"reason": " ".join(refusal.lines)})
    done = _("Đã tạm ngừng: từ tin tới, bot không nói dữ kiện này nữa.")
    return visit.redirect(f"/content/facts/{name}", done=done)


@routes.post("/content/facts/{fact}/undo", "check")
async def undo(visit: Visit) -> web.StreamResponse:
    """Take back what was ruled."""
    name = visit.request.match_info["fact"]
    kind: rulings.Kind = "withheld" if visit.field("kind") == "withheld" else "checked"
    try:
        await visit.site.facts.undo(name, visit.login, kind=kind)
    except Refused as refusal:
        return await _one(visit, problems=refusal.lines)
    return visit.redirect(f"/content/facts/{name}", done=_("Đã thu lại."))


async def _one(
    visit: Visit, *, problems: Sequence[str] = (), errors: Mapping[str, str] | None = None, reason: str = ""
) -> web.StreamResponse:  # fmt: skip
    name, library = visit.request.match_info["fact"], visit.site.library()
    if name not in library.facts:
        raise web.HTTPNotFound
    async with visit.site.reading.connect() as db:
        found, history = await rulings.latest(db), await rulings.of_fact(db, name)
        names = await names_of(db, [*(one.author for one in history), *(one.undone_by for one in history)])
        [sheet] = [one for one in sheets(library, visit.site.today(), found) if one.fact.id == name]
        sent = await _broadcasts(visit, db, sheet.messages)
    return visit.page(
        "fact.html", status=422 if problems or errors else 200, sheet=sheet, history=history, names=names,
        broadcasts=sent, problems=problems, errors=errors or {}, reason=reason, months=MONTHS, longest=LONGEST,
        titles={one: library.dialogs[one].title for one in sheet.dialogs}, today=visit.site.today(),
    )  # fmt: skip


async def _broadcasts(visit: Visit, db: AsyncConnection, messages: Sequence[str]) -> Sequence[Broadcast]:
    """Those that say one of *messages* and have not ended."""
    library = visit.site.library()
    rows = await broadcasts.listing(db, states=COMING, area=visit.officer.communes, limit=MOST)
    return [one for one in map(broadcast_from, rows) if uses(library, one, messages)]


def _holds(sheet: FactSheet, words: str) -> bool:
    version = sheet.version
    held = fold(f"{sheet.fact.id} {sheet.fact.about} {version.law if version else ''}")
    return all(word in held for word in fold(words).split())

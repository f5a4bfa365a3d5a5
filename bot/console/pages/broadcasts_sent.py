"""Who got it? The recipients of a broadcast, page by page, and what became of each one's message."""

from __future__ import annotations

from aiohttp import web

from bot.console.access import access_broadcast, area_of
from bot.console.forms.values import id_from
from bot.console.pages.broadcasts import LOOKS
from bot.console.routing import Routes
from bot.console.visit import Visit
from bot.engine.model import HOUSEHOLD_KINDS
from bot.services.broadcasting.rights import STATES
from bot.services.broadcasting.words import STATUSES
from bot.services.routing import metered
from bot.store import broadcasts, previews

routes = Routes()
PAGE = 50
FILTERS = ("status", "error", "household", "commune")


@routes.get("/broadcasts/{id}/recipients", "read")
async def show(visit: Visit) -> web.StreamResponse:
    """A page of them. Who works for some communes sees the people of these alone."""
    asked = {name: visit.query.get(name, "") for name in FILTERS}
    area = area_of(visit.officer)
    if asked["commune"] and area and asked["commune"] not in area:
        raise web.HTTPNotFound
    async with visit.site.reading.connect() as db:
        one = await access_broadcast(db, visit.officer, visit.number())
        rows = await broadcasts.recipients(
            db, one.id, status=asked["status"], error=asked["error"], household=asked["household"] or None,
            communes=(asked["commune"],) if asked["commune"] else area, after=_place(visit.query.get("after", "")),
            limit=PAGE + 1,
        )  # fmt: skip
        counts, failures = await broadcasts.counts(db, one.id), await previews.failures(db, one.id)
    communes = visit.site.library().communes.values()
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return visit.page(
        "broadcast_recipients.html", one=one, rows=rows[:PAGE], asked=asked, counts=counts, statuses=STATUSES,
        states=STATES, looks=LOOKS, households=HOUSEHOLD_KINDS,
        reasons=sorted({error for _status, error, _count in failures if error}),
        communes=[each for each in communes if not area or each.code in area],
        after=f"{last['chunk_id']}:{last['id']}" if last else "", is_first=not visit.query.get("after"),
        windows=metered(visit.site.channels),
    )  # fmt: skip


def _place(text: str) -> tuple[int, int]:
    """Where the page before ended, of "12:345"; the start when it is none."""
    chunk, row = (id_from(part) for part in text.partition(":")[::2])
    return broadcasts.START if chunk is None or row is None else (chunk, row)

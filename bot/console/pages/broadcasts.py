"""Tin gửi: what goes out when, and how did it go? All broadcasts as a list, or on the days of a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console.access import area_of
from bot.console.forms.segment import read_query
from bot.console.forms.values import id_from
from bot.console.routing import Routes
from bot.console.visit import Visit
from bot.services.broadcasting.calendar import by_day
from bot.services.broadcasting.model import Broadcast, State, broadcast_from
from bot.services.broadcasting.progress import PENDING
from bot.services.broadcasting.rights import STATES
from bot.services.broadcasting.timing import HANOI, start_in_words
from bot.services.segmenting.saving import UNDER_WAY
from bot.speech import _
from bot.store import broadcasts

routes = Routes()
PAGE = 25
TABS: Mapping[str, tuple[str, Sequence[State]]] = {
    "": (_("Tất cả"), ()),
    "draft": (_("Nháp"), ("draft",)),
    "submitted": (_("Chờ duyệt"), ("submitted",)),
    "ahead": (_("Sắp gửi"), ("approved", "scheduled")),
    "sending": (_("Đang gửi"), ("sending", "paused")),
    "done": (_("Đã xong"), ("done",)),
    "off": (_("Hủy, hết hạn"), ("cancelled", "expired")),
}
LOOKS: Mapping[State, str] = {
    "draft": "", "submitted": "warn", "approved": "calm", "scheduled": "calm", "sending": "calm", "paused": "warn",
    "done": "good", "cancelled": "bad", "expired": "bad",
}  # fmt: skip
"""The badge of each state."""
YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the list. `done` of `total` messages have ended; both 0 before any was made."""

    one: Broadcast
    segment: str
    when: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Month:
    """The days of a month, the weekday of the first (0 is Monday), and the months beside it."""

    first: date
    days: Sequence[date]
    before: str
    after: str

    @property
    def starts(self) -> int:
        """Empty places before the first day."""
        return self.first.weekday()


@routes.get("/broadcasts", "read")
async def show_all(visit: Visit) -> web.StreamResponse:
    """The newest first, those of one state or all."""
    tab = visit.query.get("state", "")
    tab = tab if tab in TABS else ""
    start, area = id_from(visit.query.get("before", "")), area_of(visit.officer)
    async with visit.site.reading.connect() as db:
        rows = await broadcasts.listing(db, states=TABS[tab][1], area=area, before=start, limit=PAGE + 1)
        counted = await broadcasts.by_state(db, area=area)
        lines = await lines_of(db, visit, [broadcast_from(row) for row in rows[:PAGE]])
    counts = {key: sum(counted.get(state, 0) for state in states or STATES) for key, (_told, states) in TABS.items()}
    return visit.page(
        "broadcasts.html", lines=lines, tab=tab, tabs=TABS, counts=counts, states=STATES, looks=LOOKS,
        older=lines[-1].one.id if len(rows) > PAGE else None, is_first=start is None,
    )  # fmt: skip


async def lines_of(db: AsyncConnection, visit: Visit, found: Sequence[Broadcast]) -> list[Line]:
    """The rows that tell of these broadcasts."""
    tallies = await broadcasts.tallies(db, [one.id for one in found])
    lines = []
    for one in found:
        query, counts = await read_query(db, visit, one.segment), tallies[one.id]
        done = sum(count for status, count in counts.items() if status not in PENDING)
        total = sum(counts.values()) if one.is_planned else max(sum(counts.values()), one.audience)
        lines.append(Line(one, query.words or one.segment, start_in_words(one.timing), done, total))
    return lines


@routes.get("/broadcasts/calendar", "read")
async def show_calendar(visit: Visit) -> web.StreamResponse:
    """A month: what went out, what is set, the slots to come of what recurs."""
    month = _month(visit.query.get("month", ""), visit.site.today())
    first = datetime.combine(month.first, time(), HANOI)
    last = datetime.combine(month.days[-1] + timedelta(days=1), time(), HANOI)
    async with visit.site.reading.connect() as db:
        rows = await broadcasts.between(db, first, last, waiting=UNDER_WAY, area=area_of(visit.officer))
    entries = by_day([broadcast_from(row) for row in rows], first, last, visit.site.now())
    return visit.page(
        "broadcast_calendar.html", month=month, entries=entries, today=visit.site.today(), states=STATES, looks=LOOKS,
        holidays=visit.site.library().holidays,
    )  # fmt: skip


def _month(text: str, today: date) -> Month:
    """The month in "2026-11"; this one when it is none."""
    year, _dash, number = text.partition("-")
    is_month = text.isascii() and year.isdigit() and number.isdigit() and len(text) <= 7
    first = date(int(year), int(number), 1) if is_month and _is_real(int(year), int(number)) else today.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    days = [first + timedelta(days=ahead) for ahead in range((after - first).days)]
    return Month(first, days, f"{first - timedelta(days=1):%Y-%m}", f"{after:%Y-%m}")


def _is_real(year: int, month: int) -> bool:
    return year in YEARS and 1 <= month <= 12

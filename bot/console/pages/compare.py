"""Broadcasts side by side: how many they reached, and what people did with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console.access import access_broadcast, area_of
from bot.console.breakdowns import words_of
from bot.console.charts import Bar
from bot.console.rendering import share
from bot.console.reports import Asked, Reports
from bot.console.routing import Routes
from bot.console.visit import Visit
from bot.services.broadcasting.model import Broadcast, broadcast_from
from bot.services.discretion import Count, told
from bot.services.exporting.table import Column, Report, Row, Table, report_of
from bot.services.insight import readings
from bot.services.insight.figures import BroadcastResult
from bot.speech import _
from bot.store import broadcasts

routes = Routes()
reports = Reports()
OFFERED, MOST = 50, 8
"""Broadcasts that may be picked from; that stand side by side: more bars than that nobody reads."""
SENT = ("done", "cancelled", "expired")
MEASURES: Sequence[tuple[str, str, Callable[[BroadcastResult], int]]] = (
    ("answered", _("Trả lời trong một ngày"), lambda came: came.answered),
    ("followed", _("Vào một hội thoại"), lambda came: came.followed),
    ("stopped", _("Dừng tin vì nó"), lambda came: came.stopped),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One broadcast and what came of it."""

    broadcast: Broadcast
    came: BroadcastResult

    def part(self, count: int) -> float | None:
        """*count* as a share of those reached; None where it would tell a number that is not told."""
        is_told = isinstance(told(count), int) and isinstance(told(self.came.reached), int)
        return count / self.came.reached if self.came.reached and is_told else None


@routes.get("/compare", "read")
async def show(visit: Visit) -> web.StreamResponse:
    """Pick some, and see them side by side."""
    picked = _numbers(visit.request.query.getall("with", []))
    async with visit.site.reading.connect() as db:
        rows = await broadcasts.listing(db, states=SENT, area=area_of(visit.officer), limit=OFFERED)
        compared = await _compared(visit, db, picked)
    pictures = [(_(words), _bars(visit, compared, of)) for _key, words, of in MEASURES]
    return visit.page(
        "compare.html", offered=[broadcast_from(row) for row in rows], picked=picked, table=_table(compared),
        pictures=pictures, links=[visit.url(f"/broadcasts/{one.broadcast.id}") for one in compared], most_=MOST,
    )  # fmt: skip


@reports.offer("compare", "read")
async def report(visit: Visit, asked: Asked) -> Report:
    """The same as a file."""
    picked = _numbers(asked.get("with", ()))
    async with visit.site.reading.connect() as db:
        compared = await _compared(visit, db, picked)
    return report_of("compare", _table(compared), {"broadcasts": picked})


def _numbers(texts: Sequence[str]) -> Sequence[int]:
    numbers = (int(text) for text in texts if text.isascii() and text.isdigit() and len(text) <= 18)
    return list(dict.fromkeys(numbers))[:MOST]


async def _compared(visit: Visit, db: AsyncConnection, picked: Sequence[int]) -> Sequence[Compared]:
    return [
        Compared(await access_broadcast(db, visit.officer, number), await readings.broadcast_result(db, number))
        for number in picked
    ]


def _table(compared: Sequence[Compared]) -> Table:
    columns = [
        Column("broadcast", _("Tin gửi")), Column("started", _("Bắt đầu"), "moment"),
        Column("reached", _("Đã tới"), "number"),
    ]  # fmt: skip
    for key, words, _of in MEASURES:
        columns += [Column(key, _(words), "number"), Column(f"{key}_share", _("phần trăm"), "share")]
    return Table(columns, [_row(one) for one in compared])


def _row(one: Compared) -> Row:
    cells: list[Count | float | None] = []
    for _key, _words, of in MEASURES:
        cells += [told(of(one.came)), one.part(of(one.came))]
    return one.broadcast.name, one.broadcast.started_at, told(one.came.reached), *cells


def _bars(visit: Visit, compared: Sequence[Compared], of: Callable[[BroadcastResult], int]) -> Sequence[Bar]:
    return [
        Bar(one.broadcast.name, one.part(of(one.came)) or 0.0, _part_words(visit, one, of(one.came)))
        for one in compared
    ]  # fmt: skip


def _part_words(visit: Visit, one: Compared, count: int) -> str:
    part = one.part(count)
    return words_of(visit, told(count)) if part is None else share(visit.language, part, 1, 1)

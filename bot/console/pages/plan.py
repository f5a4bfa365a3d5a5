"""The plan: which of its sections the dialogs carry, and how many people each has reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from bot.console.access import area_of
from bot.console.reports import Asked, Reports
from bot.console.routing import Routes
from bot.console.visit import Visit
from bot.engine.checks.coverage import plan_coverage
from bot.services.discretion import Count, told
from bot.services.exporting.table import Column, Report, Table, report_of
from bot.services.insight import readings
from bot.services.insight.figures import Coverage
from bot.speech import _

routes = Routes()
reports = Reports()
NOBODY = Coverage(0, 0)


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the plan: `dialogs` are (id, title) of those that carry it."""

    number: str
    words: str
    dialogs: Sequence[tuple[str, str]]
    people: Count
    messages: Count

    @property
    def depth(self) -> int:
        """How deep it stands below its part: 0 for "I", 1 for "I.1"."""
        return self.number.count(".") + self.number.count("-")


@routes.get("/plan", "read")
async def show(visit: Visit) -> web.StreamResponse:
    """Every section, in the plan's order."""
    sections = await _sections(visit)
    silent = [one for one in sections if one.dialogs and not one.people]
    return visit.page(
        "plan.html", sections=sections, silent=silent, missing=[one for one in sections if not one.dialogs],
        most=max((one.people for one in sections if isinstance(one.people, int)), default=0),
    )  # fmt: skip


@reports.offer("coverage", "read")
async def report(visit: Visit, _asked: Asked) -> Report:
    """The same as a file."""
    columns = (
        Column("section", _("Mục")), Column("words", _("Lời của mục")), Column("dialogs", _("Hội thoại")),
        Column("people", _("Số người"), "number"), Column("messages", _("Số tin"), "number"),
    )  # fmt: skip
    rows = [
        (one.number, one.words, ", ".join(title for _id, title in one.dialogs), one.people, one.messages)
        for one in await _sections(visit)
    ]
    return report_of("coverage", Table(columns, rows), {"days": readings.LATELY})


async def _sections(visit: Visit) -> Sequence[Section]:
    library = visit.site.library()
    async with visit.site.reading.connect() as db:
        reached = await readings.coverage(db, area=area_of(visit.officer), today=visit.site.today())
    return [
        Section(
            number, visit.say(library.plan[number]),
            [(name, visit.say(library.dialogs[name].title)) for name in dialogs],
            told(reached.get(number, NOBODY).people), told(reached.get(number, NOBODY).messages),
        )
        for number, dialogs in plan_coverage(library).items()
    ]  # fmt: skip

"""The first page: what needs somebody today, whether the bot is well, whether people are being reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console import charts
from bot.console.access import area_of
from bot.console.breakdowns import spreads_of, words_of
from bot.console.charts import Bar
from bot.console.findings import RANGES, busiest, change, daily, days_asked, short_day, span_of
from bot.console.rendering import number, share
from bot.console.reports import Asked, Reports
from bot.console.routing import Routes
from bot.console.visit import Visit
from bot.services.attention import needs
from bot.services.broadcasting.model import Broadcast, broadcast_from
from bot.services.broadcasting.rights import STATES
from bot.services.discretion import Few, told
from bot.services.exporting.table import Column, Report, Table, report_of
from bot.services.insight import readings
from bot.services.insight.figures import Activity, BroadcastResult, Day, People, Span
from bot.speech import _
from bot.store import broadcasts

routes = Routes()
reports = Reports()
LATELY, TOPICS = 5, 8
"""Broadcasts and topics that are shown."""
BEGUN = ("sending", "paused", "done")


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the numbers that stand first: its label, itself in words, how it moves, and its days as a small line.

    `to` is the page that has more of it, `more` the words that lead there.
    """

    label: str
    value: str
    trend: str
    days: Sequence[float]
    to: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart: what it shows, the drawing, the table that it was drawn from."""

    title: str
    drawing: Markup
    table: Table


@routes.get("/", "read")
async def show(visit: Visit) -> web.StreamResponse:
    """The page. It reads roll-ups only, and costs the same whatever the length of the log."""
    days, site, area = days_asked(visit), visit.site, area_of(visit.officer)
    now, before = _halves(visit, days)
    async with site.reading.connect() as db:
        waits = await needs(
            db, area=area, facts=site.library().facts, channels=site.channels, now=site.now(), today=site.today()
        )
        people = await readings.people(db, area=area)
        lately, earlier = await readings.activity(db, now, area=area), await readings.activity(db, before, area=area)
        topics = await readings.topics(db, now, area=area)
        sent = await _sent_lately(db, area)
    return visit.page(
        "overview.html", days=days, ranges_=RANGES, needs=waits, people=people, spreads=spreads_of(visit, people),
        figures=_figures(visit, people, lately, earlier), line=_line(visit, lately, earlier), hours=_hours(lately),
        topics=_topics(visit, topics), sent=sent, states=STATES,
    )  # fmt: skip


@reports.offer("people", "read")
async def people_report(visit: Visit, _asked: Asked) -> Report:
    """People by commune, kind of household, channel and language."""
    async with visit.site.reading.connect() as db:
        people = await readings.people(db, area=area_of(visit.officer))
    columns = (
        Column("by", _("Chia theo")), Column("code", _("Mã")), Column("name", _("Tên")),
        Column("people", _("Số người"), "number"),
    )  # fmt: skip
    spreads = spreads_of(visit, people)
    rows = [
        (one.table.columns[0].title, code, one.names[code], cell) for one in spreads for code, cell in one.cells.items()
    ]
    return report_of("people", Table(columns, rows))


def _halves(visit: Visit, days: int) -> tuple[Span, Span]:
    """The days asked for, and as many before them to compare with."""
    now = span_of(visit.site.today(), days)
    return now, Span(now.first - timedelta(days=days), now.first - timedelta(days=1))


def _figures(visit: Visit, people: People, now: Activity, before: Activity) -> Sequence[Figure]:
    new, stopped = _sum(now, "new"), _sum(now, "stopped")
    heard, missed, whole = _sum(now, "heard"), _sum(now, "missed"), _whole(now)
    was = share_of(_sum(before, "missed"), _sum(before, "heard"))
    return (
        Figure(
            _("người đã trò chuyện với bot"), words_of(visit, told(people.total)),
            _("thêm {new} người mới, {stopped} lượt dừng tin").format(
                new=words_of(visit, told(new)), stopped=number(visit.language, stopped)
            ),
            _told_days(whole, "new"),
        ),
        Figure(
            _("người nhắn trong {days} ngày qua").format(days=len(now.days)),
            words_of(visit, told(now.active_total)),
            _versus(change(visit, _mean(whole, "active"), _mean(before.days, "active"))), _told_days(whole, "active"),
        ),
        Figure(
            _("tin bot chưa hiểu, {share} số tin").format(share=share(visit.language, missed, heard, 1)),
            number(visit.language, missed), _versus(change(visit, share_of(missed, heard), was)),
            [share_of(day.missed, day.heard) for day in whole], visit.url("/missed"), _("Xem từng lời"),
        ),
    )  # fmt: skip


def _versus(moved: str) -> str:
    return _("{change} so với kỳ trước").format(change=moved) if moved else _("chưa có kỳ trước để so")


def share_of(part: float, whole: float) -> float:
    """A share of nothing is nothing."""
    return part / whole if whole else 0.0


def _sum(activity: Activity, name: str) -> int:
    return sum(getattr(day, name) for day in activity.days)


def _whole(activity: Activity) -> Sequence[Day]:
    """The days that are over: today would look like a fall."""
    return activity.days[:-1] or activity.days


def _mean(days: Sequence[Day], name: str) -> float:
    return float(sum(getattr(day, name) for day in days)) / max(1, len(days))


def _told_days(days: Sequence[Day], name: str) -> list[float]:
    """Days with too few people are drawn as none."""
    counts = (told(getattr(day, name)) for day in days)
    return [0 if isinstance(count, Few) else count for count in counts]


def _line(visit: Visit, now: Activity, before: Activity) -> Picture:
    days = _whole(now)
    active, new = _told_days(days, "active"), _told_days(days, "new")
    top = charts.nice(max((*active, *new), default=0))
    drawing = charts.line_chart(
        [charts.Line(_("nhắn tin"), active, words_of(visit, told(days[-1].active))),
         charts.Line(_("người mới"), new, words_of(visit, told(days[-1].new)))],
        [short_day(visit, day.day) for day in days], ["0", number(visit.language, top)], top,
    )  # fmt: skip
    columns = (
        Column("day", _("Ngày"), "day"), Column("active", _("Người nhắn"), "number"),
        Column("new", _("Người mới"), "number"), Column("heard", _("Tin nhận"), "number"),
        Column("said", _("Tin bot nói"), "number"), Column("missed", _("Chưa hiểu"), "number"),
    )  # fmt: skip
    rows = [
        (day.day, told(day.active), told(day.new), day.heard, day.said, day.missed) for day in reversed(now.days)
    ]  # fmt: skip
    title = daily(visit, [day.active for day in days], [day.active for day in before.days])
    return Picture(title, drawing, Table(columns, rows))


def _hours(activity: Activity) -> Picture:
    top, title = busiest(activity.hours)
    marks = [str(hour) if hour % 6 == 0 else "" for hour in range(len(activity.hours))]
    columns = (Column("hour", _("Giờ")), Column("heard", _("Tin nhận"), "number"))
    rows = [(_("{hour} giờ").format(hour=hour), count) for hour, count in enumerate(activity.hours)]
    return Picture(title, charts.columns(activity.hours, marks, strong=top), Table(columns, rows))


def _topics(visit: Visit, topics: Sequence[tuple[str, int]]) -> Sequence[Bar]:
    dialogs = visit.site.library().dialogs
    known = [(dialogs[name], told(people)) for name, people in topics if name in dialogs and dialogs[name].topic]
    return [
        Bar(visit.say(one.title), count, words_of(visit, count), visit.url(f"/dialogs/{one.id}"))
        for one, count in known[:TOPICS]
    ]  # fmt: skip


async def _sent_lately(db: AsyncConnection, area: Sequence[str]) -> Sequence[tuple[Broadcast, BroadcastResult]]:
    rows = await broadcasts.listing(db, states=BEGUN, area=area, limit=LATELY)
    found = map(broadcast_from, rows)
    return [(one, await readings.broadcast_result(db, one.id)) for one in found]

"""What people typed that we did not understand: the same words together, each sorted with one press.

Beside each stands what the bot would do today, so that what it has learnt since is no work any more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from aiohttp import web

from bot.console.access import area_of
from bot.console.breakdowns import words_of
from bot.console.reports import Asked, Reports, one_of
from bot.console.routing import Routes
from bot.console.visit import Visit
from bot.engine.words import fold
from bot.library.examples import FOREIGN
from bot.services.broadcasting.rights import Refused
from bot.services.discretion import told
from bot.services.exporting.table import Batch, Column, Report, Row
from bot.services.insight import readings
from bot.services.insight.figures import State
from bot.services.relearning import BATCH, VIEWS, Cursor, Seen, View, page, seen
from bot.services.teaching import decide, topics_of
from bot.speech import _

routes = Routes()
reports = Reports()
SHOWN = 30
WORDS: dict[View, str] = {
    "open": _("chưa xếp"), "learnt": _("nay đã hiểu"), "example": _("ví dụ"), "content": _("cần nội dung"),
    "ignored": _("bỏ qua"),
}  # fmt: skip
DONE: dict[State, str] = {
    "open": _("Đã trả về danh sách chưa xếp."), "example": _("Đã thêm ví dụ."),
    "content": _("Đã ghi là cần nội dung."), "ignored": _("Đã bỏ qua."),
}  # fmt: skip


@routes.get("/missed", "read")
async def show(visit: Visit) -> web.StreamResponse:
    """The groups of one view, the most typed first."""
    return await _page(visit, _view(visit.query.get("state", "")), _after(visit.query.get("after", "")))


@routes.post("/missed", "teach")
async def sort(visit: Visit) -> web.StreamResponse:
    """Sort one group. To htmx its row comes back, with a way to take it back."""
    here = _view(visit.field("here"))
    try:
        group = await decide(
            visit.site.database, visit.field("folded"), state=visit.field("state"), topic=visit.field("topic"),
            by=visit.login, area=area_of(visit.officer), dialogs=visit.site.library().dialogs, now=visit.site.now,
        )  # fmt: skip
    except Refused as refusal:
        return await _refused(visit, here, refusal)
    if group is None:
        raise web.HTTPNotFound
    if visit.is_piece:
        return _row_of(visit, seen(visit.site.library(), group), here)
    return visit.redirect(f"/missed?state={here}", done=_(DONE[group.state]))


@reports.offer("missed", "read")
async def report(visit: Visit, asked: Asked) -> Report:
    """All groups of one view."""
    view = _view(one_of(asked, "state"))
    columns = (
        Column("sample", _("Lời bà con")), Column("folded", _("Dạng không dấu")),
        Column("messages", _("Số tin"), "number"), Column("people", _("Số người"), "number"),
        Column("first_at", _("Lần đầu"), "moment"), Column("last_at", _("Lần cuối"), "moment"),
        Column("state", _("Đã xếp")), Column("topic", _("Chủ đề")), Column("by", _("Ai xếp")),
        Column("today", _("Nay bot làm gì")), Column("guess", _("Nay bot đoán")),
    )  # fmt: skip
    return Report("missed", columns, _batches(visit, view, _row), {"state": view})


@reports.offer("examples", "read")
async def examples(visit: Visit, _asked: Asked) -> Report:
    """What was added as examples: as JSON lines, what `bot understand --learn` takes."""
    columns = (Column("text", _("Lời bà con")), Column("topic", _("Chủ đề")))
    return Report("examples", columns, _batches(visit, "example", lambda one: (one.group.sample, one.group.topic)))


async def _batches(visit: Visit, view: View, row: Callable[[Seen], Row]) -> AsyncIterator[Batch]:
    after: Cursor | None = None
    while True:
        found, after = await _groups(visit, view, BATCH, after)
        yield Batch([row(one) for one in found], 1.0 if after is None else 0.5)
        if after is None:
            return


async def _groups(visit: Visit, view: View, limit: int, after: Cursor | None) -> tuple[list[Seen], Cursor | None]:
    async with visit.site.reading.connect() as db:
        library, area = visit.site.library(), area_of(visit.officer)
        return await page(db, library, area=area, view=view, limit=limit, after=after)


def _row(one: Seen) -> Row:
    group, today = one.group, one.today
    return (
        group.sample, group.folded, told(group.count), told(group.people), group.first_at, group.last_at, group.state,
        group.topic, group.decided_by, today.action, " ".join(one.guesses),
    )  # fmt: skip


async def _page(
    visit: Visit, view: View, after: Cursor | None, problems: Sequence[str] = ()
) -> web.StreamResponse:  # fmt: skip
    found, more = await _groups(visit, view, SHOWN, after)
    return visit.page(
        "missed.html", status=422 if problems else 200, groups=found, here=view, states=WORDS, faults=problems,
        more=f"{more[0]}:{more[1]}" if more else "", wrong="", **_shared(visit),
    )  # fmt: skip


async def _refused(visit: Visit, here: View, refusal: Refused) -> web.StreamResponse:
    if not visit.is_piece:
        return await _page(visit, here, None, refusal.lines)
    async with visit.site.reading.connect() as db:
        group = await readings.missed_group(db, visit.field("folded"), area=area_of(visit.officer))
    if group is None:
        raise web.HTTPNotFound
    return _row_of(visit, seen(visit.site.library(), group), here, wrong=str(refusal), status=422)


def _row_of(visit: Visit, one: Seen, here: View, *, wrong: str = "", status: int = 200) -> web.StreamResponse:
    """One group alone, for htmx to put in the place of what it was."""
    return visit.piece("_missed.html", status=status, seen=one, here=here, wrong=wrong, **_shared(visit))


def _shared(visit: Visit) -> dict[str, Any]:
    """What a row needs: topics to choose from, by their titles, and how numbers of people are told."""
    dialogs = visit.site.library().dialogs
    titles = {name: visit.say(one.title) for name, one in dialogs.items()} | {FOREIGN: _("không thuộc việc của bot")}
    topics = sorted(((one.id, titles[one.id]) for one in topics_of(dialogs)), key=lambda pair: fold(pair[1]))
    return {
        "topics": [*topics, (FOREIGN, titles[FOREIGN])], "titles": titles, "done": DONE,
        "people": lambda count: words_of(visit, told(count)),
    }  # fmt: skip


def _view(text: str) -> View:
    return next((view for view in VIEWS if view == text), "open")


def _after(text: str) -> Cursor | None:
    count, _colon, folded = text.partition(":")
    return (int(count), folded) if count.isascii() and count.isdigit() and len(count) < 10 else None

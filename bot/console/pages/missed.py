"""What people typed that we did not understand: the same words together, each sorted with one press."""

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
from bot.services.broadcasting.rights import Refused
from bot.services.discretion import told
from bot.services.exporting.table import Batch, Column, Report, Row
from bot.services.insight import readings
from bot.services.insight.figures import STATES, MissedGroup, State
from bot.services.teaching import decide, topics_of
from bot.speech import _

routes = Routes()
reports = Reports()
SHOWN, BATCH = 30, 500
WORDS: dict[State, str] = {
    "open": _("chưa xếp"), "example": _("ví dụ"), "content": _("cần nội dung"), "ignored": _("bỏ qua"),
}  # fmt: skip
DONE: dict[State, str] = {
    "open": _("Đã trả về danh sách chưa xếp."), "example": _("Đã thêm ví dụ."),
    "content": _("Đã ghi là cần nội dung."), "ignored": _("Đã bỏ qua."),
}  # fmt: skip


@routes.get("/missed", "read")
async def show(visit: Visit) -> web.StreamResponse:
    """The groups in one state, the most typed first."""
    return await _page(visit, _state(visit.query.get("state", "")), _after(visit.query.get("after", "")))


@routes.post("/missed", "teach")
async def sort(visit: Visit) -> web.StreamResponse:
    """Sort one group. To htmx its row comes back, with a way to take it back."""
    here = _state(visit.field("here"))
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
        return visit.piece("_missed.html", one=group, here=here, wrong="", **_shared(visit))
    return visit.redirect(f"/missed?state={here}", done=_(DONE[group.state]))


@reports.offer("missed", "read")
async def report(visit: Visit, asked: Asked) -> Report:
    """All groups in one state."""
    state = _state(one_of(asked, "state"))
    columns = (
        Column("sample", _("Lời bà con")), Column("folded", _("Dạng không dấu")),
        Column("messages", _("Số tin"), "number"), Column("people", _("Số người"), "number"),
        Column("first_at", _("Lần đầu"), "moment"), Column("last_at", _("Lần cuối"), "moment"),
        Column("state", _("Đã xếp")), Column("topic", _("Chủ đề")), Column("by", _("Ai xếp")),
    )  # fmt: skip
    return Report("missed", columns, _batches(visit, state, _row), {"state": state})


@reports.offer("examples", "read")
async def examples(visit: Visit, _asked: Asked) -> Report:
    """What was added as examples, for content/examples: as JSON lines, what `bot understand` learns from."""
    columns = (Column("text", _("Lời bà con")), Column("topic", _("Chủ đề")))
    return Report("examples", columns, _batches(visit, "example", lambda one: (one.sample, one.topic)))


async def _batches(visit: Visit, state: State, row: Callable[[MissedGroup], Row]) -> AsyncIterator[Batch]:
    after: tuple[int, str] | None = None
    while True:
        async with visit.site.reading.connect() as db:
            groups = await readings.missed(db, area=area_of(visit.officer), state=state, limit=BATCH, after=after)
        yield Batch([row(one) for one in groups], 1.0 if len(groups) < BATCH else 0.5)
        if len(groups) < BATCH:
            return
        after = groups[-1].after


def _row(one: MissedGroup) -> Row:
    return (
        one.sample, one.folded, told(one.count), told(one.people), one.first_at, one.last_at, one.state, one.topic,
        one.decided_by,
    )  # fmt: skip


async def _page(
    visit: Visit, state: State, after: tuple[int, str] | None, problems: Sequence[str] = ()
) -> web.StreamResponse:  # fmt: skip
    async with visit.site.reading.connect() as db:
        found = await readings.missed(db, area=area_of(visit.officer), state=state, limit=SHOWN + 1, after=after)
    more = found[SHOWN - 1].after if len(found) > SHOWN else None
    return visit.page(
        "missed.html", status=422 if problems else 200, groups=found[:SHOWN], here=state, states=WORDS, faults=problems,
        more=f"{more[0]}:{more[1]}" if more else "", wrong="", **_shared(visit),
    )  # fmt: skip


async def _refused(visit: Visit, here: State, refusal: Refused) -> web.StreamResponse:
    if not visit.is_piece:
        return await _page(visit, here, None, refusal.lines)
    async with visit.site.reading.connect() as db:
        group = await readings.missed_group(db, visit.field("folded"), area=area_of(visit.officer))
    if group is None:
        raise web.HTTPNotFound
    return visit.piece("_missed.html", status=422, one=group, here=here, wrong=str(refusal), **_shared(visit))


def _shared(visit: Visit) -> dict[str, Any]:
    """What a row needs: topics to choose from, by their titles, and how numbers of people are told."""
    dialogs = visit.site.library().dialogs
    topics = sorted(((one.id, visit.say(one.title)) for one in topics_of(dialogs)), key=lambda pair: fold(pair[1]))
    titles = {name: visit.say(one.title) for name, one in dialogs.items()}
    return {"topics": topics, "titles": titles, "people": lambda count: words_of(visit, told(count)), "done": DONE}


def _state(text: str) -> State:
    return next((state for state in STATES if state == text), "open")


def _after(text: str) -> tuple[int, str] | None:
    count, _colon, folded = text.partition(":")
    return (int(count), folded) if count.isascii() and count.isdigit() and len(count) < 10 else None

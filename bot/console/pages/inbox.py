"""The inbox: who waits for a person, the conversation as they saw it, and the answer."""

from __future__ import annotations

from collections.abc import Awaitable

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console.access import access_handoff
from bot.console.inbox_sheets import news, one_sheet, person_of, queue_sheet
from bot.console.routing import Routes
from bot.console.visit import Visit
from bot.services.broadcasting.rights import Refused
from bot.services.canned import canned_answer, canned_answers
from bot.services.handoff import LONGEST
from bot.speech import _
from bot.store.handoffs import Handoff

routes = Routes()


@routes.get("/inbox", "answer")
async def show_all(visit: Visit) -> web.StreamResponse:
    """The queue: who is in danger, then who waits longest."""
    async with visit.site.reading.connect() as db:
        return visit.page("inbox.html", **await queue_sheet(visit, db))


@routes.get("/inbox/{id}", "answer")
async def show(visit: Visit) -> web.StreamResponse:
    """One conversation beside the queue."""
    async with visit.site.reading.connect() as db:
        handoff = await access_handoff(db, visit.officer, visit.number())
        person, asked = await person_of(db, handoff), visit.query.get("use", "")
        used = canned_answer(visit.site.library(), person, visit.site.today(), asked)
        text, message = (used.text, used.id) if used else ("", "")
        return await _one(visit, db, handoff, text=text, message=message)


@routes.get("/inbox/{id}/events", "answer")
async def follow(visit: Visit) -> web.StreamResponse:
    """What is new in an open conversation, as it comes."""
    async with visit.site.reading.connect() as db:
        handoff = await access_handoff(db, visit.officer, visit.number())
    return await visit.site.streams.send(visit.request, news(visit, handoff))


@routes.get("/inbox/{id}/canned", "answer")
async def find_canned(visit: Visit) -> web.StreamResponse:
    """Content that may be said to this person today."""
    async with visit.site.reading.connect() as db:
        handoff = await access_handoff(db, visit.officer, visit.number())
        person = await person_of(db, handoff)
    words = visit.query.get("q", "")
    found = canned_answers(visit.site.library(), person, visit.site.today(), words)
    return visit.piece("_canned.html", handoff=handoff, canned=found, words=words)


@routes.post("/inbox/{id}/compose", "answer")
async def compose(visit: Visit) -> web.StreamResponse:
    """The answer being written, with a ready one put behind it."""
    async with visit.site.reading.connect() as db:
        handoff = await access_handoff(db, visit.officer, visit.number())
        person = await person_of(db, handoff)
    used = canned_answer(visit.site.library(), person, visit.site.today(), visit.field("use"))
    typed = visit.field("text")
    text = "\n\n".join(part for part in (typed, used.text if used else "") if part)
    problem = "" if used else _("Lời mẫu này hôm nay không nói được với người này: chọn lời khác.")
    return visit.piece(
        "_compose.html", handoff=handoff, text=text, message=used.id if used else visit.field("message"),
        errors={"text": problem} if problem else {}, longest=LONGEST,
    )  # fmt: skip


@routes.post("/inbox/{id}/claim", "answer")
async def claim(visit: Visit) -> web.StreamResponse:
    """Take it: others are told who answers."""
    number = await _number(visit)
    from_other = visit.field("over") == "1"
    return await _act(visit, number, visit.site.inbox.claim(number, visit.login, from_other=from_other), "")


@routes.post("/inbox/{id}/release", "answer")
async def release(visit: Visit) -> web.StreamResponse:
    """Back into the queue."""
    number = await _number(visit)
    done = _("Đã trả lại hàng chờ: người khác nhận được.")
    return await _act(visit, number, visit.site.inbox.release(number, visit.login), done)


@routes.post("/inbox/{id}/reply", "answer")
async def reply(visit: Visit) -> web.StreamResponse:
    """Send what was typed; refused, it stays in the form with the reason beside it."""
    number = await _number(visit)
    text, message = visit.field("text"), visit.field("message")
    try:
        await visit.site.inbox.reply(number, visit.login, text, message=message)
    except Refused as refusal:
        async with visit.site.reading.connect() as db:
            handoff = await access_handoff(db, visit.officer, number)
            told = {"text": " ".join(refusal.lines)}
            return await _one(visit, db, handoff, text=text, message=message, errors=told, status=422)
    visit.site.waiting.forget()
    return visit.redirect(f"/inbox/{number}#talk")


@routes.post("/inbox/{id}/note", "answer")
async def note(visit: Visit) -> web.StreamResponse:
    """Tell the other officers something."""
    number, text = await _number(visit), visit.field("note")
    try:
        await visit.site.inbox.note(number, visit.login, text)
    except Refused as refusal:
        async with visit.site.reading.connect() as db:
            handoff = await access_handoff(db, visit.officer, number)
            return await _one(visit, db, handoff, note=text, errors={"note": " ".join(refusal.lines)}, status=422)
    return visit.redirect(f"/inbox/{number}#notes")


@routes.post("/inbox/{id}/close", "answer")
async def close(visit: Visit) -> web.StreamResponse:
    """Back to the bot; the person is told."""
    number = await _number(visit)
    done = _("Đã đóng. Bà con được báo là cán bộ đã trả lời xong, và bot trả lời tiếp.")
    return await _act(visit, number, visit.site.inbox.close(number, visit.login), done)


@routes.post("/inbox/{id}/reopen", "answer")
async def reopen(visit: Visit) -> web.StreamResponse:
    """Go on with one that was closed."""
    number = await _number(visit)
    return await _act(visit, number, visit.site.inbox.reopen(number, visit.login), "")


async def _act(visit: Visit, number: int, act: Awaitable[None], done: str) -> web.StreamResponse:
    """Do *act* and show how things stand; a refusal stands above the conversation."""
    try:
        await act
    except Refused as refusal:
        async with visit.site.reading.connect() as db:
            handoff = await access_handoff(db, visit.officer, number)
            return await _one(visit, db, handoff, problems=refusal.lines, status=422)
    visit.site.waiting.forget()
    return visit.redirect(f"/inbox/{number}", done=done)


async def _number(visit: Visit) -> int:
    """The conversation's number, once it is known to be of the officer's area."""
    async with visit.site.reading.connect() as db:
        return (await access_handoff(db, visit.officer, visit.number())).id


async def _one(
    visit: Visit, db: AsyncConnection, handoff: Handoff, *, status: int = 200, **values: object
) -> web.StreamResponse:  # fmt: skip
    sheet = {**await one_sheet(visit, db, handoff), **values}
    return visit.page("inbox_one.html", status=status, **sheet)

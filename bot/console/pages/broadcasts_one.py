"""One broadcast through its life: sheet to approve, live monitor, report, in the same layout all along."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console.access import access_broadcast, area_of
from bot.console.by_route import lines_of as lines_by_route
from bot.console.forms.segment import read_query
from bot.console.pages.broadcasts import LOOKS, lines_of
from bot.console.pages.broadcasts_draft import compose_existing
from bot.console.people import groups_of
from bot.console.routing import Routes
from bot.console.visit import Visit
from bot.engine.segments import SegmentError
from bot.services.broadcasting.model import Broadcast, broadcast_from
from bot.services.broadcasting.preview import Preview, preview
from bot.services.broadcasting.progress import Progress, looks_at, progress_of
from bot.services.broadcasting.release import CHANGEABLE, RETRIED, Desk
from bot.services.broadcasting.rights import STATES, Refused, why_not_approve, why_not_edit, why_not_move
from bot.services.broadcasting.timing import in_words
from bot.services.broadcasting.trial import send_test, written
from bot.services.broadcasting.wordings import Carried, carried_by, wordings_of
from bot.services.broadcasting.words import STATUSES
from bot.services.insight.readings import broadcast_result
from bot.services.routing import message_of, metered, offer_of
from bot.speech import _
from bot.store import audit, broadcasts, receipts, templates

routes = Routes()
EVERY = timedelta(seconds=2)
"""Between two looks of a page at what is being sent: people see it move, and the database has rest."""
HISTORY, RUNS = 20, 12
"""Lines of the log, and runs of a recurring one, that a page shows."""
FOLLOWED = ("scheduled", "sending", "paused")
"""States in which a page follows what happens."""


@routes.get("/broadcasts/{id}", "read")
async def show(visit: Visit) -> web.StreamResponse:
    """What there is to do or to see in the state that it is in; of a draft that one may change, the composer."""
    one = await _one(visit)
    if one.state == "draft" and not why_not_edit(visit.officer, one):
        return await compose_existing(visit, one)
    return await _page(visit, one)


@routes.get("/broadcasts/{id}/preview", "read")
async def show_preview(visit: Visit) -> web.StreamResponse:
    """Whom it would reach, with what, and until when."""
    return await _page(visit, await _one(visit))


@routes.post("/broadcasts/{id}/submit", "draft")
async def submit(visit: Visit) -> web.StreamResponse:
    """Hand it in."""
    return await _act(visit, lambda desk, number: desk.submit(number, visit.login), _("Đã trình duyệt."))


@routes.post("/broadcasts/{id}/approve", "release")
async def approve(visit: Visit) -> web.StreamResponse:
    """Sign what stands on the sheet: the form carries the digest of what was shown."""
    seen = visit.field("digest_seen")
    return await _act(visit, lambda desk, number: desk.approve(number, visit.login, digest_seen=seen), _("Đã duyệt."))


@routes.post("/broadcasts/{id}/send-back", "release")
async def send_back(visit: Visit) -> web.StreamResponse:
    """Hand it back with a reason."""
    reason = visit.field("reason")
    done = _("Đã trả lại người soạn.")
    return await _act(visit, lambda desk, number: desk.send_back(number, visit.login, reason=reason), done)


@routes.post("/broadcasts/{id}/schedule", "draft")
async def schedule(visit: Visit) -> web.StreamResponse:
    """Let it go."""
    done = _("Đã cho gửi: tin đi đúng giờ đã đặt.")
    return await _act(visit, lambda desk, number: desk.schedule(number, visit.login), done)


@routes.post("/broadcasts/{id}/pause", "draft")
async def pause(visit: Visit) -> web.StreamResponse:
    """Hold it."""
    reason = visit.field("reason")
    return await _act(visit, lambda desk, number: desk.pause(number, visit.login, reason=reason), _("Đã tạm dừng."))


@routes.post("/broadcasts/{id}/resume", "draft")
async def resume(visit: Visit) -> web.StreamResponse:
    """Go on."""
    return await _act(visit, lambda desk, number: desk.resume(number, visit.login), _("Gửi tiếp."))


@routes.post("/broadcasts/{id}/cancel", "draft")
async def cancel(visit: Visit) -> web.StreamResponse:
    """End it for good."""
    reason, done = visit.field("reason"), _("Đã hủy: ai chưa được gửi thì không được gửi nữa.")
    return await _act(visit, lambda desk, number: desk.cancel(number, visit.login, reason=reason), done)


@routes.post("/broadcasts/{id}/retry", "release")
async def retry(visit: Visit) -> web.StreamResponse:
    """Send again what failed, or what nobody knows of whether it arrived."""
    statuses = tuple(visit.fields("status"))
    return await _act(visit, lambda desk, number: desk.retry(number, visit.login, statuses), _("Đang gửi lại."))


@routes.post("/broadcasts/{id}/test", "draft")
async def test(visit: Visit) -> web.StreamResponse:
    """Send the message to oneself: a form has no say in where that is."""
    one, site, faults, done = await _one(visit), visit.site, list[str](), ""
    pretending = {name: visit.field(name) for name in ("ho", "lang") if visit.field(name)}
    try:
        own = await send_test(
            site.database, site.world, one, visit.login, ids=site.ids, pretending=pretending, via="console"
        )
        done = _("Đã xếp gửi tin thử tới {to}.").format(to=written(own))
    except Refused as refusal:
        faults = list(refusal.lines)
    if visit.is_piece:
        values = {"one": one, "test_faults": faults, "test_done": done, "languages": site.library().languages}
        return visit.piece("_broadcast_test.html", status=422 if faults else 200, **values)
    return await _page(visit, one, test_faults=faults, test_done=done)


@routes.get("/broadcasts/{id}/progress", "read")
async def follow(visit: Visit) -> web.StreamResponse:
    """One look after another, while the page is open."""
    one = await _one(visit)
    return await visit.site.streams.send(visit.request, _pieces(visit, one.id))


async def _pieces(visit: Visit, number: int) -> AsyncIterator[tuple[str, str]]:
    site = visit.site
    holidays = site.library().holidays
    async for look in looks_at(
        site.reading, number, now=site.now, every=EVERY, holidays=holidays, channels=metered(site.channels)
    ):
        values = {**_live(visit, look), "one": look.broadcast, "followed": look.broadcast.state in FOLLOWED}
        yield "look", site.pages.render(visit, "_broadcast_live.html", values)


def _live(visit: Visit, look: Progress) -> dict[str, object]:
    """What the monitor shows of one look."""
    return {
        "look": look, "statuses": STATUSES, "states": STATES, "looks": LOOKS,
        "why_not": why_not_move(visit.officer, look.broadcast), "lines": lines_by_route(look.routes),
    }  # fmt: skip


async def _one(visit: Visit) -> Broadcast:
    async with visit.site.reading.connect() as db:
        return await access_broadcast(db, visit.officer, visit.number())


async def _act(visit: Visit, work: Callable[[Desk, int], Awaitable[object]], done: str) -> web.StreamResponse:
    """Do *work* if the broadcast is one that may be seen; what is refused is told on its page."""
    one = await _one(visit)
    try:
        await work(visit.site.desk, one.id)
    except Refused as refusal:
        return await _page(visit, await _one(visit), refusal.lines)
    return visit.redirect(f"/broadcasts/{one.id}", done=done)


async def _page(
    visit: Visit, one: Broadcast, faults: Sequence[str] = (), *, test_faults: Sequence[str] = (), test_done: str = ""
) -> web.StreamResponse:
    world = visit.site.world
    async with visit.site.reading.connect() as db:
        values = {
            "states": STATES,
            "looks": LOOKS,
            "why_not": why_not_move(visit.officer, one),
            "query": await read_query(db, visit, one.segment),
            "history": await audit.recent(db, subject=f"broadcast:{one.id}", outcome="done", limit=HISTORY),
            "runs": await lines_of(db, visit, await _runs(db, one)),
            "carried": await _carried(db, visit, one),
            **await _ahead(db, visit, one),
            **await _behind(db, visit, one),
        }
    return visit.page(
        "broadcast.html", status=422 if faults or test_faults else 200, one=one, faults=faults,
        timing=in_words(one.timing), wordings=wordings_of(world.library, one.body, world.today),
        why_not_approve=why_not_approve(visit.officer, one), test_faults=test_faults, test_done=test_done,
        languages=world.library.languages, windows=metered(world.channels), **values,
    )  # fmt: skip


async def _runs(db: AsyncConnection, one: Broadcast) -> list[Broadcast]:
    return [broadcast_from(row) for row in await broadcasts.runs(db, one.id, limit=RUNS)] if one.timing.rule else []


async def _carried(db: AsyncConnection, visit: Visit, one: Broadcast) -> Sequence[Carried]:
    """What they read whom only an approved template reaches."""
    world, found = visit.site.world, list[Carried]()
    for name in metered(world.channels) if message_of(one.body) in world.library.templates else ():
        offer = offer_of(world.library, one.body, one.policy, name, await templates.of(db, name))
        found += carried_by(name, offer, world.library, world.today)
    return found


async def _ahead(db: AsyncConnection, visit: Visit, one: Broadcast) -> dict[str, object]:
    """What would happen, of one that has not begun."""
    if one.state not in CHANGEABLE:
        return {"seen": None, "broken": "", "groups": ()}
    try:
        seen: Preview = await preview(db, visit.site.world, one, area=area_of(visit.officer))
    except SegmentError as error:
        return {"seen": None, "broken": str(error), "groups": ()}
    return {"seen": seen, "broken": "", "groups": groups_of(visit, seen.people)}


async def _behind(db: AsyncConnection, visit: Visit, one: Broadcast) -> dict[str, object]:
    """What became of it, of one that has begun, or is about to."""
    if one.started_at is None and one.state not in FOLLOWED:
        return {"look": None, "followed": False, "retried": {}, "result": None, "arrived": None}
    site = visit.site
    channels = metered(site.channels)
    look = await progress_of(db, one.id, at=site.now(), holidays=site.library().holidays, channels=channels)
    retried = {status: look.counts[status] for status in RETRIED if look.counts.get(status)}
    result = await broadcast_result(db, one.id) if one.started_at is not None else None
    arrived = await receipts.counted(db, one.id) if look.routes else None
    return {
        **_live(visit, look), "followed": one.state in FOLLOWED, "retried": retried, "result": result,
        "arrived": arrived,
    }  # fmt: skip

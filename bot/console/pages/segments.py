"""Nhóm nhận: who exactly is this? Saved queries, and the page on which one is written and counted."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console.forms.segment import Query, builder_of, built, read_query
from bot.console.routing import Routes
from bot.console.visit import Visit
from bot.services.broadcasting.rights import Refused
from bot.services.segmenting.saving import is_theirs, users_of
from bot.speech import _
from bot.store import segments
from bot.store.segments import Saved

routes = Routes()


@routes.get("/segments", "read")
async def show_all(visit: Visit) -> web.StreamResponse:
    """All that have a name, each told in words."""
    async with visit.site.reading.connect() as db:
        found = [(one, await read_query(db, visit, one.query)) for one in await segments.every(db)]
    return visit.page("segments.html", segments=found)


@routes.get("/segments/new", "draft")
async def show_new(visit: Visit) -> web.StreamResponse:
    """An empty query."""
    return await _editor(visit, None, visit.query.get("query", ""))


@routes.post("/segments", "draft")
async def add(visit: Visit) -> web.StreamResponse:
    """Keep a new one. A name that is taken is refused: nobody replaces another's by an oversight."""
    name = visit.field("name")
    try:
        await visit.site.segments.save(name, visit.field("segment"), visit.login, is_new=True)
    except Refused as refusal:
        return await _editor(visit, None, visit.field("segment"), refusal.lines)
    return visit.redirect(f"/segments/{name}", done=_("Đã lưu nhóm @{name}.").format(name=name))


@routes.post("/segments/count", "read")
async def count(visit: Visit) -> web.StreamResponse:
    """What the query means and how many that is, while it is written."""
    async with visit.site.reading.connect() as db:
        query = await read_query(db, visit, visit.field("segment"), counted=True)
    return visit.piece("_segment_count.html", query=query)


@routes.post("/segments/build", "draft")
async def build(visit: Visit) -> web.StreamResponse:
    """Add what was picked in the menus, or take a condition out: the field again; the page where there is no script."""
    text, told = built(visit)
    if not visit.is_piece:
        saved = await _saved(visit, visit.field("saved")) if visit.field("saved") else None
        return await _editor(visit, saved, text, told=told)
    async with visit.site.reading.connect() as db:
        query, builder = await read_query(db, visit, text), await builder_of(db, visit, told=told)
    return visit.piece("_segment_field.html", query=query, builder=builder, build_at="/segments/build", fault="")


@routes.get("/segments/{name}", "read")
async def show(visit: Visit) -> web.StreamResponse:
    """One of them."""
    saved = await _saved(visit, visit.request.match_info["name"])
    return await _editor(visit, saved, saved.query)


@routes.post("/segments/{name}", "draft")
async def change(visit: Visit) -> web.StreamResponse:
    """Another query under the same name."""
    saved = await _saved(visit, visit.request.match_info["name"])
    try:
        await visit.site.segments.save(saved.name, visit.field("segment"), visit.login)
    except Refused as refusal:
        return await _editor(visit, saved, visit.field("segment"), refusal.lines)
    return visit.redirect(f"/segments/{saved.name}", done=_("Đã lưu."))


@routes.post("/segments/{name}/rename", "draft")
async def rename(visit: Visit) -> web.StreamResponse:
    """Another name."""
    saved, to = await _saved(visit, visit.request.match_info["name"]), visit.field("to")
    try:
        await visit.site.segments.rename(saved.name, to, visit.login)
    except Refused as refusal:
        return await _editor(visit, saved, saved.query, refusal.lines)
    return visit.redirect(f"/segments/{to}", done=_("Đã đổi tên thành @{name}.").format(name=to))


@routes.post("/segments/{name}/delete", "draft")
async def delete(visit: Visit) -> web.StreamResponse:
    """Strike it, if no broadcast calls it."""
    saved = await _saved(visit, visit.request.match_info["name"])
    try:
        await visit.site.segments.delete(saved.name, visit.login)
    except Refused as refusal:
        return await _editor(visit, saved, saved.query, refusal.lines)
    return visit.redirect("/segments", done=_("Đã bỏ nhóm @{name}.").format(name=saved.name))


async def _saved(visit: Visit, name: str) -> Saved:
    async with visit.site.reading.connect() as db:
        found = await segments.find(db, name)
    if found is None:
        raise web.HTTPNotFound
    return found


async def _editor(
    visit: Visit, saved: Saved | None, text: str, faults: Sequence[str] = (), *, told: str = ""
) -> web.StreamResponse:
    async with visit.site.reading.connect() as db:
        query = await read_query(db, visit, text, counted=True)
        return visit.page(
            "segment.html", status=422 if faults else 200, saved=saved, query=query,
            builder=await builder_of(db, visit, told=told), build_at="/segments/build", fault=_beside(query, faults),
            name=visit.field("name"), faults=faults, used_by=await _using(db, saved),
            theirs=saved is None or is_theirs(visit.officer, saved),
        )  # fmt: skip


def _beside(query: Query, faults: Sequence[str]) -> str:
    """The fault of the query is told under it, where its place is marked, and not twice."""
    return query.wrong.told if query.wrong and query.wrong.told in faults else ""


async def _using(db: AsyncConnection, saved: Saved | None) -> Sequence[int]:
    return await users_of(db, saved.name) if saved else ()

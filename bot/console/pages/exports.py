"""Files of what is on screen: asked for by a form, made in the background, fetched by who asked for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from aiohttp import web

from bot.console.doors import trouble
from bot.console.pages import channels, compare, dialogs, log, missed, overview, plan, recipients
from bot.console.reports import Asked, Kind
from bot.console.routing import Routes, may
from bot.console.visit import Visit, cleaned
from bot.services.exporting.formats import TYPES
from bot.services.exporting.jobs import Job
from bot.speech import _
from bot.web.guard import HEADERS

routes = Routes()
KINDS: Mapping[str, Kind] = {
    **overview.reports.all, **dialogs.reports.all, **plan.reports.all, **missed.reports.all, **log.reports.all,
    **recipients.reports.all, **compare.reports.all, **channels.reports.all,
}  # fmt: skip
AT_ONCE = 1.5
"""Seconds in which a file comes as the answer to the press of the button; a longer one gets a page of its own."""
FILTER = "q-"
"""How fields of the form begin that are filters of the page."""


@routes.post("/exports", "read")
async def begin(visit: Visit) -> web.StreamResponse:
    """A file, at once if it is small."""
    kind = KINDS.get(visit.field("what"))
    if kind is None:
        raise web.HTTPNotFound
    if not may(visit.officer.role, kind.right):
        return trouble(visit, 403, _("Vai trò của bạn không tải được bảng này. Cần thì nhờ quản trị."))
    report = await kind.make(visit, _filters(visit))
    job = await visit.site.exports.begin(report, format=visit.field("format"), by=visit.login)
    await visit.site.exports.wait(job, AT_ONCE)
    return _file(visit, job) if job.state == "done" else visit.redirect(f"/exports/{job.key}")


@routes.get("/exports/{key}", "read")
async def show(visit: Visit) -> web.StreamResponse:
    """How far a file is."""
    job = await _job(visit)
    return visit.page("export.html", job=job)


@routes.get("/exports/{key}/events", "read")
async def follow(visit: Visit) -> web.StreamResponse:
    """The same, told as it goes."""
    return await visit.site.streams.send(visit.request, _pieces(visit, await _job(visit)))


@routes.get("/exports/{key}/file", "read")
async def fetch(visit: Visit) -> web.StreamResponse:
    """The file."""
    job = await _job(visit)
    if job.state != "done":
        raise web.HTTPNotFound
    return _file(visit, job)


async def _pieces(visit: Visit, job: Job) -> AsyncIterator[tuple[str, str]]:
    async for now in visit.site.exports.follow(job):
        yield "job", visit.site.pages.render(visit, "_export_job.html", {"job": now})


async def _job(visit: Visit) -> Job:
    job = await visit.site.exports.find(visit.request.match_info["key"], visit.login)
    if job is None:
        raise web.HTTPNotFound
    return job


def _file(visit: Visit, job: Job) -> web.StreamResponse:
    headers = {
        **HEADERS, "Content-Type": TYPES[job.format], "Content-Disposition": f'attachment; filename="{job.name}"',
    }  # fmt: skip
    return web.FileResponse(visit.site.exports.path(job), headers=headers)


def _filters(visit: Visit) -> Asked:
    fields = visit.form if visit.form is not None else {}
    asked: dict[str, list[str]] = {}
    for name, value in fields.items():
        if name.startswith(FILTER):
            asked.setdefault(name.removeprefix(FILTER), []).append(cleaned(value))
    return asked

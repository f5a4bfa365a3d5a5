"""The console as a web application of its own, to be mounted at /console."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from bot.console.doors import add_routes
from bot.console.pages import (
    account,
    broadcasts,
    broadcasts_draft,
    broadcasts_one,
    broadcasts_sent,
    channels,
    compare,
    content,
    dialogs,
    door,
    exports,
    inbox,
    log,
    missed,
    overview,
    plan,
    preview,
    segments,
    staff,
    zalo_consent,
)
from bot.console.routing import Route
from bot.console.site import SITE, Site
from bot.console.visit import PREFIX, Visit

ROUTES: Sequence[Route] = (
    *door.routes.all,
    *account.routes.all,
    *staff.routes.all,
    *broadcasts.routes.all,
    *broadcasts_draft.routes.all,
    *broadcasts_sent.routes.all,
    *broadcasts_one.routes.all,
    *segments.routes.all,
    *inbox.routes.all,
    *content.routes.all,
    *preview.routes.all,
    *overview.routes.all,
    *dialogs.routes.all,
    *plan.routes.all,
    *missed.routes.all,
    *log.routes.all,
    *compare.routes.all,
    *exports.routes.all,
    *channels.routes.all,
    *zalo_consent.routes.all,
)
MOST_FORM = 1 << 20
"""Bytes of a form: an officer's text in every language fits many times over."""


def console_of(site: Site) -> web.Application:
    """The console, to be served at /console."""
    console = web.Application(client_max_size=MOST_FORM)
    console[SITE] = site
    add_routes(console, ROUTES)
    assets = site.pages.assets
    console.router.add_get(assets.path.removeprefix(PREFIX), assets.show)
    console.router.add_get("", _to_overview)
    add_routes(console, [Route("GET", "/{nowhere:.*}", "open", _nowhere)])
    console.on_shutdown.append(site.streams.close)
    console.on_shutdown.append(site.exports.close)
    return console


async def _nowhere(_visit: Visit) -> web.StreamResponse:
    raise web.HTTPNotFound


async def _to_overview(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(f"{PREFIX}/")

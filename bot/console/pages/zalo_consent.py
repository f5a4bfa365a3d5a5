"""On the way to Zalo's page of consent, and back from it. What comes of it is shown on the page of channels."""

from __future__ import annotations

from aiohttp import web

from bot.console.routing import Routes
from bot.console.visit import Visit, cleaned
from bot.services.zalo_consent import CALLBACK, ZaloConsent
from bot.speech import _
from bot.web.guard import HEADERS

routes = Routes()
PAGE = "/channels"
MOST = 2000
"""Letters of a code or a state: theirs have some hundred, and no more of them need be read."""


@routes.get("/channels/zalo/consent", "administer")
async def leave(visit: Visit) -> web.StreamResponse:
    """On to Zalo. By a link, not a form: the browser keeps forms on our own pages. Nothing is changed by it."""
    return web.Response(status=303, headers={**HEADERS, "Location": _consent(visit).link(visit.login)})


@routes.get(CALLBACK, "administer")
async def come_back(visit: Visit) -> web.StreamResponse:
    """Back from Zalo with a code. `state` proves that this officer set out for it."""
    code, state, oa_id = (cleaned(visit.query.get(name, ""))[:MOST] for name in ("code", "state", "oa_id"))
    await _consent(visit).accept(visit.login, code=code, state=state, oa_id=oa_id)
    return visit.redirect(PAGE, done=_("Đã cấp phép: bot gửi được tin qua Zalo."))


def _consent(visit: Visit) -> ZaloConsent:
    """HTTPNotFound: Zalo isn't switched on."""
    if visit.site.zalo is None:
        raise web.HTTPNotFound
    return visit.site.zalo

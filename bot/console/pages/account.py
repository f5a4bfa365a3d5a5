"""One's own account: where one is signed in, the language and the look."""

from __future__ import annotations

from aiohttp import web

from bot.console.doors import local_path
from bot.console.routing import Routes
from bot.console.visit import LANGUAGES, LOOK, PREFIX, THEMES, YEAR, Visit
from bot.speech import _

routes = Routes()


@routes.get("/account", "read")
async def show(visit: Visit) -> web.StreamResponse:
    """The page."""
    return visit.page("account.html", sessions=await visit.site.sign_in.sessions_of(visit.login))


@routes.post("/account/sessions", "read")
async def sign_out(visit: Visit) -> web.StreamResponse:
    """Sign out another session of one's own, or all others."""
    assert visit.signed_in is not None
    digest = visit.field("session")
    if digest:
        await visit.site.sign_in.sign_out(visit.login, digest)
    else:
        await visit.site.sign_in.sign_out_elsewhere(visit.login, but=visit.signed_in.token)
    return visit.redirect("/account", done=_("Đã đăng xuất ở nơi khác."))


@routes.post("/look", "open")
async def look(visit: Visit) -> web.StreamResponse:
    """Language and theme, kept by the browser: what one person likes on a laptop, they may not on a phone."""
    language, theme = visit.field("language") or visit.language, visit.field("theme") or visit.theme
    response = visit.redirect(local_path(visit.field("next") or "/"))
    if language in LANGUAGES and theme in THEMES:
        response.set_cookie(
            LOOK, f"{language}.{theme}", max_age=YEAR, path=PREFIX, httponly=True, secure=visit.site.is_secure,
            samesite="Lax",
        )  # fmt: skip
    return response

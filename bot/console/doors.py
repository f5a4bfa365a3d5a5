"""What every request passes: who asks, may they, did their form come from our page; and how a fault is shown."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import quote

import structlog
from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from bot.console.routing import Route, may
from bot.console.site import SITE, Site
from bot.console.visit import COOKIE, FLASH, LANGUAGES, LOOK, PREFIX, THEMES, Visit
from bot.services.broadcasting.rights import Refused
from bot.speech import _, speaking
from bot.store.handoffs import NO_CROWD
from bot.web.guard import HEADERS, is_from_elsewhere

log = structlog.get_logger()
CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"
FORM = "application/x-www-form-urlencoded"


def add_routes(app: web.Application, routes: Iterable[Route]) -> None:
    """Serve *routes*, each behind the door that its right asks for."""
    for route in routes:
        app.router.add_route(route.method, route.path, _behind_door(route))


def _behind_door(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        site = request.app[SITE]
        visit = await _visit(site, request)
        with speaking(visit.say):
            response = await _answer(route, visit)
        if visit.request.cookies.get(FLASH) and response.status == 200 and not visit.is_piece and not response.prepared:
            response.del_cookie(FLASH, path=PREFIX)
        return response

    return handle


async def _answer(route: Route, visit: Visit) -> web.StreamResponse:
    try:
        return _refusal(route, visit) or await route.handler(visit)
    except web.HTTPNotFound:
        return trouble(visit, 404, _("Không có trang này, hoặc nó không thuộc nơi bạn phụ trách."))
    except Refused as refusal:
        return trouble(visit, 422, *refusal.lines)
    except web.HTTPException:
        raise
    except Exception:  # the last door: a page that breaks says so, and the log keeps why
        log.exception("a page broke", path=visit.request.path)
        return trouble(visit, 500, _("Trang này gặp lỗi. Lỗi đã được ghi lại; thử lại sau, hoặc báo người quản trị."))


def _refusal(route: Route, visit: Visit) -> web.StreamResponse | None:
    """Why the handler isn't reached."""
    if visit.request.method == "POST" and not _is_ours(visit):
        told = _("Trang này đã mở quá lâu, hoặc được gửi từ nơi khác. Mở lại trang rồi làm lại; chưa có gì thay đổi.")
        return trouble(visit, 403, told)
    if route.right == "open":
        return None
    if visit.known is None:
        return _to_sign_in(visit)
    if not may(visit.known.role, route.right):
        return trouble(visit, 403, _("Vai trò của bạn không làm được việc này. Cần thì nhờ quản trị."))
    return None


async def _visit(site: Site, request: web.Request) -> Visit:
    token = request.cookies.get(COOKIE, "")
    known = await site.sign_in.session(token) if token else None
    language, _dot, theme = request.cookies.get(LOOK, "").partition(".")
    return Visit(
        site, request, token,
        language if language in LANGUAGES else LANGUAGES[0], theme if theme in THEMES else THEMES[0],
        known[1] if known else None, known[0] if known else None,
        await _form_in(request) if request.method == "POST" else None,
        await site.waiting.count(known[0]) if known and may(known[0].role, "answer") else NO_CROWD,
        bool(known and site.zalo) and await site.alarm.is_on(),
    )  # fmt: skip


async def _form_in(request: web.Request) -> MultiDictProxy[str]:
    """The fields of a form; none when it is no form that a page of ours sends."""
    if request.content_type != FORM:
        return MultiDictProxy(MultiDict())
    try:
        return await request.post()  # type: ignore[return-value]  # this encoding has no files
    except (ValueError, LookupError):  # not in the encoding that it claims
        return MultiDictProxy(MultiDict())


def _is_ours(visit: Visit) -> bool:
    brought = visit.field(CSRF_FIELD) or visit.request.headers.get(CSRF_HEADER, "")
    is_known = bool(visit.token) and hmac.compare_digest(brought.encode(), visit.csrf.encode())
    return is_known and not is_from_elsewhere(visit.request)


def _to_sign_in(visit: Visit) -> web.StreamResponse:
    there = visit.url("/sign-in", next=visit.request.path_qs.removeprefix(PREFIX))
    if visit.is_piece:
        return web.Response(headers={**HEADERS, "HX-Redirect": there})
    if visit.request.method == "POST":  # what was typed can't be kept: the form is of a session that is over
        return trouble(visit, 401, _("Phiên làm việc đã hết hạn. Đăng nhập lại ở thẻ khác rồi quay lại đây gửi lại."))
    return web.Response(status=303, headers={**HEADERS, "Location": there})


def trouble(visit: Visit, status: int, *lines: str) -> web.Response:
    """A page that says what is wrong and what to do; a notice when only a part was asked for."""
    if visit.is_piece:
        response = visit.piece("_trouble.html", status=status, lines=lines)
        response.headers["HX-Retarget"] = "#notice"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    return visit.page("trouble.html", status=status, lines=lines, title=_("Chưa làm được"))


def new_token() -> str:
    """For a visitor who isn't signed in: their forms need something to be signed with."""
    return secrets.token_urlsafe(32)


def local_path(text: str) -> str:
    """Where to go on after signing in: only to pages of ours."""
    is_ours = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return quote(text, safe="/?&=%@:,.-_~+") if is_ours else "/"

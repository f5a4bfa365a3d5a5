"""Signing in and out, and the page that a set-up link opens."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web
from markupsafe import Markup

from bot.console.doors import local_path, new_token
from bot.console.routing import Routes
from bot.console.visit import COOKIE, PREFIX, Visit
from bot.services.broadcasting.rights import Refused
from bot.services.signing_in import BadForm
from bot.speech import _
from bot.web.guard import remote_of

routes = Routes()


@routes.get("/sign-in", "open")
async def show_sign_in(visit: Visit) -> web.StreamResponse:
    """The form."""
    return _sign_in(visit)


@routes.post("/sign-in", "open")
async def sign_in(visit: Visit) -> web.StreamResponse:
    """Take login, password and code; a new token, so that nobody can have planted the one before."""
    remote = remote_of(visit.request, trusts_proxy=visit.site.trusts_proxy)
    agent = visit.request.headers.get("User-Agent", "")
    try:
        token = await visit.site.sign_in.sign_in(
            visit.field("login").lower(), visit.secret("password"), visit.field("code"), remote=remote, agent=agent
        )
    except Refused as refusal:
        return _sign_in(visit, status=422, problem=str(refusal))
    response = visit.redirect(local_path(visit.field("next") or "/"))
    visit.remember(response, token)
    return response


@routes.post("/sign-out", "read")
async def sign_out(visit: Visit) -> web.StreamResponse:
    """End this session: its token is worth nothing from then on."""
    assert visit.signed_in is not None
    await visit.site.sign_in.sign_out(visit.login, visit.signed_in.token)
    response = visit.redirect("/sign-in", done=_("Bạn đã đăng xuất."))
    response.del_cookie(COOKIE, path=PREFIX)
    return response


@routes.get("/setup/{token}", "open")
async def show_setup(visit: Visit) -> web.StreamResponse:
    """The page of a set-up link."""
    return await _setup(visit)


@routes.post("/setup/{token}", "open")
async def set_up(visit: Visit) -> web.StreamResponse:
    """Use the link: from now on a password and a phone."""
    try:
        await visit.site.sign_in.enroll(
            visit.request.match_info["token"], password=visit.secret("password"), again=visit.secret("again"),
            sealed=visit.field("phone"), code=visit.field("code"),
        )  # fmt: skip
    except BadForm as fault:
        return await _setup(visit, errors={fault.field: fault.why}, sealed=visit.field("phone"))
    return visit.redirect("/sign-in", done=_("Đã cài xong. Mời bạn đăng nhập."))


def _sign_in(visit: Visit, *, status: int = 200, problem: str = "") -> web.StreamResponse:
    there = visit.field("next") or visit.query.get("next", "")
    return _with_token(visit, "sign_in.html", status, login=visit.field("login"), next=there, problem=problem)


async def _setup(visit: Visit, *, errors: dict[str, str] | None = None, sealed: str = "") -> web.StreamResponse:
    import segno  # here: pages that nobody opens cost no memory

    door = visit.site.sign_in
    officer = await door.invited(visit.request.match_info["token"])
    if officer is None:
        raise Refused(_("Đường dẫn này đã dùng hoặc đã quá hạn: xin quản trị một đường dẫn mới."))
    sealed, address = (sealed, door.phone_in(officer.login, sealed)) if sealed else door.new_phone(officer.login)
    picture = segno.make(address, micro=False).svg_inline(border=2, dark="#000", light="#fff", omitsize=True)
    secret = address.partition("secret=")[2].partition("&")[0]
    return _with_token(
        visit, "setup.html", 422 if errors else 200, who=officer, phone=sealed, picture=Markup(picture),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), errors=errors or {},
    )  # fmt: skip


def _with_token(visit: Visit, template: str, status: int, **values: object) -> web.StreamResponse:
    """An open page. A visitor without a cookie gets one: the page's form is signed with it."""
    if visit.token:
        return visit.page(template, status=status, **values)
    fresh = replace(visit, token=new_token())
    response = fresh.page(template, status=status, **values)
    fresh.remember(response, fresh.token)
    return response

"""People who work here, what they may do and where; and the log of all that was done."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from bot.console.routing import Routes
from bot.console.visit import PREFIX, Visit
from bot.services.broadcasting.rights import ROLES, Refused
from bot.speech import _
from bot.store import audit, officers
from bot.store.officers import Officer

routes = Routes()
SHOWN = 100


@routes.get("/users", "administer")
async def show_all(visit: Visit) -> web.StreamResponse:
    """Everybody."""
    return await _everybody(visit)


@routes.post("/users", "administer")
async def add(visit: Visit) -> web.StreamResponse:
    """A new officer, and the link that they set their password up with."""
    try:
        officer = await visit.site.staff.add(
            visit.field("login").lower(), role=visit.field("role"), name=visit.field("name"), by=visit.login,
            communes=_communes(visit), known=visit.site.library().communes,
        )  # fmt: skip
    except Refused as refusal:
        return await _everybody(visit, refusal.lines)
    return await _invited(visit, officer)


@routes.get("/users/{login}", "administer")
async def show(visit: Visit) -> web.StreamResponse:
    """One officer."""
    officer = await _officer(visit)
    return await _one(visit, officer)


@routes.post("/users/{login}", "administer")
async def change(visit: Visit) -> web.StreamResponse:
    """Role and area."""
    officer = await _officer(visit)
    try:
        await visit.site.staff.set_role(
            officer.login, role=visit.field("role"), by=visit.login, communes=_communes(visit),
            known=visit.site.library().communes,
        )  # fmt: skip
    except Refused as refusal:
        return await _one(visit, officer, refusal.lines)
    return visit.redirect(f"/users/{officer.login}", done=_("Đã lưu."))


@routes.post("/users/{login}/address", "administer")
async def set_address(visit: Visit) -> web.StreamResponse:
    """Where the officer reads tests, and nowhere else."""
    officer = await _officer(visit)
    try:
        await visit.site.staff.set_address(officer.login, visit.field("address"), by=visit.login)
    except Refused as refusal:
        return await _one(visit, officer, wrong=str(refusal))
    return visit.redirect(f"/users/{officer.login}", done=_("Đã lưu."))


@routes.post("/users/{login}/active", "administer")
async def set_active(visit: Visit) -> web.StreamResponse:
    """Keep an officer out, at once and everywhere; or let them in again."""
    officer = await _officer(visit)
    if officer.login == visit.login:
        return await _one(visit, officer, (_("Không ngừng tài khoản của chính mình được: nhờ một quản trị khác."),))
    active = visit.field("active") == "1"
    await visit.site.staff.set_active(officer.login, active=active, by=visit.login)
    if not active:
        await visit.site.sign_in.sign_out_elsewhere(officer.login, by=visit.login)
    done = _("Đã mở lại tài khoản.") if active else _("Đã ngừng tài khoản, và đăng xuất ở mọi nơi.")
    return visit.redirect(f"/users/{officer.login}", done=done)


@routes.post("/users/{login}/invite", "administer")
async def invite(visit: Visit) -> web.StreamResponse:
    """A new set-up link: for a lost phone or a forgotten password."""
    return await _invited(visit, await _officer(visit))


@routes.get("/audit", "administer")
async def show_audit(visit: Visit) -> web.StreamResponse:
    """Who did what, the newest first."""
    asked = {name: visit.query.get(name, "") for name in ("actor", "subject", "outcome")}
    async with visit.site.reading.connect() as db:
        entries = await audit.recent(db, **asked, limit=SHOWN, before=None)
    return visit.page("audit.html", entries=list(reversed(entries)), asked=asked, shown=SHOWN, verdict=None)


@routes.post("/audit/verify", "administer")
async def verify(visit: Visit) -> web.StreamResponse:
    """Walk the whole chain: was any entry changed, or taken out?"""
    async with visit.site.reading.connect() as db:
        broken, head = await audit.verify(db), await audit.head(db)
    return visit.piece("_audit_verdict.html", broken=broken, head=head)


async def _officer(visit: Visit) -> Officer:
    async with visit.site.reading.connect() as db:
        officer = await officers.find(db, visit.request.match_info["login"])
    if officer is None:
        raise web.HTTPNotFound
    return officer


def _communes(visit: Visit) -> Sequence[str]:
    return tuple(code for code in visit.fields("communes") if code)


async def _everybody(visit: Visit, problems: Sequence[str] = ()) -> web.StreamResponse:
    async with visit.site.reading.connect() as db:
        found = await officers.listing(db)
    typed = {name: visit.field(name) for name in ("login", "name", "role")}
    return visit.page(
        "users.html", status=422 if problems else 200, officers=found, faults=problems, roles=ROLES, typed=typed,
        chosen=_communes(visit), communes=visit.site.library().communes.values(),
    )  # fmt: skip


async def _one(
    visit: Visit, officer: Officer, problems: Sequence[str] = (), *, wrong: str = ""
) -> web.StreamResponse:  # fmt: skip
    """*wrong* is what is the matter with the address that was typed."""
    async with visit.site.reading.connect() as db:
        done = await audit.recent(db, actor=officer.login, limit=20)
    return visit.page(
        "user.html", status=422 if problems or wrong else 200, who=officer, faults=problems, roles=ROLES, wrong=wrong,
        address=visit.field("address") if wrong else officer.address,
        sessions=await visit.site.sign_in.sessions_of(officer.login), entries=list(reversed(done)),
        chosen=officer.communes, communes=visit.site.library().communes.values(),
    )  # fmt: skip


async def _invited(visit: Visit, officer: Officer) -> web.StreamResponse:
    """The link is shown once, to hand over; only its digest is kept."""
    token = await visit.site.sign_in.invite(officer.login, by=visit.login)
    host = visit.site.public_url or f"{visit.request.scheme}://{visit.request.host}"
    return visit.page("invited.html", who=officer, link=f"{host}{PREFIX}/setup/{token}")

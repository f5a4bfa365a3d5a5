"""`bot user`: the officers, what they may do and where."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.desk import opened, refusals_told
from bot.cli.shell import now_of, print_json, settings_of
from bot.speech import _

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.services.staffing import Staff
    from bot.store.officers import Officer

user = typer.Typer(no_args_is_help=True, help=_("Cán bộ: ai được soạn, ai được duyệt, phụ trách xã nào."))
Login = Annotated[str, typer.Argument(help=_("Tên đăng nhập: chữ thường không dấu, số."))]
RoleName = Annotated[
    str, typer.Option("--role", help=_("admin (mọi việc), officer (soạn), approver (duyệt) hay staff (chỉ xem)."))
]
By = Annotated[str, typer.Option("--as", help=_("Tên đăng nhập của quản trị làm việc này."))]
AsJson = Annotated[bool, typer.Option("--json", help=_("In JSON, cho chương trình đọc."))]
EVERYWHERE = "all"


@user.command(help=_("Thêm một cán bộ."))
def add(
    context: typer.Context,
    login: Login,
    role: RoleName,
    name: Annotated[str, typer.Option(help=_("Họ và tên."))] = "",
    communes: Annotated[str, typer.Option(help=_("Mã các xã, phường phụ trách, cách nhau dấu phẩy."))] = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Add an officer."""

    async def work(staff: Staff, known: Collection[str]) -> Officer:
        return await staff.add(login, role=role, known=known, by=by, name=name, communes=_codes(communes) or ())

    added = _changed(context, work)
    link = _invited(context, login, by)
    if as_json:
        print_json({**added.to_dict(), "link": link})
        return
    _print([added], as_json)
    _tell_link(login, link)


@user.command(help=_("Đường dẫn cài đặt mới, dùng một lần: cho người mới, mất điện thoại hay quên mật khẩu."))
def link(context: typer.Context, login: Login, by: By = "", as_json: AsJson = False) -> None:
    """Make a new set-up link."""
    found = _invited(context, login, by)
    if as_json:
        print_json({"login": login, "link": found})
        return
    _tell_link(login, found)


@user.command(help=_("Đổi vai trò của một cán bộ, và nơi phụ trách nếu nói tới."))
def role(
    context: typer.Context,
    login: Login,
    role: RoleName,
    communes: Annotated[str, typer.Option(help=_("Mã các xã, phường phụ trách; all là cả thành phố."))] = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Change a role."""

    async def work(staff: Staff, known: Collection[str]) -> Officer:
        return await staff.set_role(login, role=role, known=known, by=by, communes=_codes(communes))

    _change(context, work, as_json)


@user.command(help=_("Ghi địa chỉ của chính một cán bộ: tin thử của người đó chỉ gửi tới đây."))
def address(
    context: typer.Context,
    login: Login,
    address: Annotated[str, typer.Argument(help=_("Kênh rồi số, ví dụ telegram:100000001; “” là bỏ."))],
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Write down where an officer reads tests."""
    officer = _changed(context, lambda staff, _known: staff.set_address(login, address, by=by))
    if as_json:
        _print([officer], as_json)
    elif officer.address:
        print(_("Tin thử của “{login}” từ nay gửi tới {address}.").format(login=login, address=officer.address))
    else:
        print(_("“{login}” không còn địa chỉ nhận tin thử.").format(login=login))


@user.command(help=_("Ngừng một tài khoản. Những việc người đó đã làm vẫn còn trong nhật ký."))
def disable(context: typer.Context, login: Login, by: By = "", as_json: AsJson = False) -> None:
    """Keep an officer out."""
    _change(context, lambda staff, _known: staff.set_active(login, active=False, by=by), as_json)


@user.command(help=_("Mở lại một tài khoản đã ngừng."))
def enable(context: typer.Context, login: Login, by: By = "", as_json: AsJson = False) -> None:
    """Let an officer in again."""
    _change(context, lambda staff, _known: staff.set_active(login, active=True, by=by), as_json)


@user.command("list", help=_("Xem mọi cán bộ."))
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """Show all officers."""
    import asyncio

    settings = settings_of(context)
    with refusals_told():
        found = asyncio.run(_everybody(settings))
    _print(found, as_json)


Work = Callable[["Staff", Collection[str]], Awaitable["Officer"]]


def _change(context: typer.Context, work: Work, as_json: bool) -> None:
    """Do *work* and print the officer as they are now."""
    _print([_changed(context, work)], as_json)


def _changed(context: typer.Context, work: Work) -> Officer:
    """Do *work*; the officer as they are now."""
    import asyncio

    from bot.library.load import load_library
    from bot.services.staffing import Staff

    settings, now = settings_of(context), now_of(context)

    async def run() -> Officer:
        known = load_library(settings.dialogs, settings.content, settings.locales, understands=False).communes
        async with opened(settings) as database:
            return await work(Staff(database, now, via="cli"), known)

    with refusals_told():
        return asyncio.run(run())


def _invited(context: typer.Context, login: str, by: str) -> str:
    """A new set-up link. It is shown this once: the database keeps only its digest."""
    import asyncio

    from bot.config import web_secret
    from bot.services.signing_in import SignIn

    settings, now = settings_of(context), now_of(context)

    async def invite() -> str:
        async with opened(settings) as database:
            return await SignIn(database, now, secret=web_secret(settings), via="cli").invite(login, by=by)

    with refusals_told():
        token = asyncio.run(invite())
    host = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0", "::") else settings.host
    return f"{settings.public_url or f'http://{host}:{settings.port}'}/console/setup/{token}"


def _tell_link(login: str, link: str) -> None:
    print(_("Đường dẫn cài đặt của “{login}” (dùng một lần, trong 72 giờ):").format(login=login))
    print(link)


def _codes(text: str) -> Sequence[str] | None:
    """Codes of communes; none of them is the whole city. None when nothing was said."""
    if not text.strip():
        return None
    return () if text.strip() == EVERYWHERE else tuple(code.strip() for code in text.split(",") if code.strip())


async def _everybody(settings: Settings) -> Sequence[Officer]:
    from bot.store import officers
    from bot.store.db import reading

    async with opened(settings) as database, reading(database).connect() as db:
        return await officers.listing(db)


def _print(found: Sequence[Officer], as_json: bool) -> None:
    if as_json:
        for officer in found:
            print_json(officer.to_dict())
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from bot.services.broadcasting.rights import ROLES

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in (_("tên đăng nhập"), _("họ tên"), _("vai trò"), _("phụ trách"), _("tình trạng")):
        table.add_column(column, overflow="fold")
    for officer in found:
        where = ", ".join(officer.communes) or _("cả thành phố")
        state = _("đang dùng") if officer.is_active else _("đã ngừng")
        style = "" if officer.is_active else "dim"
        table.add_row(officer.login, escape(officer.name), ROLES[officer.role], where, state, style=style)
    Console().print(table if found else _("Chưa có cán bộ nào: thêm bằng lệnh “bot user add”."))

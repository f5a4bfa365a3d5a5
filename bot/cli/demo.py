"""`bot demo`: a fresh database filled with a city that was made up, and how to sign in there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.desk import opened, refusals_told
from bot.cli.shell import now_of, print_json, settings_of
from bot.speech import _

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.config import Settings
    from bot.demo.fill import Filled


def demo(
    context: typer.Context,
    people: Annotated[int, typer.Option(min=1, max=200_000, help=_("Số người."))] = 20_000,
    days: Annotated[int, typer.Option(min=1, max=365, help=_("Số ngày trò chuyện, tính tới hôm nay."))] = 90,
    seed: Annotated[int, typer.Option(help=_("Số khác thì ra thành phố khác; cùng số, cùng ngày thì như nhau."))] = 1,
    code: Annotated[
        str, typer.Option("--code", metavar="LOGIN", help=_("Chỉ in mã 6 số lúc này của một cán bộ thử."))
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help=_("In JSON, cho chương trình đọc."))] = False,
) -> None:
    """Fill a fresh database, or tell the code that an officer of it signs in with."""
    import asyncio

    import uvloop

    settings, now = settings_of(context), now_of(context)
    if code:
        with refusals_told():
            print(asyncio.run(_code(settings, code, now())))
        return
    with refusals_told():
        filled = uvloop.run(_fill(settings, people, days, seed, now()))
    if as_json:
        print_json({"password": filled.keys.password, "secrets": filled.keys.secrets, "turns": filled.turns})
    else:
        _tell(filled, settings)


async def _code(settings: Settings, login: str, at: datetime) -> str:
    from bot.config import web_secret
    from bot.demo.staff import code_of
    from bot.store.db import reading

    async with opened(settings) as database, reading(database).connect() as db:
        return await code_of(db, login, web_secret=web_secret(settings), at=at)


async def _fill(settings: Settings, people: int, days: int, seed: int, at: datetime) -> Filled:
    from bot.config import web_secret
    from bot.demo.fill import Plan, fill
    from bot.library.load import load_library

    library = load_library(settings.dialogs, settings.content, settings.locales)
    plan = Plan(people, days, seed, at)
    async with _fresh(settings.database_url) as database:
        with _progress(_("Thành phố thử")) as told:
            return await fill(database, library, plan, web_secret=web_secret(settings), told=told)


@asynccontextmanager
async def _fresh(url: str) -> AsyncIterator[AsyncEngine]:
    """The database at *url*, made if it isn't there."""
    from bot.store import db

    db.make_folder(url)
    database = db.open_database(url)
    try:
        await db.migrate(database)
        yield database
    finally:
        await database.dispose()


@contextmanager
def _progress(what: str) -> Iterator[Callable[[float], None]]:
    """A bar on stderr, where somebody looks at it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(what, total=1.0)
        yield lambda share: progress.update(task, completed=share)


def _tell(filled: Filled, settings: Settings) -> None:
    from rich.console import Console
    from rich.table import Table

    from bot.demo.staff import PLACES, STAFF
    from bot.services.broadcasting.rights import ROLES

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in (_("tên đăng nhập"), _("họ tên"), _("vai trò"), _("phụ trách"), _("khóa cho ứng dụng lấy mã")):
        table.add_column(column, overflow="fold")
    for person in STAFF:
        where = ", ".join(PLACES) if person.here else _("cả thành phố")
        table.add_row(person.login, person.name, _(ROLES[person.role]), where, filled.keys.secrets[person.login])
    console = Console(highlight=False)
    console.print(table)
    for line in _next_steps(filled, settings):
        console.print(line, soft_wrap=True)


def _next_steps(filled: Filled, settings: Settings) -> Iterator[str]:
    host = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0", "::") else settings.host
    yield _("Mật khẩu của tất cả, chỉ hiện lần này: {password}").format(password=filled.keys.password)
    yield _("Mã 6 số, nếu không có điện thoại: python -m bot demo --code thu-ha")
    yield _("Mọi người ở đây là bịa ra, và trang nào cũng nói vậy; không tin nào ra khỏi máy này.")
    yield _("Xem: python -m bot run, rồi mở http://{host}:{port}/console").format(host=host, port=settings.port)

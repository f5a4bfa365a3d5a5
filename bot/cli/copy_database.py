"""`bot copy-database`: everything into another database, of either kind, counted and compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.shell import print_json, settings_of, told_plainly
from bot.speech import _

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from bot.store.copying import Content


def copy_database(
    context: typer.Context,
    to: Annotated[
        str, typer.Option(help=_("Nơi đến, còn trống: sqlite:///var/moi.db hay postgresql://user@host/bot."))
    ],
    as_json: Annotated[bool, typer.Option("--json", help=_("In JSON, cho chương trình đọc."))] = False,
) -> None:
    """Copy the database of the settings into an empty one."""
    import asyncio

    settings = settings_of(context)

    from bot.store.copying import CopyRefused
    from bot.store.db import DatabaseUnfit

    with told_plainly(CopyRefused, DatabaseUnfit, OSError, ValueError):
        copied, in_use = asyncio.run(_copy(settings.database_url, _address(to), shows=not as_json))
    if as_json:
        tables = {name: {"rows": content.rows, "digest": f"{content.digest:064x}"} for name, content in copied.items()}
        print_json({"tables": tables, "rows": sum(one.rows for one in copied.values()), "source_in_use": in_use})
    else:
        _print(copied, in_use)


def _address(text: str) -> str:
    """*text* as the settings take an address. ValueError when it is none."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    from bot.config import DRIVERS

    try:
        url = make_url(text)
        driver = DRIVERS[url.drivername.partition("+")[0]]
    except (ArgumentError, KeyError):
        raise ValueError(_("--to: phải là địa chỉ như sqlite:///var/moi.db hoặc postgresql://user@host/bot.")) from None
    return url.set(drivername=driver).render_as_string(hide_password=False)


async def _copy(source_url: str, target_url: str, *, shows: bool) -> tuple[Mapping[str, Content], bool]:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import DBAPIError

    from bot.store import copying, db

    if not copying.is_there(make_url(source_url)):
        raise ValueError(_("Chưa có cơ sở dữ liệu nguồn: bot chưa chạy lần nào."))
    db.make_folder(target_url)
    source, target = copying.open_source(source_url), db.open_database(target_url)
    try:
        await copying.require_current(source)
        async with copying.snapshot(source) as origin:
            return await _copy_shown(origin, target, shows)
    except DBAPIError as error:
        raise ValueError(_("Cơ sở dữ liệu báo lỗi: {error}").format(error=str(error.orig).splitlines()[0])) from None
    finally:
        await source.dispose()
        await target.dispose()


async def _copy_shown(origin: AsyncConnection, target: AsyncEngine, shows: bool) -> tuple[Mapping[str, Content], bool]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from bot.store.copying import copy_database, counts_of
    from bot.store.importing import may_be_running

    counts, in_use = await counts_of(origin), await may_be_running(origin)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not (shows and console.is_terminal), transient=True) as progress:
        tasks = {name: progress.add_task(name, total=rows) for name, rows in counts.items() if rows}

        def told(name: str, rows: int) -> None:
            progress.advance(tasks[name], rows)

        return await copy_database(origin, target, told=told), in_use


def _print(copied: Mapping[str, Content], in_use: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_("bảng"))
    table.add_column(_("dòng"), justify="right")
    table.add_column(_("dấu nội dung, hai bên như nhau"))
    for name, content in copied.items():
        table.add_row(name, f"{content.rows:,}".replace(",", "."), f"{content.digest:064x}"[:16])
    console = Console(highlight=False)
    console.print(table)
    total = sum(content.rows for content in copied.values())
    console.print(_("Đã chép và đối chiếu {rows} dòng.").format(rows=total), soft_wrap=True)
    if in_use:
        told = _("Lưu ý: bot có thể đang chạy trên nguồn; việc xảy ra sau lúc bắt đầu chép không có trong bản sao.")
        console.print(told, style="yellow", soft_wrap=True)

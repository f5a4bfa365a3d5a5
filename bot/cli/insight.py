"""`bot insight`: how far the numbers of the pages are behind the log, and counting them anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.desk import opened, refusals_told
from bot.cli.log import HANOI
from bot.cli.shell import now_of, print_json, settings_of
from bot.speech import _

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config import Settings
    from bot.services.insight.state import Follows

HELP = _("Số liệu của các trang: đã đếm tới đâu trong nhật ký trò chuyện, và đếm lại từ đầu.")
insight = typer.Typer(no_args_is_help=True, help=HELP)
AsJson = Annotated[bool, typer.Option("--json", help=_("In JSON, cho chương trình đọc."))]


@insight.command(help=_("Đã đếm tới đâu, chậm bao lâu so với nhật ký, đếm người lúc nào."))
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Show how far it came."""
    import asyncio

    settings = settings_of(context)
    with refusals_told():
        found = asyncio.run(_status(settings))
    if as_json:
        print_json(found.to_dict())
        return
    print(_("Đã đếm: {folded} trong {logged} dòng nhật ký.").format(folded=found.folded, logged=found.logged))
    print(_behind(found))
    counted = found.counted_at.astimezone(HANOI) if found.counted_at else None
    print(_("Đếm người lúc: {at}").format(at=f"{counted:%d/%m/%Y %H:%M}" if counted else _("chưa lần nào")))


def _behind(found: Follows) -> str:
    if found.behind is None:
        return _("Số liệu đủ tới dòng mới nhất.")
    minutes = max(1, round(found.behind.total_seconds() / 60))
    told = _("Số liệu chậm {minutes} phút so với nhật ký. Lệnh run tự đếm tiếp; nếu không chạy: bot insight rebuild.")
    return told.format(minutes=minutes)


@insight.command(help=_("Xóa số liệu đã đếm rồi đếm lại cả nhật ký. Bot cứ chạy; trong lúc ấy trang chưa đủ số."))
def rebuild(context: typer.Context, as_json: AsJson = False) -> None:
    """Empty and fold anew."""
    import asyncio

    settings, now = settings_of(context), now_of(context)
    with refusals_told():
        rows = asyncio.run(_rebuild(settings, now(), shows=not as_json))
    if as_json:
        print_json({"rows": rows})
    else:
        print(_("Đã đếm lại {rows} dòng nhật ký.").format(rows=rows))


async def _status(settings: Settings) -> Follows:
    from bot.services.insight.state import follows
    from bot.store.db import reading

    async with opened(settings) as database, reading(database).connect() as db:
        return await follows(db)


async def _rebuild(settings: Settings, at: datetime, *, shows: bool) -> int:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from bot.library.load import load_library
    from bot.services.insight import follower
    from bot.services.insight.state import follows
    from bot.store.db import reading

    library = load_library(settings.dialogs, settings.content, settings.locales, understands=False)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    async with opened(settings) as database:
        async with reading(database).connect() as db:
            total = (await follows(db)).logged
        with Progress(*columns, console=console, disable=not (shows and console.is_terminal), transient=True) as bar:
            task = bar.add_task(_("Đếm lại"), total=total)
            return await follower.rebuild(
                database, now=at, sections=follower.sections_of(library), told=lambda rows: bar.advance(task, rows)
            )

"""`bot audit`: who did what, what was refused to whom, and whether the log is whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.desk import opened, refusals_told
from bot.cli.log import HANOI
from bot.cli.shell import print_json, settings_of
from bot.speech import _

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.store.audit import Entry

audit = typer.Typer(no_args_is_help=True, help=_("Nhật ký việc làm: ai đã làm gì, ai bị từ chối việc gì."))
AsJson = Annotated[bool, typer.Option("--json", help=_("In JSON, cho chương trình đọc."))]


@audit.command("list", help=_("Xem những dòng gần đây, cũ trước mới sau."))
def list_(
    context: typer.Context,
    subject: Annotated[str, typer.Option(help=_("Chỉ việc về điều này, ví dụ broadcast:12 hay user:an."))] = "",
    actor: Annotated[str, typer.Option(help=_("Chỉ việc của người này."))] = "",
    refused: Annotated[bool, typer.Option("--refused", help=_("Chỉ những việc bị từ chối."))] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help=_("Nhiều nhất chừng này dòng mới nhất."))] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the last entries."""
    import asyncio

    settings = settings_of(context)
    with refusals_told():
        found = asyncio.run(_recent(settings, subject, actor, "refused" if refused else "", limit))
    if as_json:
        for entry in found:
            print_json(entry.to_dict())
    else:
        _print(found)


@audit.command(help=_("Soát cả nhật ký: có dòng nào bị sửa hay bị lấy đi không. In dấu của dòng cuối để ghi lại."))
def verify(
    context: typer.Context,
    known: Annotated[str, typer.Option(help=_("Dấu đã ghi lại lần trước: phải còn trong nhật ký."))] = "",
    as_json: AsJson = False,
) -> None:
    """Check the whole chain."""
    import asyncio

    settings = settings_of(context)
    with refusals_told():
        broken, is_known, head = asyncio.run(_verify(settings, known))
    if as_json:
        print_json({"sound": broken is None and is_known, "broken": broken, "known": is_known, "head": head})
    elif broken is not None:
        print(_("Nhật ký đã bị sửa hoặc bị lấy bớt ở dòng số {number}.").format(number=broken))
    elif not is_known:
        print(_("Dấu đã ghi lại không còn trong nhật ký: phần cuối đã bị lấy đi."))
    else:
        print(_("Nhật ký nguyên vẹn. Dấu của dòng cuối: {head}").format(head=head or "-"))
    if broken is not None or not is_known:
        raise typer.Exit(1)


async def _recent(settings: Settings, subject: str, actor: str, outcome: str, limit: int) -> Sequence[Entry]:
    from bot.store import audit
    from bot.store.db import reading

    async with opened(settings) as database, reading(database).connect() as db:
        return await audit.recent(db, subject=subject, actor=actor, outcome=outcome, limit=limit)


async def _verify(settings: Settings, known: str) -> tuple[int | None, bool, str]:
    from bot.store import audit
    from bot.store.db import reading

    async with opened(settings) as database, reading(database).connect() as db:
        head = await audit.head(db)
        return await audit.verify(db), not known or await audit.holds(db, known), head


def _print(found: Sequence[Entry]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in (_("số"), _("giờ"), _("ai"), _("việc"), _("về"), _("kết quả"), _("chi tiết")):
        table.add_column(column, overflow="fold", no_wrap=column == _("giờ"))
    for entry in found:
        at = entry.at.astimezone(HANOI).strftime("%d/%m/%Y %H:%M:%S")
        was_done = entry.outcome == "done"
        result = _("xong") if was_done else _("từ chối")
        words = (entry.actor, entry.action, entry.subject, result, entry.detail)
        table.add_row(str(entry.id), at, *map(escape, words), style="" if was_done else "yellow")
    Console().print(table if found else _("Nhật ký chưa có dòng nào."))

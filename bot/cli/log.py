"""`bot log`: what was heard and what happened."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bot.cli.shell import print_json, settings_of, told_plainly
from bot.speech import _

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from bot.config import Settings
    from bot.store.interactions import Interaction

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def log(
    context: typer.Context,
    contact: Annotated[str, typer.Option(help=_("Số của người đó, hoặc kênh:số như telegram:100000001."))] = "",
    dialog: Annotated[str, typer.Option(help=_("Chỉ hội thoại này."))] = "",
    since: Annotated[
        str, typer.Option(help=_("Từ ngày hoặc giờ này, giờ Hà Nội: 2026-11-23 hay 2026-11-23T08:00."))
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help=_("Nhiều nhất chừng này dòng mới nhất."))] = 50,
    as_json: Annotated[bool, typer.Option("--json", help=_("Mỗi dòng một JSON, cho chương trình đọc."))] = False,
) -> None:
    """Show recent interactions."""
    import asyncio

    settings = settings_of(context)

    from bot.store.db import DatabaseUnfit

    with told_plainly(DatabaseUnfit, OSError, ValueError):
        found = asyncio.run(_read(settings, contact, dialog, moment_of(since), limit))
    if as_json:
        for one in found:
            print_json(one.to_dict())
    else:
        _print_table(found)


def moment_of(text: str) -> datetime | None:
    """A moment in Hà Nội's time from "2026-11-23" or "2026-11-23T08:00"; ValueError when it is none."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(_("{text}: phải là ngày hoặc giờ, ví dụ 2026-11-23T08:00.").format(text=text)) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=HANOI)


async def _read(settings: Settings, contact: str, dialog: str, since: datetime | None, limit: int) -> list[Interaction]:
    from bot.store import db, interactions

    if not is_there(settings.database_url):
        raise ValueError(_("Chưa có cơ sở dữ liệu: bot chưa chạy lần nào."))
    engine = db.open_database(settings.database_url)
    try:
        if not await db.is_up_to_date(engine):
            raise ValueError(_("Cơ sở dữ liệu chưa ở bản mới nhất: chạy lệnh migrate trước."))
        async with db.reading(engine).connect() as connection:
            number = await _contact(connection, contact) if contact else None
            return await interactions.recent(connection, contact_id=number, dialog=dialog, since=since, limit=limit)
    finally:
        await engine.dispose()


def is_there(url: str) -> bool:
    """Whether there is anything to read: opening an SQLite file that is not there would make it."""
    from sqlalchemy.engine import make_url

    parts = make_url(url)
    return parts.get_backend_name() != "sqlite" or Path(str(parts.database)).exists()


async def _contact(connection: AsyncConnection, text: str) -> int:
    from bot.store.interactions import find_contact

    number = int(text) if text.isdecimal() else await find_contact(connection, text)
    if number is None:
        raise ValueError(_("Chưa có ai ở địa chỉ {contact}.").format(contact=text))
    return number


def _print_table(found: list[Interaction]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in (_("giờ"), _("ai"), _("việc"), _("hội thoại"), _("chi tiết"), _("lời")):
        table.add_column(column, overflow="fold", no_wrap=column == _("giờ"))
    for one in found:
        place = "/".join(part for part in (one.dialog, one.node) if part)
        at = one.at.astimezone(HANOI).strftime("%d/%m %H:%M:%S")
        table.add_row(at, str(one.contact_id), one.kind, place, one.detail, one.text, style=style_of(one.kind))
    Console().print(table if found else _("Chưa có lượt trò chuyện nào."))


def style_of(kind: str) -> str:
    """Rows that ask for a look stand out; those that only follow from others step back."""
    if kind == "alarmed":
        return "bold red"
    if kind in ("missed", "replaced", "handoff", "stop"):
        return "yellow"
    return "dim" if kind in ("entered", "ended", "said") else ""

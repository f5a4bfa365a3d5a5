"""`bot import`: contacts from a file. A dry run unless told otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.log import is_there
from bot.cli.shell import now_of, print_json, settings_of, today_of, told_plainly
from bot.speech import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.config import Settings
    from bot.services.importing.applying import File, Report
    from bot.services.importing.values import Values

SHOWN = 50
"""Faults that are shown at once: whoever has more has one cause of many."""
KEPT = {
    "stopped": _("đã thôi nhận tin"),
    "refused": _("đã không đồng ý trên bot"),
    "complete": _("không còn gì trống để điền"),
    "running": _("vì bot đang chạy; dừng bot bằng Ctrl-C (bị tắt đột ngột thì mở lại rồi dừng), nhập lại tệp này"),
}


def import_contacts(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=_("Tệp CSV UTF-8, dòng đầu là tên cột."), show_default=False)],
    apply: Annotated[bool, typer.Option("--apply", help=_("Ghi thật; không có thì chỉ xem trước."))] = False,
    login: Annotated[str, typer.Option("--as", help=_("Tên đăng nhập của cán bộ nhập, cần khi ghi thật."))] = "",
    as_json: Annotated[bool, typer.Option("--json", help=_("In JSON, cho chương trình đọc."))] = False,
) -> None:
    """Import contacts."""
    import asyncio

    settings = settings_of(context)
    today = today_of(context, settings)

    from bot.library.load import load_library
    from bot.library.source import LibraryError
    from bot.services.importing.applying import File, Refused
    from bot.services.importing.values import Values
    from bot.store.db import DatabaseUnfit

    with told_plainly(DatabaseUnfit, LibraryError, OSError, Refused, ValueError):
        if apply and not login:
            raise ValueError(_("Ghi thật thì cần --as TÊN: sổ nhật ký ghi ai đã nhập."))
        values = Values(load_library(settings.dialogs, settings.content, settings.locales, understands=False), today)
        read = File(file.name, file.read_bytes())
        report = asyncio.run(_run(settings, read, values, login if apply else "", now_of(context)))
    if as_json:
        print_json(_json_of(report))
    else:
        _print(report)
    raise typer.Exit(1 if report.fault_count else 0)


async def _run(settings: Settings, file: File, values: Values, login: str, now: Callable[[], datetime]) -> Report:
    from sqlalchemy.exc import DBAPIError

    from bot.services.importing import applying
    from bot.store import db

    if not is_there(settings.database_url):
        raise ValueError(_("Chưa có cơ sở dữ liệu: chạy lệnh migrate trước."))
    engine = db.open_database(settings.database_url)
    try:
        if not await db.is_up_to_date(engine):
            raise ValueError(_("Cơ sở dữ liệu chưa ở bản mới nhất: chạy lệnh migrate trước."))
        if login:
            return await applying.apply(engine, file, values, login=login, now=now)
        return await applying.examine(engine, file, values, now=now())
    except DBAPIError as error:
        told = _("Cơ sở dữ liệu báo lỗi, chưa ghi gì: {error}")
        raise ValueError(told.format(error=str(error.orig).splitlines()[0])) from None
    finally:
        await engine.dispose()


def _json_of(report: Report) -> dict[str, object]:
    faults = [
        {"line": fault.line, "column": fault.column, "what": fault.what, "remedy": fault.remedy}
        for fault in report.faults
    ]
    found = {"file": report.file, "sha256": report.sha256, "applied": report.applied, **report.counts()}
    return found | {"kept_lines": report.kept, "errors": faults}


def _print(report: Report) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    for fault in report.faults[:SHOWN]:
        console.print(escape(str(fault)), style="red", soft_wrap=True)
    more = report.fault_count - min(len(report.faults), SHOWN)
    if more:
        console.print(_("… và {count} lỗi nữa.").format(count=more), style="red")
    for line in _told(report):
        console.print(escape(line), soft_wrap=True)


def _told(report: Report) -> list[str]:
    told = [_("{file}: {new} người mới, {filled} người được điền thêm.")]
    told[0] = told[0].format(file=report.file, new=report.new, filled=report.filled)
    for reason, lines in report.kept.items():
        some = ", ".join(map(str, sorted(lines)[:10])) + (" …" if len(lines) > 10 else "")
        line = _("Giữ nguyên {count} người, {reason}: dòng {lines}.")
        told.append(line.format(count=len(lines), reason=KEPT[reason], lines=some))
    if report.applied:
        told.append(_("Đã ghi."))
    elif report.fault_count:
        told.append(_("Có {count} lỗi: chưa ghi gì. Sửa tệp rồi chạy lại.").format(count=report.fault_count))
    else:
        told.append(_("Mới là xem trước, chưa ghi gì. Ghi thật: thêm --apply --as TÊN."))
    return told

"""Reads the days on which nothing is sent: `content/holidays.yaml`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bot.library.source import Problem, load_yaml, source_of
from bot.library.table import Table


def load_holidays(content: Path, problems: list[Problem]) -> dict[date, str]:
    """The name of every holiday by its day, ascending; none when there is no such file."""
    file = content / "holidays.yaml"
    if not file.exists():
        return {}
    source = source_of(file, content, problems)
    spot = load_yaml(file, source)
    if spot is None:
        return {}
    table = Table(source, spot)
    holidays: dict[date, str] = {}
    for entry in table.tables("holidays"):
        _take(entry, holidays)
    table.finish()
    return holidays


def _take(entry: Table, holidays: dict[date, str]) -> None:
    """Put the holiday in *entry* among *holidays*. In order, so that a day left out is seen by whoever reads on."""
    day, name = entry.day("date") if entry.need("date") else None, entry.text("name")
    entry.text("source")
    if entry.flag("confirm") and not entry.text("note", ""):
        entry.note("confirm", "chưa nói phải xác nhận điều gì", "Thêm dòng 'note: …'.")
    entry.text("note", "")
    entry.finish()
    if day is None:
        return
    latest = max(holidays, default=day)
    if day in holidays:
        entry.note("date", f"ngày {day} đã có ở trên: '{holidays[day]}'", "Bỏ bớt một.")
    elif day < latest:
        entry.note("date", f"ngày {day} đứng sau ngày {latest}", "Xếp các ngày từ sớm đến muộn.")
    holidays.setdefault(day, name)

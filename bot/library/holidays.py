"""Reads the days on which nothing is sent: `content/holidays.yaml`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from bot.library.source import Problem, load_yaml, source_of
from bot.library.table import Table


@dataclass(frozen=True, slots=True)
class Holidays:
    """Days, ascending: their names, what is still to be confirmed of some, and the line of each in the file."""

    names: dict[date, str] = field(default_factory=dict)
    unsettled: dict[date, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


def load_holidays(content: Path, problems: list[Problem]) -> Holidays:
    """The holidays; none when there is no such file."""
    holidays = Holidays()
    file = content / "holidays.yaml"
    if not file.exists():
        return holidays
    source = source_of(file, content, problems)
    spot = load_yaml(file, source)
    if spot is None:
        return holidays
    table = Table(source, spot)
    for entry in table.tables("holidays"):
        _take(entry, holidays)
    table.finish()
    return holidays


def _take(entry: Table, holidays: Holidays) -> None:
    """Put the holiday in *entry* among *holidays*. In order, so that a day left out is seen by whoever reads on."""
    day, name = entry.day("date") if entry.need("date") else None, entry.text("name")
    entry.text("source")
    note, is_unsettled = entry.text("note", ""), entry.flag("confirm")
    if is_unsettled and not note:
        entry.note("confirm", "chưa nói phải xác nhận điều gì", "Thêm dòng 'note: …'.")
    entry.finish()
    if day is None:
        return
    latest = max(holidays.names, default=day)
    if day in holidays.names:
        entry.note("date", f"ngày {day} đã có ở trên: '{holidays.names[day]}'", "Bỏ bớt một.")
    elif day < latest:
        entry.note("date", f"ngày {day} đứng sau ngày {latest}", "Xếp các ngày từ sớm đến muộn.")
    holidays.names.setdefault(day, name)
    holidays.lines.setdefault(f"holidays:{day}", entry.line_of("date"))
    if is_unsettled:
        holidays.unsettled.setdefault(day, note)

"""Files of rows: CSV, XLSX and JSON lines, written batch by batch, and harmless to open whatever people wrote."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Protocol

from bot.services.discretion import Few
from bot.services.exporting.table import Cell, Column, Kind, Row
from bot.speech import _

HANOI = timezone(timedelta(hours=7))
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What spreadsheets take for the beginning of a formula (OWASP, "CSV Injection"); in some locales the wide ones too."""
MOST_ROWS = 1_048_575
"""Rows that a sheet of Excel's has, without the heading."""
MOST_LETTERS = 32_767
"""Letters that a cell of Excel's holds."""
WIDE, NARROW = 32, 14
"""Widths of columns, in letters."""
SHAPES: Mapping[Kind, str] = {"moment": "yyyy-mm-dd hh:mm", "day": "yyyy-mm-dd", "share": "0.0%", "number": "#,##0"}


class TooManyRows(Exception):
    """The format can't hold them. The text says what to do."""


class File(Protocol):
    """One file being written. Blocking: call it from a thread."""

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""
        ...

    def close(self) -> None:
        """Finish; only then it is whole."""
        ...


class CsvFile:
    """UTF-8 with a mark at its start, without which Excel takes Vietnamese for something else."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._file)
        self._rows.writerow([_harmless(column.title) for column in columns])

    def write(self, rows: Sequence[Row]) -> None:
        """Texts that a spreadsheet would run get an apostrophe before them, which makes them texts."""
        self._rows.writerows([_harmless(_plain(cell)) for cell in row] for row in rows)

    def close(self) -> None:
        """See File."""
        self._file.close()


class JsonFile:
    """One object a line, for programs; moments in ISO 8601 with Hà Nội's zone."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._keys = [column.key for column in columns]

    def write(self, rows: Sequence[Row]) -> None:
        """See File."""
        for row in rows:
            values = (_plain(cell) for cell in row)
            self._file.write(json.dumps(dict(zip(self._keys, values, strict=True)), ensure_ascii=False) + "\n")

    def close(self) -> None:
        """See File."""
        self._file.close()


class SheetFile:
    """A workbook of one sheet. Rows leave memory as they come; texts are written as texts, whatever they begin with."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        import xlsxwriter  # 2 MB of memory: only once somebody asks for such a file

        self._book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "in_memory": False})
        self._sheet = self._book.add_worksheet()
        bold = self._book.add_format({"bold": True, "bottom": 1})
        self._shapes = {kind: self._book.add_format({"num_format": shape}) for kind, shape in SHAPES.items()}
        self._kinds = [column.kind for column in columns]
        self._next = 1
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            self._sheet.set_column(place, place, WIDE if column.kind == "text" else NARROW)
            self._sheet.write_string(0, place, column.title, bold)

    def write(self, rows: Sequence[Row]) -> None:
        """Raises `TooManyRows`."""
        if self._next + len(rows) > MOST_ROWS:
            told = _("Excel chỉ chứa được {count} dòng: thu hẹp số ngày, hoặc chọn CSV.")
            raise TooManyRows(told.format(count=MOST_ROWS))
        for row in rows:
            for place, cell in enumerate(row):
                self._put(place, cell)
            self._next += 1

    def close(self) -> None:
        """See File."""
        self._book.close()

    def _put(self, place: int, cell: Cell) -> None:
        shape = self._shapes.get(self._kinds[place])
        match cell:
            case None:
                return
            case datetime():
                self._sheet.write_datetime(self._next, place, cell.astimezone(HANOI).replace(tzinfo=None), shape)
            case date():
                self._sheet.write_datetime(self._next, place, cell, shape)
            case int() | float():
                self._sheet.write_number(self._next, place, cell, shape)
            case _:
                self._sheet.write_string(self._next, place, str(_plain(cell))[:MOST_LETTERS])


FORMATS: Mapping[str, Callable[[Path, Sequence[Column]], File]] = {
    "csv": CsvFile, "xlsx": SheetFile, "jsonl": JsonFile,
}  # fmt: skip
TYPES: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


def _plain(cell: Cell) -> Any:
    """As text formats hold it: numbers stay numbers."""
    match cell:
        case Few():
            return cell.words
        case datetime():
            return cell.astimezone(HANOI).isoformat(sep=" ", timespec="seconds")
        case date():
            return cell.isoformat()
        case float():
            return round(cell, 4)
        case _:
            return cell


def _harmless(value: object) -> object:
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value

"""A table as officers see it, and the same one page by page for a file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from bot.services.discretion import Few

Kind = Literal["text", "number", "share", "moment", "day"]
Cell = str | int | float | datetime | date | Few | None
Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """`key` is for programs that read a file, `title` for people. A share is a part of one."""

    key: str
    title: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of a table that fits on a page. Cells of people that may not be told are `Few` by then."""

    columns: Sequence[Column]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a long table; *done* is the share of the work that is behind us with them."""

    rows: Sequence[Row]
    done: float = 1.0


@dataclass(frozen=True, slots=True)
class Report:
    """What a file is made of. *name* is its kind, in ASCII; *asked* the filters, without anything personal: the audit
    log keeps them for ever."""

    name: str
    columns: Sequence[Column]
    batches: AsyncIterator[Batch]
    asked: Mapping[str, object] = field(default_factory=dict)


def report_of(name: str, table: Table, asked: Mapping[str, object] | None = None) -> Report:
    """A table that fits on a page, as a file."""

    async def batches() -> AsyncIterator[Batch]:
        yield Batch(table.rows)

    return Report(name, table.columns, batches(), asked or {})

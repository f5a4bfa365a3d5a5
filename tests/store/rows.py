"""Rows for every table, of values that are hard to carry from one kind of database to the other."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    insert,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.schema import metadata
from bot.store.types import UtcDateTime

ROWS = 23
HARD = (
    "",
    "Xin chào bà con 👩‍🌾",
    "e\u0301 ≠ é",
    "'; DROP TABLE contacts; --",
    "a\nb\tc",
    "\U0010ffff\u200b",
    "dài " * 5000,
)
BYTES = (b"", bytes(range(256)), b"\0" * 100, "chữ".encode())
FIRST, LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, 23, 59, 59, 999_999, tzinfo=UTC)
MOMENTS = (FIRST, LAST, datetime(2026, 3, 29, 1, 30, 0, 1, tzinfo=UTC))
VALUES: Mapping[type, Callable[[random.Random], Any]] = {
    UtcDateTime: lambda chance: chance.choice(MOMENTS),
    Date: lambda chance: chance.choice(MOMENTS).date(),
    Boolean: lambda chance: chance.random() < 0.5,
    LargeBinary: lambda chance: chance.choice(BYTES),
    String: lambda chance: chance.choice(HARD),
    SmallInteger: lambda chance: chance.choice((0, -1, (1 << 15) - 1, -(1 << 15))),
    BigInteger: lambda chance: chance.choice((0, -1, (1 << 63) - 1, -(1 << 63), 1 << 53)),
    Integer: lambda chance: chance.choice((0, -1, (1 << 31) - 1, -(1 << 31))),
}
"""Values of each type of column, the narrower types first."""


def rows_of(table: Table, made: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Rows for any table, from its columns alone: so that one added tomorrow is copied in this test as well."""
    chance = random.Random(table.name)
    return [{column.name: _value(column, number, chance, made) for column in table.columns} for number in range(ROWS)]


def _value(column: Column[Any], number: int, chance: random.Random, made: Mapping[str, list[dict[str, Any]]]) -> Any:
    for key in column.foreign_keys:
        return made[key.column.table.name][number][key.column.name]
    if column.nullable and number % 3 == 0:
        return None
    if column.primary_key or _is_unique(column):
        return _own_value(column, number)
    make = next(make for kind, make in VALUES.items() if isinstance(column.type, kind))
    value = make(chance)
    return value[: column.type.length] if isinstance(column.type, String) else value


def _own_value(column: Column[Any], number: int) -> Any:
    """One that no other row has."""
    match column.type:
        case UtcDateTime():
            return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(microseconds=number)
        case Date():
            return date(2026, 11, 23) + timedelta(days=number)
        case Integer():
            return number + 1 if number else (1 << 31) - 1
        case String() as kind:
            return f"{HARD[number % len(HARD)]}"[: (kind.length or 1 << 20) - 3] + str(number)
    raise AssertionError(f"{column}: make values of {column.type!r} here")


def _is_unique(column: Column[Any]) -> bool:
    table = column.table
    is_constrained = any(isinstance(one, UniqueConstraint) and column.name in one.columns for one in table.constraints)
    return is_constrained or any(one.unique and column.name in one.columns for one in table.indexes)


async def fill(database: AsyncEngine) -> None:
    """Rows into every table."""
    made: dict[str, list[dict[str, Any]]] = {}
    async with database.begin() as db:
        for table in metadata.sorted_tables:
            made[table.name] = rows_of(table, made)
            await db.execute(insert(table), made[table.name])

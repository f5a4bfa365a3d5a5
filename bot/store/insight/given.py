"""Many rows in one statement and one parameter, on either database: a JSON array that the statement reads as a table.

A thousand rows as a thousand parameters would be parsed by the driver and planned anew for each number of rows; one by
one they would hold SQLite's thread and ours in turns (`bot.store.wide`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

Type = Literal["text", "bigint", "integer", "date", "timestamptz"]
_encoded = msgspec.json.Encoder().encode


def table_given(db: AsyncConnection, types: Mapping[str, Type]) -> str:
    """`SELECT … FROM` over the parameter `:rows`, an array of arrays whose columns have these names and *types*."""
    if db.dialect.name == "sqlite":
        columns = (f"json_extract(value, '$[{index}]') AS {name}" for index, name in enumerate(types))
        return f"SELECT {', '.join(columns)} FROM json_each(:rows)"
    columns = (f"CAST(value ->> {index} AS {kind}) AS {name}" for index, (name, kind) in enumerate(types.items()))
    return f"SELECT {', '.join(columns)} FROM json_array_elements(CAST(:rows AS json))"


def list_given(db: AsyncConnection, kind: Type = "bigint", name: str = "list") -> str:
    """A subquery over the parameter `:list`, an array of single values."""
    if db.dialect.name == "sqlite":
        return f"(SELECT value FROM json_each(:{name}))"
    return f"(SELECT CAST(value AS {kind}) FROM json_array_elements_text(CAST(:{name} AS json)))"


def encoded(values: Collection[Any]) -> str:
    """*values* as such a parameter: rows, or single values."""
    return _encoded(values).decode()


def stamp(db: AsyncConnection, moment: datetime) -> str:
    """*moment* as it stands in such a row: in SQLite as SQLAlchemy stores it there."""
    told = moment.astimezone(UTC)
    if db.dialect.name == "sqlite":
        return told.replace(tzinfo=None).isoformat(" ", "microseconds")
    return told.isoformat()


def sorted_rows(rows: Mapping[tuple[Any, ...], Sequence[Any]]) -> list[list[Any]]:
    """Rows from a mapping of keys to the rest, in the order of their keys: neighbours are written together."""
    return [[*key, *rows[key]] for key in sorted(rows)]

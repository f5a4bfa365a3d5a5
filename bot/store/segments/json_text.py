"""A value out of a column that holds JSON as text, on either database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

NUL = r"(?<!\\)((?:\\\\)*)\\u0000"
"""An escaped NUL, which PostgreSQL's text can't hold: one such character in anybody's words would break every query."""


class json_text(FunctionElement[str]):
    """`json_text(column, literal(name))`: the text under *name* of the object in the column; NULL where it is not."""

    type = Text()
    inherit_cache = True


@compiles(json_text, "sqlite")
def _on_sqlite(element: json_text, compiler: Any, **options: Any) -> str:
    column, name = (compiler.process(part, **options) for part in element.clauses)
    return f"""json_extract({column}, '$."' || {name} || '"')"""


@compiles(json_text, "postgresql")
def _on_postgresql(element: json_text, compiler: Any, **options: Any) -> str:
    column, name = (compiler.process(part, **options) for part in element.clauses)
    return f"(CAST(regexp_replace({column}, '{NUL}', '\\1', 'g') AS JSON) ->> {name})"


def text_under(column: ColumnElement[str], name: str) -> ColumnElement[str]:
    """The text under *name*. One with a quotation mark would end SQLite's path: `ValueError`."""
    if '"' in name:
        raise ValueError(f"a name in JSON was {name!r}")
    return json_text(column, literal(name, Text()))

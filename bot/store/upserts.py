"""INSERT … ON CONFLICT, which each database has words of its own for."""

from __future__ import annotations

from sqlalchemy import Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_into(table: Table, dialect: Dialect) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say what a conflict does."""
    return (sqlite.insert if dialect.name == "sqlite" else postgresql.insert)(table)

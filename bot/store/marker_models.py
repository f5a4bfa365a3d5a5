"""The table of what holds for a database as a whole."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from bot.store.models import metadata
from bot.store.types import UtcDateTime

markers = Table(
    "markers",
    metadata,
    Column("name", String(32), primary_key=True),  # synthetic
    Column("at", UtcDateTime, nullable=False),
)
"""One row for each thing that is so. A copy of the database takes them along."""

"""Tables of insight: counters folded from the log, and the marks that tell whom a counter has counted already.

All of them but the decisions can be emptied and folded anew (`bot insight rebuild`).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Index, Integer, String, Table, Text

from bot.store.models import metadata
from bot.store.types import UtcDateTime

EVERYWHERE = "*"
"""The commune of the row that counts all communes: a page of the whole city reads one row, not 127."""
FORM = 128
"""Most characters of a folded form: longer messages that begin alike are one group."""

tallies = Table(
    "tallies",
    metadata,
    Column("metric", String(16), primary_key=True),  # bot.services.insight.metrics.Metric
    Column("subject", String(64), primary_key=True),  # the dialog or broadcast it is about; empty: none
    Column("commune", String(8), primary_key=True),  # its code, empty where none was told, EVERYWHERE for all
    Column("day", Date, primary_key=True),  # in Hà Nội
    Column("key", String(200), primary_key=True),  # node, choice, hour, section … by metric
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Counters of a day. In the order of its key, the days of one metric in one commune lie side by side."""

marks = Table(
    "marks",
    metadata,
    Column("contact_id", BigInteger, primary_key=True, autoincrement=False),
    Column("metric", String(16), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("day", Date, nullable=False),  # the last day on which it was so
    Column("commune", String(8), nullable=False),  # where the contact was then
    Column("value", String(160), nullable=False, server_default=""),  # of a place: dialog and node
    Column("n", Integer, nullable=False, server_default="0"),  # of a run: steps so far
    sqlite_with_rowid=False,
)
"""What the fold knows of a contact: when they were last active, where they wait in a dialog, what has counted them."""

departures = Table(
    "departures",
    metadata,
    Column("contact_id", BigInteger, primary_key=True, autoincrement=False),
)
"""Contacts that were forgotten and whose marks the follower is about to take away."""

misses = Table(
    "misses",
    metadata,
    Column("folded", String(FORM), primary_key=True),
    Column("commune", String(8), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("people", Integer, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("sample", Text, nullable=False),  # as the first of them typed it; once they are forgotten: folded
    Column("sample_of", BigInteger, nullable=False),  # whose words these are: they go with the person
    Index("ix_misses_n", "commune", "n", "folded"),
)
"""What was not understood, grouped by its folded form."""

decisions = Table(
    "missed_decisions",
    metadata,
    Column("folded", String(FORM), primary_key=True),
    Column("state", String(16), nullable=False),  # example, content, ignored
    Column("topic", String(64), nullable=False, server_default=""),
    Column("decided_by", String(64), nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Index("ix_missed_decisions_state", "state"),
)
"""What officers made of a group that was not understood. Not folded: a rebuild leaves it alone."""

headcounts = Table(
    "headcounts",
    metadata,
    Column("dimension", String(16), primary_key=True),  # all, household, channel, language, standing
    Column("commune", String(8), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("n", Integer, nullable=False),
)
"""People as they are now, counted from the contacts every few minutes."""

cursors = Table(
    "insight_cursors",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("version", BigInteger, nullable=False, server_default="0"),  # counts writes: what was read is still so
    Column("interaction_id", BigInteger, nullable=False, server_default="0"),  # all up to here is folded
    Column("answer_id", BigInteger, nullable=False, server_default="0"),  # as answers to broadcasts: up to here
    Column("at", UtcDateTime),  # when the last one folded was
    Column("counted_at", UtcDateTime),  # when the headcounts were taken
)
"""How far the fold came, in one row. Who holds its lock is the follower of the moment."""

"""One person's conversation out of the log and the ledger: what was heard, what was said, what broadcasts told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.messages import Kind
from bot.store.models import broadcasts, deliveries, interactions, renditions

UNSPOKEN = (Kind.BLOCKED, Kind.UNBLOCKED, Kind.INVITED)
HEARD = (
    *(kind.value for kind in Kind if kind not in UNSPOKEN), "chose", "typed", "command", "routed", "offered",
    "alarmed", "missed",
)  # fmt: skip
"""What a person did, as the log names it."""
ANSWERED = "answered"
"""What an officer wrote."""
TOLD = (*HEARD, "said", ANSWERED, Kind.BLOCKED.value, Kind.UNBLOCKED.value, "handoff", "stop", "replaced")
"""What belongs in a conversation as it is read: the rest of the log is how it came about."""


async def moment_of(db: AsyncConnection, contact_id: int, line: int) -> datetime | None:
    """When a line of this person's was logged; None when it isn't theirs."""
    query = select(interactions.c.at).where(interactions.c.id == line, interactions.c.contact_id == contact_id)
    at: datetime | None = (await db.execute(query)).scalar_one_or_none()
    return at


async def line_after(db: AsyncConnection, contact_id: int, line: int, *, count: int) -> int | None:
    """The *count*-th line of this person's after *line*; None when there are not so many."""
    query = select(interactions.c.id).where(interactions.c.contact_id == contact_id, interactions.c.id > line)
    query = query.order_by(interactions.c.id).offset(count).limit(1)
    return (await db.execute(query)).scalar_one_or_none()


async def lines(db: AsyncConnection, contact_id: int, *, before: int | None, limit: int) -> Sequence[RowMapping]:
    """The newest *limit* lines of the log with this person, older than the line *before*; oldest first.

    Rows of an interaction with the payload, status, error and broadcast of the delivery that carried it, if any.
    """
    row, owed = interactions.c, deliveries.c
    query = (
        select(
            row.id, row.at, row.kind, row.dialog, row.node, row.detail, row.text, row.delivery_id, owed.payload,
            owed.status, owed.error, owed.reason, owed.broadcast_id, owed.channel,
        )
        .outerjoin(deliveries, owed.id == row.delivery_id)
        .where(row.contact_id == contact_id, row.kind.in_(TOLD))
        .order_by(row.id.desc())
        .limit(limit)
    )  # fmt: skip
    query = query.where(row.id < before) if before is not None else query
    return list(reversed((await db.execute(query)).mappings().all()))


async def broadcasts_told(
    db: AsyncConnection, contact_id: int, *, since: datetime | None, until: datetime | None, limit: int = 50
) -> Sequence[RowMapping]:
    """The broadcasts that this person was sent from *since* on and before *until*, oldest first, with what they said.

    Those that began a dialog are among the lines of the log.
    """
    owed = deliveries.c
    query = (
        select(
            owed.id, owed.sent_at, owed.status, owed.error, owed.broadcast_id, owed.channel, renditions.c.message,
            broadcasts.c.name,
        )
        .join(renditions, renditions.c.id == owed.rendition_id)
        .join(broadcasts, broadcasts.c.id == owed.broadcast_id)
        .where(and_(owed.contact_id == contact_id, owed.broadcast_id.is_not(None), owed.sent_at.is_not(None)))
        .order_by(owed.sent_at.desc())
        .limit(limit)
    )  # fmt: skip
    query = query.where(owed.sent_at >= since) if since is not None else query
    query = query.where(owed.sent_at < until) if until is not None else query
    return list(reversed((await db.execute(query)).mappings().all()))

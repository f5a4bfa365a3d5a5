"""What people chose when they were asked which topic they meant, as the log tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.conversations import HEARD
from bot.store.models import interactions

OFFERED, ROUTED = "offered", "routed"


@dataclass(frozen=True, slots=True)
class Pick:
    """A person typed *text*, was asked back, and their next message led to *topic*. `answer` is what that one said:
    empty for a button that was pressed."""

    contact: int
    text: str
    topic: str
    answer: str


async def picks(db: AsyncConnection) -> Sequence[Pick]:
    """All that the log holds, for topics that were among those offered. It is read whole: no page may ask for this."""
    row = interactions.c
    asked_back = select(row.contact_id).where(row.kind == OFFERED)
    next_kind, topic, answer = (
        func.lead(column).over(partition_by=row.contact_id, order_by=row.id)
        for column in (row.kind, row.detail, row.text)
    )
    heard = (
        select(
            row.contact_id, row.kind, row.text, row.detail, next_kind.label("next_kind"), topic.label("topic"),
            answer.label("answer"),
        )
        .where(row.kind.in_(HEARD), row.contact_id.in_(asked_back))
        .subquery()
        .c
    )  # fmt: skip
    query = select(heard.contact_id, heard.text, heard.detail, heard.topic, heard.answer).where(
        heard.kind == OFFERED, heard.next_kind == ROUTED
    )
    return [
        Pick(one.contact_id, one.text, one.topic, one.answer or "")
        for one in await db.execute(query.order_by(heard.contact_id))
        if one.topic in one.detail.split()
    ]

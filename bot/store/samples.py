"""Answers that people typed at a question, as examples: some, found through the index of progress, never all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.models import contacts, interactions

LOOKED_AT = 200
"""Lines of the index that are read for a few examples, however many there are."""


async def typed_at(
    db: AsyncConnection, dialog: str, node: str, *, area: Sequence[str], limit: int
) -> Sequence[Any]:  # fmt: skip
    """Up to *limit* rows of (id, at, contact_id, text) typed at *node* by people of *area*, newer contacts first."""
    row = interactions.c
    some = (
        select(row.id, row.at, row.contact_id, row.text)
        .where(row.dialog == dialog, row.node == node, row.kind == "typed")
        .order_by(row.contact_id.desc())
        .limit(LOOKED_AT)
        .subquery("some")
    )
    query = select(some).join(contacts, contacts.c.id == some.c.contact_id).where(some.c.text != "")
    query = query.where(contacts.c.commune.in_(area)) if area else query
    return (await db.execute(query.order_by(some.c.id.desc()).limit(limit))).all()

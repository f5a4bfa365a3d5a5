"""What platforms sent that nobody could read: kept raw, and listed for staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.models import inbox

Place = tuple[datetime, str, str]
"""Where a page ended: moment, channel, id."""


@dataclass(frozen=True, slots=True)
class Unread:
    """One event. `raw` is None once the person whose it was has been forgotten."""

    channel: str
    external_id: str
    received_at: datetime
    reason: str
    raw: bytes | None

    @property
    def place(self) -> Place:
        """Where a page that ends with it goes on."""
        return self.received_at, self.channel, self.external_id

    @property
    def text(self) -> str:
        """As far as it is text: every byte that isn't is shown as such."""
        return "" if self.raw is None else self.raw.decode("utf-8", "backslashreplace")


async def counts(db: AsyncConnection) -> Mapping[str, int]:
    """How many there are to look at, by channel: those emptied since hold nothing that anybody could act on."""
    unread = select(inbox.c.channel, func.count()).where(inbox.c.error.is_not(None), inbox.c.raw.is_not(None))
    return {row[0]: int(row[1]) for row in await db.execute(unread.group_by(inbox.c.channel))}


async def listing(
    db: AsyncConnection, *, channel: str = "", before: Place | None = None, limit: int
) -> Sequence[Unread]:
    """Those of *channel* ("": all), the latest first, from where the page *before* ended."""
    row = inbox.c
    query = select(row.channel, row.external_id, row.received_at, row.error, row.raw).where(row.error.is_not(None))
    if channel:
        query = query.where(row.channel == channel)
    if before is not None:
        query = query.where(tuple_(row.received_at, row.channel, row.external_id) < tuple_(*before))
    ordered = query.order_by(row.received_at.desc(), row.channel.desc(), row.external_id.desc())
    return [Unread(*found) for found in await db.execute(ordered.limit(limit))]

"""The log of what was heard and what happened, read for people: officers, `bot log`, tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.models import addresses, interactions


@dataclass(frozen=True, slots=True)
class Interaction:
    """One line of the log: `kind` is what was heard or done, `detail` which choice, command, message or field."""

    id: int
    contact_id: int
    at: datetime
    kind: str
    dialog: str
    node: str
    detail: str
    text: str
    delivery_id: int | None

    def to_dict(self) -> Mapping[str, object]:
        """As JSON can hold it: the time in ISO 8601, UTC."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return values | {"at": self.at.isoformat()}


async def recent(
    db: AsyncConnection,
    *,
    contact_id: int | None = None,
    dialog: str = "",
    since: datetime | None = None,
    limit: int = 50,
) -> list[Interaction]:
    """The newest *limit* interactions that fit, the oldest of them first."""
    query = select(interactions).order_by(interactions.c.id.desc()).limit(limit)
    if contact_id is not None:
        query = query.where(interactions.c.contact_id == contact_id)
    if dialog:
        query = query.where(interactions.c.dialog == dialog)
    if since is not None:
        query = query.where(interactions.c.at >= since)
    rows = (await db.execute(query)).mappings().all()
    return [Interaction(**row) for row in reversed(rows)]


async def find_contact(db: AsyncConnection, address: str) -> int | None:
    """The contact at *address*, written "telegram:100000001"; None when nobody is there."""
    channel, _, external_id = address.partition(":")
    found = select(addresses.c.contact_id).where(addresses.c.channel == channel, addresses.c.external_id == external_id)
    contact_id: int | None = (await db.execute(found)).scalar_one_or_none()
    return contact_id

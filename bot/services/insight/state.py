"""How far the fold came, for those who look after the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.insight.readings import behind
from bot.store.insight import log
from bot.store.insight.writing import read_cursor


@dataclass(frozen=True, slots=True)
class Follows:
    """Of `logged` rows of the log `folded` are counted; `behind` is None when all are. `counted_at`: the headcounts."""

    logged: int
    folded: int
    behind: timedelta | None
    counted_at: datetime | None

    def to_dict(self) -> Mapping[str, object]:
        """As JSON can hold it: seconds, and ISO 8601."""
        return {
            "logged": self.logged, "folded": self.folded,
            "behind": None if self.behind is None else self.behind.total_seconds(),
            "counted_at": None if self.counted_at is None else self.counted_at.isoformat(),
        }  # fmt: skip


async def follows(db: AsyncConnection) -> Follows:
    """How far it came. Counts the rows of the log: seconds in a long one."""
    cursor = await read_cursor(db)
    upto = cursor.interaction_id if cursor is not None else 0
    logged, folded = await log.count(db, upto=upto)
    return Follows(logged, folded, await behind(db), cursor.counted_at if cursor is not None else None)

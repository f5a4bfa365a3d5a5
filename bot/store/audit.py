"""The audit log: who did what, and what was refused to whom. Entries are chained, and never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal

from sqlalchemy import RowMapping, Select, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.models import audit

APPENDING = 269_2024
"""Our advisory lock on PostgreSQL for the end of the log; another one than those of migrations and of taking over."""
SYSTEM = "system"
"""The actor of what no officer did."""
WIDTH = 64
"""Letters of an actor or subject that are kept: who is refused may have given any name."""
PAGE = 1000

Outcome = Literal["done", "refused"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `detail` is JSON, in the one way of writing it that the digest was taken of."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    outcome: str
    detail: str
    previous: str
    digest: str

    def to_dict(self) -> dict[str, object]:
        """As a program reads it."""
        return {**asdict(self), "at": self.at.isoformat(), "detail": json.loads(self.detail)}


async def record(
    db: AsyncConnection,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    outcome: Outcome = "done",
    detail: Mapping[str, object] | None = None,
) -> None:
    """Append an entry. Call it last: until the transaction ends nobody else can append.

    A refusal belongs in a transaction of its own: that of the refused step is rolled back.
    """
    if db.dialect.name == "postgresql":  # on SQLite a transaction that writes is the only one
        await db.exec_driver_sql(f"SELECT pg_advisory_xact_lock({APPENDING})")
    entry = {
        "at": at, "actor": actor[:WIDTH], "action": action, "subject": subject[:WIDTH],
        "outcome": outcome, "detail": _canonical(detail or {}), "previous": await head(db),
    }  # fmt: skip
    await db.execute(insert(audit).values(**entry, digest=_digest_of(entry)))


async def head(db: AsyncConnection) -> str:
    """The digest of the last entry; "" of an empty log. Noted down elsewhere it proves that the end is still there."""
    last = select(audit.c.digest).order_by(audit.c.id.desc()).limit(1)
    return (await db.execute(last)).scalar_one_or_none() or ""


async def verify(db: AsyncConnection) -> int | None:
    """The id of the first entry that was changed, or from before which one was taken out; None when all is sound.

    Entries taken off the end leave no trace here: compare `head` with one that was noted down.
    """
    last, previous = 0, ""
    while rows := (await db.execute(_page(last))).mappings().all():
        for row in rows:
            if row["previous"] != previous or row["digest"] != _digest_of(row):
                return int(row["id"])
            last, previous = row["id"], row["digest"]
    return None


async def holds(db: AsyncConnection, digest: str) -> bool:
    """Whether an entry has this digest: one that was `head` once must stay."""
    return (await db.execute(select(audit.c.id).where(audit.c.digest == digest).limit(1))).first() is not None


async def recent(
    db: AsyncConnection, *, subject: str = "", actor: str = "", outcome: str = "", limit: int = 50,
    before: int | None = None,
) -> Sequence[Entry]:  # fmt: skip
    """The last *limit* entries that fit (of those before the entry *before*), oldest first."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    query = query.where(audit.c.id < before) if before is not None else query
    for column, value in ((audit.c.subject, subject), (audit.c.actor, actor), (audit.c.outcome, outcome)):
        query = query.where(column == value) if value else query
    return [Entry(**row) for row in reversed((await db.execute(query)).mappings().all())]


def _page(after: int) -> Select[Any]:
    return select(audit).where(audit.c.id > after).order_by(audit.c.id).limit(PAGE)


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _digest_of(entry: Mapping[str, object] | RowMapping) -> str:
    at = entry["at"]
    assert isinstance(at, datetime)
    parts = [entry[name] for name in ("previous", "actor", "action", "subject", "outcome", "detail")]
    return sha256(_canonical([at.astimezone(UTC).isoformat(), *parts]).encode()).hexdigest()

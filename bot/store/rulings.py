"""What officers ruled about facts. Rows stay for good: an undone one says by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.rulings import Check, Rulings
from bot.store.inbox_models import rulings

Kind = Literal["checked", "withheld"]


@dataclass(frozen=True, slots=True)
class Ruling:
    """One of them. `checked` and `review` are of a check, `reason` of what is withheld."""

    id: int
    fact: str
    kind: Kind
    digest: str
    author: str
    at: datetime
    checked: date | None
    review: date | None
    reason: str
    undone_at: datetime | None
    undone_by: str


async def add(
    db: AsyncConnection, *, fact: str, kind: Kind, digest: str, author: str, at: datetime,
    checked: date | None = None, review: date | None = None, reason: str = "",
) -> None:  # fmt: skip
    """A new ruling; of its kind it is the one in force from now on."""
    row = {"fact": fact, "kind": kind, "digest": digest, "author": author, "at": at}
    await db.execute(insert(rulings).values(row | {"checked": checked, "review": review, "reason": reason}))


async def undo(db: AsyncConnection, ruling_id: int, *, by: str, at: datetime) -> None:
    """Take a ruling back: the one of its kind before it is in force again."""
    await db.execute(update(rulings).where(rulings.c.id == ruling_id).values(undone_at=at, undone_by=by))


async def of_fact(db: AsyncConnection, fact: str) -> Sequence[Ruling]:
    """All about one fact, the newest first."""
    found = await db.execute(select(rulings).where(rulings.c.fact == fact).order_by(rulings.c.id.desc()))
    return [Ruling(**row) for row in found.mappings()]


async def latest(db: AsyncConnection) -> Sequence[Ruling]:
    """Those in force: of each fact the last of each kind that was not undone. They are still there after a fact was
    edited; whether a check is then worth anything is decided by its digest."""
    last = select(func.max(rulings.c.id)).where(rulings.c.undone_at.is_(None)).group_by(rulings.c.fact, rulings.c.kind)
    found = await db.execute(select(rulings).where(rulings.c.id.in_(last)).order_by(rulings.c.fact, rulings.c.id))
    return [Ruling(**row) for row in found.mappings()]


def check_in(ruling: Ruling) -> Check:
    """The check that a ruling of that kind is."""
    assert ruling.checked is not None
    assert ruling.review is not None
    return Check(ruling.digest, ruling.checked, ruling.review)


def as_rulings(found: Sequence[Ruling]) -> Rulings:
    """What the engine is handed."""
    checks = {one.fact: check_in(one) for one in found if one.kind == "checked"}
    return Rulings(checks, {one.fact: one.reason for one in found if one.kind == "withheld"})

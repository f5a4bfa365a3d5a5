"""A spell: the next few rows of a chunk, taken up together in one transaction just before they leave.

It writes down how far the chunk may have left, and reads the broadcast's state and the people as they are now: so a
pause, a stop or a block counts from the next spell on, a tenth of a second later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.broadcasting.model import Broadcast
from bot.services.sending.deciding import Decision, Now, decide
from bot.services.sending.fares import Fares, Going, Way
from bot.store import handout, renditions
from bot.store.models import broadcasts
from bot.store.standing import Standing, standing

_STATE = select(broadcasts.c.state).where(broadcasts.c.id == bindparam("number"))


@dataclass(frozen=True, slots=True)
class Taken:
    """One row of a spell. `person` is None for a message of its own, and for who is gone; `said` as kept before.

    `way` is how it gets to them, of a broadcast on a channel with windows.
    """

    row: handout.Row
    decision: Decision
    person: Standing | None = None
    said: bytes | None = None
    way: Way | None = None

    @property
    def is_now(self) -> bool:
        """Whether it is to be sent."""
        return isinstance(self.decision, Now)


@dataclass(frozen=True, slots=True)
class Spell:
    """`is_on` false: the broadcast is paused or over, or the chunk lost; nothing of it may leave. Read at `at`."""

    is_on: bool
    taken: Sequence[Taken]
    at: datetime


async def take_up(
    db: AsyncConnection, claim: handout.Claim, rows: Sequence[handout.Row], broadcast: Broadcast | None, at: datetime,
    fares: Fares | None = None,
) -> Spell:  # fmt: skip
    """Take up *rows*, which follow each other in the chunk of *claim*; with *fares*, what they may cost is reserved."""
    unread = [Taken(row, Now()) for row in rows]
    if broadcast is not None and broadcast.policy.gap and not broadcast.urgent:
        await handout.one_at_a_time(db, claim.channel)
    left = await fares.lock(db) if fares is not None else 0
    if not await handout.dispatch(db, chunk_id=claim.chunk_id, epoch=claim.epoch, upto=rows[-1].id, at=at):
        return Spell(False, unread, at)
    if broadcast is None:
        return Spell(True, unread, at)
    state = (await db.execute(_STATE, {"number": broadcast.id})).scalar_one()
    if state != "sending":
        return Spell(False, unread, at)
    people = await standing(
        db, channel=claim.channel, at=[row.address for row in rows], broadcast_id=broadcast.id,
        since=at - timedelta(hours=broadcast.policy.gap),
    )  # fmt: skip
    said = await _said_before(db, rows)
    taken = []
    for row in rows:
        person = people.get(row.address)
        taken.append(Taken(row, decide(broadcast, person, at), person, said.get(row.rendition_id or 0)))
    return Spell(True, taken, at) if fares is None else await _booked(db, fares, taken, left, at)


async def _booked(db: AsyncConnection, fares: Fares, taken: Sequence[Taken], left: int, at: datetime) -> Spell:
    """The spell once it is known by which way each gets the message, and what that may cost is reserved."""
    going = {
        one.row.id: Going(one.row.address, one.person, one.row.attempts > 0)
        for one in taken
        if one.is_now and one.person is not None
    }
    booked = await fares.book(db, going, left=left, at=at) if going else {}
    return Spell(booked is not None, [_by(one, (booked or {}).get(one.row.id)) for one in taken], at)


def _by(one: Taken, booked: Way | Decision | None) -> Taken:
    """*one* with its way, or with why it has none now."""
    if booked is None:
        return one
    return replace(one, way=booked) if isinstance(booked, Way) else replace(one, decision=booked)


async def _said_before(db: AsyncConnection, rows: Sequence[handout.Row]) -> dict[int, bytes]:
    """What rows that are sent again said the first time: it is said again in the same words."""
    ids = {row.rendition_id for row in rows if row.rendition_id is not None}
    return dict(await renditions.read(db, ids)) if ids else {}

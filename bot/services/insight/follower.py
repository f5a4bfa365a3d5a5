"""Following the log: batch after batch is folded, and each is written with the cursor that says so, or not at all.

Any number of processes may follow. On PostgreSQL the cursor's row is locked by the one at work, and the others pass
by; on SQLite `bot insight rebuild` may run beside the bot. In either case a step holds only if nobody has written
since it read: the cursor counts its writes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.engine.state import Library
from bot.services.insight import answering, folding
from bot.services.insight.counting import Count
from bot.services.insight.folding import Sections
from bot.store.db import FAULTS, reading
from bot.store.insight import headcounts, log, writing
from bot.store.insight.log import Entry, Told
from bot.store.insight.writing import Changes, Cursor

logged = structlog.get_logger()
EVERY = 10.0
"""Seconds between two looks at the log: pages of yesterday's numbers need no more, and a step costs the same for one
row as for hundreds."""
LIVE = 500
"""Rows folded at once beside a bot that answers: about 10 ms in which nobody is answered."""
PAUSE = 0.05
"""Seconds that such a bot has to itself between two full batches: after an hour's outage it still takes in 5,000 rows
a second."""
BULK = 20_000
"""Rows folded at once when nobody waits."""
CALM, LOOKS_AWAY = 20.0, 6
"""Turns a second from which on people are answered first, and how many looks in a row may be left out for that: a
burst of some seconds (a broadcast that everybody answers) is folded after it, and no number is over a minute late."""
HEADS_EACH = timedelta(minutes=5)
"""How old headcounts may get: they read all contacts, a second for a million."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one step read and found: where it started from, where it leads, and what it writes."""

    seen: Cursor
    interaction_id: int
    answer_id: int
    at: datetime | None
    changes: Changes
    folded: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not self.changes.departed and (self.interaction_id, self.answer_id) == (
            self.seen.interaction_id, self.seen.answer_id,
        )  # fmt: skip


def sections_of(library: Library) -> Sections:
    """The plan's sections by content message, as the library has them now."""
    return {name: message.plan for name, message in library.messages.items()}


async def step(database: AsyncEngine, *, now: datetime, sections: Sections, limit: int) -> int | None:
    """Fold the next *limit* rows at most; how many they were. None: not now, others write to the log or fold it."""
    async with reading(database).connect() as db:
        upto = await log.settled_id(db)
    if upto is None:
        return None
    if database.dialect.name == "sqlite":
        async with reading(database).connect() as db:
            found = await _look(db, upto, now=now, sections=sections, limit=limit)
        if found is None or found.is_empty:
            return None if found is None else 0
        async with database.begin() as db:
            return await _write(db, found)
    async with database.begin() as db:
        found = await _look(db, upto, now=now, sections=sections, limit=limit)
        if found is None or found.is_empty:
            return None if found is None else 0
        return await _write(db, found)


async def _look(db: AsyncConnection, upto: int, *, now: datetime, sections: Sections, limit: int) -> Step | None:
    """Read and fold. None: another process holds the cursor, or it isn't made yet."""
    seen = await writing.read_cursor(db, lock=db.dialect.name != "sqlite")
    if seen is None:
        return None
    gone = set(await writing.departing(db))
    rows = await log.entries(db, after=seen.interaction_id, upto=upto, limit=limit)
    replies = rows
    if seen.answer_id != seen.interaction_id:
        replies = await log.entries(db, after=seen.answer_id, upto=upto, limit=limit)
    replies = answering.decidable(replies, await log.unmarked_since(db, now=now))
    told = await _told(db, replies)
    keys = {*folding.marks_for(rows, sections), *answering.marks_for(told)}
    count = Count(await writing.marks_at(db, keys) | await writing.marks_of(db, gone))
    count.depart(gone)
    folding.fold_entries(count, (entry for entry in rows if entry.contact_id not in gone), sections)
    begun = {
        contact: await log.beginning_of(db, contact, first)
        for contact, first in answering.beginnings_missing(replies, told).items()
    }
    answering.fold_answers(count, replies, {of: one for of, one in told.items() if of not in gone}, begun)
    return Step(
        seen, rows[-1].id if rows else seen.interaction_id, replies[-1].id if replies else seen.answer_id,
        rows[-1].at if rows else seen.at, count.changes, max(len(rows), len(replies)),
    )  # fmt: skip


async def _told(db: AsyncConnection, replies: Sequence[Entry]) -> Mapping[int, Sequence[Told]]:
    """What broadcasts told the people of *replies*, as far back as it can matter."""
    if not replies:
        return {}
    people = {entry.contact_id for entry in replies if entry.contact_id != folding.NOBODY}
    return await log.told_to(db, people, since=min(entry.at for entry in replies) - answering.WITHIN)


async def _write(db: AsyncConnection, found: Step) -> int | None:
    """None when somebody else has written since: what was found no longer holds, and the next step finds anew."""
    moved = await writing.move_cursor(
        db, found.seen, interaction_id=found.interaction_id, answer_id=found.answer_id, at=found.at
    )
    if not moved:
        return None
    await writing.write(db, found.changes)
    return found.folded


async def count_heads(database: AsyncEngine, *, now: datetime, older_than: timedelta = HEADS_EACH) -> bool:
    """Count people anew, if they were not within *older_than*; whether they were."""
    async with database.begin() as db:
        if not await headcounts.is_due(db, before=now - older_than, at=now):
            return False
    async with reading(database).connect() as db:
        heads = await headcounts.count_heads(db, at=now)
    async with database.begin() as db:
        await headcounts.keep_heads(db, heads, at=now)
    return True


async def catch_up(
    database: AsyncEngine, *, now: datetime, sections: Sections | None = None, limit: int = BULK,
    told: Callable[[int], None] = lambda _: None,
) -> int:  # fmt: skip
    """Fold all there is and count people anew. *told* is called with the rows of each step. Returns how many rows."""
    async with database.begin() as db:
        await writing.ensure_cursor(db)
    total = 0
    while (folded := await step(database, now=now, sections=sections or {}, limit=limit)) != 0:
        if folded is None:
            await asyncio.sleep(PAUSE)
            continue
        total += folded
        told(folded)
    await count_heads(database, now=now, older_than=timedelta(0))
    return total


async def rebuild(
    database: AsyncEngine, *, now: datetime, sections: Sections, told: Callable[[int], None] = lambda _: None
) -> int:
    """Empty all that is folded and fold the log anew; how many rows. A bot that runs meanwhile helps with it.

    Counters of days then lack people who were forgotten since: nothing of them is left in the log.
    """
    async with database.begin() as db:
        await writing.empty(db)
    return await catch_up(database, now=now, sections=sections, told=told)


class Follower:
    """Follows the log in the background of a bot. *turns* tells how many this process has taken in so far."""

    def __init__(
        self, database: AsyncEngine, *, library: Callable[[], Library], now: Callable[[], datetime],
        turns: Callable[[], int] = lambda: 0, every: float = EVERY,
    ) -> None:  # fmt: skip
        self._database, self._library, self._now, self._every = database, library, now, every
        self._turns, self._seen, self._left_out = turns, 0, 0
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to follow."""
        async with self._database.begin() as db:
            await writing.ensure_cursor(db)
        self._following = asyncio.create_task(self._follow_forever(), name="insight")

    async def close(self) -> None:
        """Stop; a step that is half done is not done."""
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following

    async def _follow_forever(self) -> None:
        while True:
            try:
                if not self._gives_way():
                    await self._follow()
            except FAULTS as error:
                logged.warning("the log could not be followed", error=str(error))
            except Exception:  # the worker's loop: numbers that stand still must not end the bot
                logged.exception("following the log failed")
            await asyncio.sleep(self._every)

    def _gives_way(self) -> bool:
        """Whether this look is left out, because many are being answered."""
        total = self._turns()
        taken, self._seen = total - self._seen, total
        if taken < CALM * self._every or self._left_out >= LOOKS_AWAY:
            self._left_out = 0
            return False
        self._left_out += 1
        return True

    async def _follow(self) -> None:
        sections = sections_of(self._library())
        folded: int | None = LIVE
        while folded is not None and folded >= LIVE:
            folded = await step(self._database, now=self._now(), sections=sections, limit=LIVE)
            await asyncio.sleep(PAUSE)
        await count_heads(self._database, now=self._now())

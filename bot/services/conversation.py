"""Taking in what people send: turns gather while a batch commits, and everybody is answered after the commit.

One writer, one batch in flight, at most one turn of a contact in it: while a batch commits the next one
gathers, so there is no timer and no waiting at low load (hot-path.md rule 1).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

import structlog
from msgspec.structs import replace

from bot.channels.base import Channel, Payload
from bot.engine.state import Library
from bot.messages import Address, Incoming
from bot.services.burial import burial_of
from bot.services.turn_plan import plan_turn
from bot.services.turn_values import Owed, Planned, World
from bot.store.ids import Ids
from bot.store.turns import Away, Conflict, Known, Rows, Turns

log = structlog.get_logger()
BATCH = 256
"""Turns in one transaction: enough that one fsync serves all who wait, few enough to commit within 20 ms."""
CONFLICTS = 5
"""How often a batch is planned anew after a conflict before its turns are taken one by one."""
PAUSE = 1.0
"""Seconds until marks that could not be written are tried again."""
DOUBTFUL = 10_000
"""Turns remembered whose commit had no answer."""
Waiting = tuple[Incoming, asyncio.Future[Payload | None]]


class Unavailable(Exception):
    """The database can't be written now. Nothing was recorded: let the platform deliver the update again."""


class Conversation:
    """The inbound service. `owe` is called after each commit with what it now owes, `give_up` with who has gone. `away`
    says when officers are back (`bot.engine.state.Context.away`)."""

    def __init__(
        self, turns: Turns, *, library: Callable[[], Library], channels: Mapping[str, Channel], ids: Ids,
        now: Callable[[], datetime], today: Callable[[], date], owe: Callable[[Sequence[Owed]], None],
        pause: float = PAUSE, away: Callable[[], Mapping[str, str]] = dict,
        give_up: Callable[[Address], None] = lambda _to: None,
    ) -> None:  # fmt: skip
        self._away, self._stale = away, set[Address]()
        self._turns, self._library, self._channels, self._ids = turns, library, channels, ids
        self._now, self._today, self._owe, self._give_up, self._pause = now, today, owe, give_up, pause
        self._in_doubt: dict[tuple[str, str], tuple[Owed, ...]] = {}
        self._waiting: deque[Waiting] = deque()
        self._marks = Rows()
        self._wake = asyncio.Event()
        self._closing = False
        self.taken_in = 0
        self._writer: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write batches."""
        self._writer = asyncio.create_task(self._write_forever(), name="turns")

    async def close(self) -> None:
        """Write what is waiting, then stop."""
        self._closing = True
        self._wake.set()
        if self._writer is not None:
            await self._writer

    async def receive(self, incoming: Incoming) -> None:
        """Act on *incoming* and return once that is committed; a redelivered update does nothing.

        Raises `Unavailable` when the database can't be written: then nothing was recorded.
        """
        await self.invite(incoming)

    async def invite(self, incoming: Incoming) -> Payload | None:
        """As `receive`, for an invitation (Kind.INVITED): what it says, or None when that can't be said."""
        done: asyncio.Future[Payload | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((incoming, done))
        self._wake.set()
        return await done

    async def dead_letter(self, channel: str, external_id: str, raw: bytes, reason: str, whose: str = "") -> None:
        """Keep an update that nobody could read, for staff; it counts as acted on. *whose*: emptied with them."""
        rows, at = Rows(), self._turns.stamp(self._now())
        rows.add("dead_letter", channel, external_id[:80], at, reason[:500], raw, whose or None)
        try:
            await self._turns.transact((), lambda _: rows)
        except Conflict:
            return
        except Away as error:
            raise Unavailable("the database can't be written") from error

    def mark(self, statement: str, *row: Any) -> None:
        """Add a row about a delivery to the next batch; `flush` makes sure that there is one."""
        self._marks.add(statement, *row)

    def flush(self) -> None:
        """Write the marks now, also when nobody is waiting for a turn."""
        self._wake.set()

    def stamp(self) -> Any:
        """The present moment as the rows of marks take it."""
        return self._turns.stamp(self._now())

    def address_changed(self, to: Address, status: str) -> None:
        """*to* can't be reached, and why; the next thing they write makes it active again."""
        self._marks.add("address_changed", status, self.stamp(), to.channel, to.id)
        known = self._turns.cached(to)
        if known is not None:
            self._turns.keep(replace(known, status=status, changed_at=self._now()))

    def changed_elsewhere(self, to: Address) -> None:
        """Somebody else, as an officer, changed what is known of *to*: it is read anew from now on, and also after a
        turn of theirs that is being written and doesn't know."""
        self._turns.drop(to)
        self._stale.add(to)

    def question_sent(self, to: Address, delivery: int, message_id: str) -> None:
        """The open question of *to* has the platform's id *message_id*: what closes its buttons later."""
        known = self._turns.cached(to)
        if known is not None and known.question == delivery:
            self._turns.keep(replace(known, question_id=message_id))

    async def _write_forever(self) -> None:
        while not (self._closing and not self._waiting and not self._marks.of):
            await self._wake.wait()
            self._wake.clear()
            while self._waiting or self._marks.of:
                batch = self._gather()
                try:
                    await self._commit(batch)
                except Exception as error:  # the worker's loop: one batch that fails must not end all
                    log.exception("a batch failed", turns=len(batch))
                    _fail(batch, error)

    def _gather(self) -> list[Waiting]:
        """The next batch: one turn of a contact, the others keep their order for later batches."""
        waiting = self._waiting
        batch, later, seen = list[Waiting](), list[Waiting](), set[Address]()
        while waiting and len(batch) < BATCH:
            item = waiting.popleft()
            if item[0].address in seen:
                later.append(item)
            else:
                seen.add(item[0].address)
                batch.append(item)
        waiting.extendleft(reversed(later))
        return batch

    async def _commit(self, batch: list[Waiting]) -> None:
        marks, self._marks = self._marks, Rows()
        try:
            await self._commit_together(batch, marks)
        except Exception as error:
            if not batch:
                await self._keep_marks(marks, error)
                return
            self._marks.extend(marks)
            await self._commit_one_by_one(batch)

    async def _keep_marks(self, marks: Rows, error: Exception) -> None:
        """Marks that could not be written wait a moment; when closing they are lost: at the next start it is resent."""
        log.error("marks could not be written", error=str(error), lost=self._closing)
        if not self._closing:
            self._marks.extend(marks)
            await asyncio.sleep(self._pause)
            self._wake.set()

    async def _commit_together(self, batch: list[Waiting], marks: Rows) -> None:
        """One transaction for all of *batch*; a conflict drops the updates acted on before, and plans anew."""
        left = batch
        for _ in range(CONFLICTS):
            planned: list[Planned] = []
            plan = partial(self._plan, left, marks, planned)
            try:
                await self._turns.transact([incoming.address for incoming, _ in left], plan)
            except Conflict:
                left = await self._without_known(left)
                continue
            except Exception:
                self._doubt(left, planned)
                raise
            self._settle(left, planned)
            for _, _, channel, address in marks.of.get("address_changed", ()):
                self._turns.drop(Address(channel, address))  # a turn that was being written didn't know of it
            while self._stale:
                self._turns.drop(self._stale.pop())
            return
        raise Conflict(f"still in conflict after {CONFLICTS} tries")

    def _plan(self, batch: list[Waiting], marks: Rows, planned: list[Planned], known: Mapping[Address, Known]) -> Rows:
        world, rows = self._world(), Rows()
        rows.extend(marks)
        for incoming, _ in batch:
            planned.append(plan_turn(known.get(incoming.address), incoming, world, rows))
        return rows

    def _world(self) -> World:
        now, turns = self._now(), self._turns
        return World(
            self._library(), now, turns.stamp(now), self._today(), self._ids, self._channels, turns.stamp, self._away()
        )

    async def _without_known(self, batch: list[Waiting]) -> list[Waiting]:
        ids = [(incoming.address.channel, incoming.external_id) for incoming, _ in batch]
        known = await self._turns.acted_on(ids)
        left = []
        for key, item in zip(ids, batch, strict=True):
            if key in known:
                await self._owe_in_doubt(key)
                _resolve(item[1])
            else:
                self._turns.drop(item[0].address)
                left.append(item)
        return left

    def _doubt(self, batch: Sequence[Waiting], planned: Sequence[Planned]) -> None:
        """A transaction failed, but may have been committed: only the answer to the commit was lost."""
        for (incoming, _), one in zip(batch, planned, strict=False):  # planning itself may have failed half-way
            if one.owed and len(self._in_doubt) < DOUBTFUL:
                self._in_doubt[incoming.address.channel, incoming.external_id] = one.owed

    async def _owe_in_doubt(self, key: tuple[str, str]) -> None:
        """The update was acted on: if by a turn of ours whose commit had no answer, its replies are still owed."""
        owed = self._in_doubt.get(key, ())
        if owed:
            held = await self._turns.held([one.id for one in owed])
            self._owe([one for one in owed if one.id in held])
            del self._in_doubt[key]

    def _settle(self, batch: Sequence[Waiting], planned: Sequence[Planned]) -> None:
        """After the commit, and only then: the cache changes, the platform is acknowledged, the courier sends."""
        self.taken_in += len(batch)
        for (incoming, done), one in zip(batch, planned, strict=True):
            if self._in_doubt:
                self._in_doubt.pop((incoming.address.channel, incoming.external_id), None)
            if one.known is None:
                self._turns.drop(incoming.address)
            else:
                self._turns.keep(one.known)
            if one.known is None or one.known.status != "active":
                self._give_up(incoming.address)
            if one.owed:
                self._owe(one.owed)
            _resolve(done, one.invitation)

    async def _commit_one_by_one(self, batch: Sequence[Waiting]) -> None:
        """A batch that failed; a turn that fails again is a dead letter, and the person is told.

        A database that is away isn't asked once for everybody: each might wait ten seconds for a lock.
        """
        for incoming, _ in batch:
            self._turns.drop(incoming.address)
        for number, item in enumerate(batch):
            try:
                await self._commit_together([item], Rows())
            except Away as error:
                _fail(batch[number:], Unavailable(str(error)))
                return
            except Exception as error:
                await self._bury(*item, error)

    async def _bury(self, incoming: Incoming, done: asyncio.Future[Payload | None], error: Exception) -> None:
        log.error("a turn failed and is kept as a dead letter", update=incoming.external_id, exc_info=error)
        owed: list[Owed] = []
        try:
            await self._turns.transact([incoming.address], lambda known: self._burial(known, incoming, error, owed))
        except Conflict:  # acted on after all
            owed.clear()
            await self._owe_in_doubt((incoming.address.channel, incoming.external_id))
        except Exception as failure:  # also what buried it failed: let the platform bring it again
            _fail([(incoming, done)], Unavailable(str(failure)))
            return
        self._turns.drop(incoming.address)
        self._owe(owed)
        _resolve(done)

    def _burial(self, known: Mapping[Address, Known], incoming: Incoming, error: Exception, owed: list[Owed]) -> Rows:
        rows = Rows()
        owed += burial_of(known.get(incoming.address), incoming, error, self._world(), rows)
        return rows


def _resolve(done: asyncio.Future[Payload | None], invitation: Payload | None = None) -> None:
    if not done.done():
        done.set_result(invitation)


def _fail(batch: Sequence[Waiting], error: Exception) -> None:
    for done in (done for _, done in batch if not done.done()):
        done.set_exception(error)

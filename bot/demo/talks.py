"""The conversations of the made-up city: each turn planned as in life, and written with many others."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import count

from msgspec.structs import replace

from bot.demo.clock import Clock
from bot.demo.ear import Ear
from bot.demo.people import Citizen, Move
from bot.engine.state import Library
from bot.messages import Incoming, Kind
from bot.services.broadcasting.hours import HANOI
from bot.services.turn_plan import plan_turn
from bot.services.turn_values import Owed, Planned, World
from bot.store.ids import Ids
from bot.store.turns import Known, Rows, Turns

GATHERED = 600
"""Turns in one transaction."""
ON_ITS_WAY = timedelta(milliseconds=350)
"""How long an answer takes to arrive."""


class Talks:
    """Who says what. Rows gather until they are many; while they are written, the next ones are planned."""

    def __init__(self, turns: Turns, library: Library, ears: Mapping[str, Ear], ids: Ids, clock: Clock) -> None:
        self._turns, self._library, self._ears, self._ids, self._clock = turns, library, ears, ids, clock
        self._rows, self._planned = Rows(), 0
        self._writing: asyncio.Task[None] | None = None
        self._updates = count(1)
        self.turns = 0

    @property
    def is_full(self) -> bool:
        """Whether it is time to write."""
        return self._planned >= GATHERED

    def hear(self, one: Citizen, move: Move) -> None:
        """*one* does *move*, is answered, and sees it."""
        known = one.known
        is_tap = known is not None and move.kind is Kind.TAP
        self._take(one, Incoming(
            one.address, str(next(self._updates)), move.kind, move.text, move.tap,
            tapped_id=known.question_id if is_tap and known is not None else "",
            name=one.name if one.address.channel == "telegram" else "",
        ))  # fmt: skip

    def invite(self, one: Citizen, dialog: str, delivery: int) -> Planned:
        """A broadcast begins *dialog* with *one*; what it says is carried by *delivery*."""
        incoming = Incoming(one.address, f"invite:{delivery}", Kind.INVITED, dialog, receipt=str(delivery))
        return self._take(one, incoming)

    def _take(self, one: Citizen, incoming: Incoming) -> Planned:
        ear = self._ears[one.address.channel]
        ear.shown = ()
        planned = plan_turn(one.known, incoming, self._world(), self._rows)
        one.known, one.shown = planned.known, ear.shown
        one.is_gone = planned.known is None
        for owed in planned.owed:
            self._arrive(one, owed)
        self._planned += 1
        self.turns += 1
        return planned

    def _world(self) -> World:
        now, turns = self._clock(), self._turns
        day = now.astimezone(HANOI).date()
        return World(self._library, now, turns.stamp(now), day, self._ids, self._ears, turns.stamp)

    def _arrive(self, one: Citizen, owed: Owed) -> None:
        """An answer reaches them a moment later."""
        if not owed.id:
            return
        number = "" if owed.to.channel == "webchat" else str(owed.id % 10**9)
        if owed.farewell:
            self._rows.add("farewell", b"", owed.id)
        self._rows.add("mark", "sent", 1, self._turns.stamp(self._clock() + ON_ITS_WAY), number, "", owed.id)
        if owed.bears_question and one.known is not None:
            one.known = replace(one.known, question_id=number)

    async def write(self) -> None:
        """Begin to write what has gathered, once what was begun before is written."""
        if self._writing is not None:
            await self._writing
        rows, self._rows, self._planned = self._rows, Rows(), 0
        self._writing = asyncio.create_task(self._turns.transact((), lambda _known: rows))
        await asyncio.sleep(0)  # the writing thread begins before the next turns are planned

    async def settle(self) -> None:
        """Everything that was said is written from here on."""
        await self.write()
        assert self._writing is not None
        await self._writing
        self._writing = None

    async def close(self) -> None:
        """Let go, whatever became of the last rows."""
        if self._writing is not None:
            with suppress(Exception):
                await self._writing

    async def look_again(self, people: Sequence[Citizen]) -> None:
        """Read what others than the people themselves changed of them: an officer's answer, a blocked address."""
        wanted = {one.address: one for one in people if one.known is not None}
        for one in wanted.values():
            self._turns.drop(one.address)

        def keep(known: Mapping[object, Known]) -> Rows:
            for address, one in wanted.items():
                one.known = known.get(address)
            return Rows()

        await self._turns.transact(list(wanted), keep)  # type: ignore[arg-type]  # it only reads

"""People who talk to a bot all at once, each at their own pace, in order: who, when, and how long it took."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from random import Random

from msgspec import Struct

from tests.bench.botapi import BotApi, Shown
from tests.bench.delivery import Delivery, Parcel
from tests.bench.people import Person


class Turn(Struct, eq=False):
    """What one person is at: their update is accepted, and answered; `next` is when they begin to act again."""

    person: Person
    parcel: Parcel | None = None
    is_accepted: bool = False
    is_answered: bool = False
    timer: asyncio.TimerHandle | None = None
    next: asyncio.TimerHandle | None = None


class Window(Struct):
    """What happened within so many turns."""

    turns: int
    seconds: float
    latencies: list[float]
    unanswered: int
    faults: list[str]


class Crowd:
    """*think* is the mean pause in seconds between an answer and the next thing a person does."""

    def __init__(self, people: Sequence[Person], api: BotApi, delivery: Delivery, think: float) -> None:
        self._turns = {person.chat: Turn(person) for person in people}
        self._delivery, self._think, self._random = delivery, think, Random(len(people))
        self._left = self._busy = 0
        self._quiet = asyncio.Event()
        self._mark: tuple[int, asyncio.Future[None]] | None = None
        self.done = self.unanswered = 0
        self.latencies: list[float] = []
        self.faults: list[str] = []
        self.accepted: list[int] = []
        api.on_message = self._on_message
        delivery.on_accepted = self._on_accepted
        delivery.on_call = lambda method, body: api.handle(method, body)

    def go(self, turns: int) -> None:
        """Let everybody begin, for *turns* turns in all."""
        self._left = turns
        for turn in self._turns.values():
            if turn.parcel is None:
                self._begin_in(self._random.random() * 2 * self._think, turn)

    def stop(self) -> None:
        """Nobody begins anything any more; what is begun goes on."""
        self._left = 0

    async def window(self, turns: int, at_edge: Callable[[], None], limit: float) -> Window:
        """Play *turns* turns once all are at it; *at_edge* is called as they begin and end. TimeoutError: too slow."""
        lead = len(self._turns)
        self.go(lead + turns + lead)
        async with asyncio.timeout(limit):
            await self._until(self.done + lead)
            at_edge()
            self.latencies, before, started = [], self.unanswered, time.perf_counter()
            faults = len(self.faults)
            await self._until(self.done + turns)
            seconds = time.perf_counter() - started
            at_edge()
            window = Window(turns, seconds, self.latencies, self.unanswered - before, self.faults[faults:])
            self.stop()
            await self.quiet()
        return window

    async def quiet(self) -> None:
        """Wait until every update begun is accepted, and answered or given up."""
        self._quiet.clear()
        if self._busy:
            await self._quiet.wait()

    async def _until(self, done: int) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._mark = (done, future)
        await future

    def _begin_in(self, seconds: float, turn: Turn) -> None:
        """Once only: who was about to act when the last window ended must not act twice as often in the next."""
        if turn.next is not None:
            turn.next.cancel()
        turn.next = asyncio.get_running_loop().call_later(seconds, self._begin, turn)

    def _begin(self, turn: Turn) -> None:
        if self._left <= 0 or turn.parcel is not None:
            return
        self._left -= 1
        self._busy += 1
        turn.is_accepted = turn.is_answered = False
        turn.parcel = self._delivery.post(turn.person, turn.person.act())

    def _on_accepted(self, parcel: Parcel) -> None:
        self.accepted.append(parcel.update_id)
        turn = self._turns[parcel.owner.chat]
        turn.is_accepted = True
        if turn.is_answered:
            self._finish(turn)
        else:
            turn.timer = asyncio.get_running_loop().call_later(turn.person.patience, self._give_up, turn)

    def _on_message(self, shown: Shown, at: float) -> None:
        turn = self._turns.get(shown.chat.id)
        if turn is None:
            return
        parcel = turn.parcel
        is_answer = parcel is not None and parcel.posted_at > 0 and not turn.is_answered
        fault = turn.person.hear(shown, is_answer=is_answer)
        if fault:
            self.faults.append(fault)
        if not is_answer or parcel is None:
            return
        turn.is_answered = True
        self.latencies.append(at - parcel.posted_at)
        if turn.is_accepted:
            self._finish(turn)

    def _give_up(self, turn: Turn) -> None:
        self.unanswered += 1
        turn.person.give_up()
        self._finish(turn)

    def _finish(self, turn: Turn) -> None:
        if turn.timer is not None:
            turn.timer.cancel()
            turn.timer = None
        turn.parcel = None
        self.done += 1
        self._busy -= 1
        if not self._busy:
            self._quiet.set()
        if self._mark is not None and self.done >= self._mark[0] and not self._mark[1].done():
            self._mark[1].set_result(None)
        if self._left > 0:
            self._begin_in(self._think * (0.5 + self._random.random()), turn)

"""The only sender. Replies to one person go out one after the other, those to different people side by side.

What was sent is marked in the ledger with the next batch of turns, or by itself after 50 ms: a kill can leave
only what was in flight unmarked, and that is sent again once at the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog
from msgspec.structs import replace

from bot.channels.base import Channel, SendError
from bot.messages import Address
from bot.services.outcomes import Outcome, counts_as_try, outcome_of
from bot.services.pacing import Pace
from bot.services.turn_values import Owed

log = structlog.get_logger()
MARKED_WITHIN = 0.05
"""Seconds until a sent message is marked as such when no turn comes by to take the mark along."""
TICK = 0.002
"""Seconds too short to wait for: the loop's clock is no finer, and the account's next time moves on all the same."""
PATIENCE = 20.0
"""Seconds that closing waits for sends in flight; what is queued is taken up again at the next start."""


class Ledger(Protocol):
    """Where outcomes are written: `bot.services.conversation.Conversation`."""

    def mark(self, statement: str, *row: object) -> None: ...

    def flush(self) -> None: ...

    def stamp(self) -> object: ...

    def address_changed(self, to: Address, status: str) -> None: ...

    def question_sent(self, to: Address, delivery: int, message_id: str) -> None: ...


class Courier:
    """Sends what is owed. One per process; `owe` may be called before `start`."""

    def __init__(self, channels: Mapping[str, Channel], paces: Mapping[str, Pace]) -> None:
        self._channels, self._paces = channels, paces
        self._lanes: dict[Address, deque[Owed]] = {}
        self._tasks: dict[Address, asyncio.Task[None]] = {}
        self._ledger: Ledger | None = None
        self._flush: asyncio.TimerHandle | None = None
        self._given_up = set[int]()
        self._closed = asyncio.Event()
        self._time = asyncio.get_running_loop().time

    def start(self, ledger: Ledger) -> None:
        """Begin to send, writing outcomes to *ledger*."""
        self._ledger = ledger
        for to in self._lanes:
            self._run(to)

    def owe(self, owed: Sequence[Owed]) -> None:
        """Take over messages that the ledger now holds; they go out in this order for each address."""
        for one in owed:
            lane = self._lanes.get(one.to)
            if lane is not None:
                lane.append(one)
                continue
            self._lanes[one.to] = deque((one,))
            if self._ledger is not None:
                self._run(one.to)

    def give_up(self, to: Address) -> None:
        """They are gone, and get nothing more of what is owed to them: an account may have been at rest for hours."""
        lane = self._lanes.get(to, ())
        self._given_up.update(owed.id for owed in lane if owed.id and not owed.farewell)

    def waiting(self) -> int:
        """Messages not sent yet."""
        return sum(len(lane) for lane in self._lanes.values())

    async def close(self) -> None:
        """Send nothing new, and wait for what is in flight; its outcome is marked, the rest given back untried."""
        self._closed.set()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=PATIENCE)
        for to, lane in self._lanes.items():
            task = self._tasks.get(to)
            is_in_flight = task is not None and task.cancel()
            for owed in list(lane)[is_in_flight:]:
                self._give_back(owed)
        if self._flush is not None:
            self._flush.cancel()

    def _give_back(self, owed: Owed) -> None:
        """Leave it to the next start: `attempts` counts the try that was to come."""
        if owed.id and self._ledger is not None:
            self._ledger.mark("mark", "queued", owed.attempts - 1, None, "", "", owed.id)

    def _run(self, to: Address) -> None:
        self._tasks[to] = asyncio.get_running_loop().create_task(self._drain(to))

    async def _drain(self, to: Address) -> None:
        """Send the messages of one address in order. A lane that is empty is gone."""
        lane = self._lanes[to]
        while lane and not self._closed.is_set():
            try:
                again = await self._send(lane[0])
            except Exception:  # the worker's loop: one message that breaks the sender must not end the lane
                log.exception("sending broke", delivery=lane[0].id)
                self._mark(lane[0], "failed", "", "the sender broke: see the log")
                again = None
            if again is None:
                self._given_up.discard(lane.popleft().id)
            else:
                lane[0] = again
        if not lane:
            del self._lanes[to], self._tasks[to]

    async def _send(self, owed: Owed) -> Owed | None:
        """One try. None when it is done with, else what to try next."""
        channel = self._channels.get(owed.to.channel)
        if channel is None:  # the account was switched off while this was owed
            self._mark(owed, "failed", "", f"channel {owed.to.channel} is not switched on")
            return None
        if owed.id and not await self._its_turn(owed.to):
            return owed
        if owed.id in self._given_up:
            self._mark(owed, "blocked", "", "they left before it could be sent")
            return None
        try:
            message_id = await channel.send(owed.payload)
        except SendError as error:
            return await self._failed(owed, error)
        if owed.id:
            self._mark(owed, "sent", message_id, "")
            if owed.bears_question and self._ledger is not None:
                self._ledger.question_sent(owed.to, owed.id, message_id)
        return None

    async def _its_turn(self, to: Address) -> bool:
        """Wait until *to* may be sent to; false when the courier is closed before."""
        pace = self._paces[to.channel]
        if (free := pace.gap_ends(to.id)) > self._time() + TICK:
            await self._until(free)
        while (at := await pace.reply_time()) > self._time() + TICK:
            await self._until(at)
            if not pace.silent_for():  # else the account was told to rest while this waited
                break
            if self._closed.is_set():
                break
        pace.sent_to(to.id, at)
        return not self._closed.is_set()

    async def _until(self, at: float) -> None:
        """Wait for the moment *at* of the loop's clock, or for closing."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(at):
                await self._closed.wait()

    async def _failed(self, owed: Owed, error: SendError) -> Owed | None:
        outcome = outcome_of(error, owed.attempts)
        if not owed.id:  # an answered message keeps its buttons: a tap on them is still understood
            self._rest(owed.to.channel, outcome)
            return None
        if outcome.status != "queued":
            self._mark(owed, outcome.status, "", outcome.error)
            self._settle_address(owed, outcome)
            return None
        self._rest(owed.to.channel, outcome)
        if not outcome.rests_account:
            await self._until(self._time() + outcome.again.total_seconds())
        return replace(owed, attempts=owed.attempts + 1) if counts_as_try(error) else owed

    def _rest(self, channel: str, outcome: Outcome) -> None:
        if outcome.rests_account:
            self._paces[channel].silence(outcome.again.total_seconds())
            log.warning("account at rest", channel=channel, seconds=outcome.again.total_seconds())

    def _settle_address(self, owed: Owed, outcome: Outcome) -> None:
        """Who blocked us gets nothing more of what is queued, until they write again."""
        if not outcome.address_status or self._ledger is None:
            return
        self._ledger.address_changed(owed.to, outcome.address_status)
        lane = self._lanes[owed.to]
        for other in list(lane)[1:]:
            self._mark(other, "blocked", "", outcome.error)
        while len(lane) > 1:
            lane.pop()

    def _mark(self, owed: Owed, status: str, message_id: str, error: str) -> None:
        ledger = self._ledger
        if ledger is None or not owed.id:
            return
        sent_at = ledger.stamp() if status == "sent" else None
        ledger.mark("mark", status, owed.attempts, sent_at, message_id, error[:500], owed.id)
        if owed.farewell:
            ledger.mark("farewell", b"", owed.id)
        if self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(MARKED_WITHIN, self._flush_now)

    def _flush_now(self) -> None:
        self._flush = None
        if self._ledger is not None:
            self._ledger.flush()

"""When a channel account may send next: a rate for all of it, silence after a 429, a gap for each chat.

One process that owns its account keeps the times itself; several share a row (delivery.md rule 5). Either way replies
go first: a broadcast takes a time only when it has come, so a reply waits for one message of a broadcast at most.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.base import Capabilities
from bot.store import rates
from bot.store.db import FAULTS

log = structlog.get_logger()
REMEMBERED = 20_000
"""Chats whose last send is remembered: more can't have been sent to within the longest gap at any allowed rate."""
LATE = 0.015
"""Seconds by which a message may go out after its time and still count for it: what a busy loop or a timer is late.
So a window of a second holds 1.5 % more than the rate at most, and one message. What is later than that has lost its
time: the next follow it at the full distance."""
SOON = 0.001
"""Seconds too short for a timer."""
STRETCH = 0.1
"""Seconds of sending that a worker takes from the shared row at once, and how far ahead broadcasts may take it."""
ANY = 86_400.0
"""How far ahead replies may take it, in seconds: whatever has been given away."""
AGAIN = 1.0
"""Seconds until the shared row is asked again when the database is away."""


class Pace:
    """Send times of one account, kept in this process. All times are seconds of the loop's clock."""

    def __init__(self, capabilities: Capabilities, time: Callable[[], float] | None = None) -> None:
        self._step = 1 / capabilities.rate
        self._gap = capabilities.chat_gap.total_seconds()
        self._time = time or asyncio.get_running_loop().time
        self._next = 0.0
        self._silent_until = 0.0
        self._chats: OrderedDict[str, float] = OrderedDict()
        self._ended = asyncio.Event()

    def gap_ends(self, chat: str) -> float:
        """The moment from which *chat* may get its next message. Wait for it, and only then take a time.

        A time taken earlier would be used later than it was counted for, in between those of others.
        """
        return self._chats.get(chat, 0.0) + self._gap if self._gap and chat in self._chats else 0.0

    def sent_to(self, chat: str, at: float) -> None:
        """*chat* gets a message at *at*: its gap begins."""
        if not self._gap:
            return
        self._chats.pop(chat, None)
        self._chats[chat] = at
        if len(self._chats) > REMEMBERED:
            self._chats.popitem(last=False)

    async def reply_time(self) -> float:
        """The moment at which one reply may go out; it is taken for it."""
        return self.take(self._time())

    async def broadcast_time(self) -> bool:
        """Wait until one message of a broadcast may go out at once, and take that time; false when closing."""
        while (at := max(self._next, self._silent_until)) > self._time() + SOON and not self._ended.is_set():
            await set_within(self._ended, at - self._time())
        if self._ended.is_set():
            return False
        self.take(self._time())
        return True

    def end_broadcasts(self) -> None:
        """No message of a broadcast goes out any more: this process is closing."""
        self._ended.set()

    def take(self, now: float) -> float:
        """The first moment from *now* on that nobody has; it is taken."""
        at = max(now, self._next, self._silent_until)
        self._next = (self._next if self._next >= at - LATE else at) + self._step
        return at

    def silence(self, seconds: float) -> None:
        """Nothing goes out for *seconds*: the platform asked for it (429)."""
        self._silent_until = max(self._silent_until, self._time() + seconds)

    def silent_for(self) -> float:
        """Seconds of silence left."""
        return max(0.0, self._silent_until - self._time())


class Row(Protocol):
    """The account's row that all workers share: `SharedRow`."""

    async def take(self, length: float, ahead: float) -> tuple[bool, float]:
        """Reserve *length* seconds of sending: whether that was to be had, and in how many seconds it starts, else
        after how many to ask again. Not given away for more than *ahead* seconds."""
        ...

    def silence(self, seconds: float) -> Coroutine[Any, Any, None]:
        """Nobody gets a time within *seconds*."""
        ...


class SharedPace(Pace):
    """Send times of an account that several workers send from: stretches of them are taken from its row."""

    def __init__(self, capabilities: Capabilities, row: Row, time: Callable[[], float] | None = None) -> None:
        super().__init__(capabilities, time)
        self._row = row
        self._stretch = max(2, round(STRETCH / self._step)) if self._step > 1e-5 else 1000
        self._times: deque[float] = deque()
        self._replies: deque[asyncio.Future[float]] = deque()
        self._is_broadcasting = False
        self._changed = asyncio.Event()
        self._asked = asyncio.Event()
        self._filling: asyncio.Task[None] | None = None
        self._telling: set[asyncio.Task[None]] = set()

    async def reply_time(self) -> float:
        """See Pace. A time that this worker holds for its broadcasts is taken before a new one is asked for."""
        if not self._replies and (at := self._first()) is not None:
            self._times.popleft()
            return at
        waiting: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._replies.append(waiting)
        self._fill()
        return await waiting

    async def broadcast_time(self) -> bool:
        """See Pace."""
        while not self._ended.is_set():
            at = self._first()
            if at is not None and at <= self._time() + SOON:
                self._times.popleft()
                return True
            if len(self._times) <= self._stretch // 2:
                self._is_broadcasting = True
                self._fill()
            self._changed.clear()
            if at is None:
                await self._changed.wait()
            else:
                await set_within(self._ended, at - self._time())
        return False

    def end_broadcasts(self) -> None:
        """See Pace."""
        super().end_broadcasts()
        self._changed.set()

    def silence(self, seconds: float) -> None:
        """See Pace. What was taken ahead is given up."""
        super().silence(seconds)
        self._times.clear()
        task = asyncio.get_running_loop().create_task(self._row.silence(seconds))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    def _first(self) -> float | None:
        """The first time that we hold; one that has gone by unused is lost, or others would be sent too close to it."""
        while self._times and self._times[0] < self._time() - LATE:
            self._times.popleft()
        return self._times[0] if self._times else None

    def _fill(self) -> None:
        self._asked.set()
        if self._filling is None or self._filling.done():
            self._filling = asyncio.get_running_loop().create_task(self._fill_up())

    async def _fill_up(self) -> None:
        """Ask the row for as long as somebody waits; what comes goes to replies first."""
        while self._replies or self._is_broadcasting:
            self._asked.clear()
            wanted = max(len(self._replies), self._stretch if self._is_broadcasting else 1)
            ahead = ANY if self._replies else STRETCH
            is_ours, seconds = await self._row.take(wanted * self._step, ahead)
            if not is_ours:
                await set_within(self._asked, seconds)
                continue
            starts = self._time() + seconds
            if starts < self._silent_until:  # the row didn't know, and gives others what comes after
                await self._row.silence(self.silent_for())
                continue
            self._is_broadcasting = False
            self._times.extend(starts + n * self._step for n in range(wanted))
            self._hand_out()

    def _hand_out(self) -> None:
        while self._replies and self._times:
            waiting = self._replies.popleft()
            if not waiting.done():
                waiting.set_result(self._times.popleft())
        self._changed.set()


async def set_within(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


class SharedRow:
    """The row of *account* in PostgreSQL. A database that is away is asked again until it is back."""

    def __init__(self, database: AsyncEngine, account: str) -> None:
        self._database, self._account = database, account

    async def take(self, length: float, ahead: float) -> tuple[bool, float]:
        """See Row."""
        while True:
            try:
                async with self._database.begin() as db:
                    taken = await rates.take(db, self._account, length=length, ahead=ahead, late=LATE / 2)
                return taken.is_ours, taken.starts_in
            except FAULTS as error:
                await self._away(error)
            except Exception:  # what nobody foresaw must not leave all who wait for a time waiting for ever
                log.exception("taking send times broke", account=self._account)
                await asyncio.sleep(AGAIN)

    async def silence(self, seconds: float) -> None:
        """See Row."""
        try:
            async with self._database.begin() as db:
                await rates.silence(db, self._account, seconds=seconds)
        except FAULTS as error:  # this worker keeps silent all the same
            log.warning("the others can't be told to rest", account=self._account, error=str(error))

    async def _away(self, error: Exception) -> None:
        log.warning("no send times to be had", account=self._account, error=str(error))
        await asyncio.sleep(AGAIN)

"""Sends the broadcasts of one channel account: claims a chunk and takes it up spell by spell."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.base import Channel
from bot.services.pacing import Pace
from bot.services.sending.agenda import Agenda
from bot.services.sending.dispatch import Dispatch, Talks
from bot.services.sending.fares import fares_of
from bot.services.sending.holding import LEASE, Holding, Keeper
from bot.services.sending.outbox import Outbox
from bot.services.sending.script import Script
from bot.services.sending.spell import Spell, take_up
from bot.services.sending.window import Window, window_of
from bot.store import handout, spending
from bot.store.db import FAULTS, writing

log = structlog.get_logger()
SPELL = 0.1
"""Seconds of sending taken up at once: how far what was read of people and broadcast may be behind (rule 9)."""
LANES = 2
"""Chunks in hand at once: while the next is claimed for one, the other sends, so that no send time goes unused."""
PATIENCE = 20.0
"""Seconds that closing waits for what is in flight."""


@dataclass(frozen=True, slots=True)
class Office:
    """What the senders of all channels of a process share. `pause`: seconds until an idle one looks for work again."""

    database: AsyncEngine
    worker: int
    now: Callable[[], datetime]
    agenda: Agenda
    keeper: Keeper
    outbox: Outbox
    talks: Talks
    pause: float


class Sender:
    """One channel account of this process."""

    def __init__(self, channel: Channel, pace: Pace, office: Office) -> None:
        self._channel, self._pace, self._office = channel, pace, office
        self.window = Window(window_of(channel.capabilities.rate))
        spell = round(channel.capabilities.rate * SPELL) or 1
        self.spell = max(1, min(spell, self.window.size // 3))
        self._dispatch = Dispatch(channel, pace, self.window, office.agenda, office.outbox, office.talks, office.now)
        self._closing = asyncio.Event()
        self._answering = asyncio.Lock()
        self._working: list[asyncio.Task[None]] = []
        self._ending: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to look for chunks."""
        name = f"sender {self._channel.name}"
        self._working = [asyncio.create_task(self._work_forever(), name=name) for _ in range(LANES)]

    async def close(self) -> None:
        """Take up nothing new, wait for what is in flight, and give the rest back untried."""
        self._closing.set()
        self._pace.end_broadcasts()
        if self._working:
            await asyncio.wait(self._working, timeout=PATIENCE)
        if self._ending:
            await asyncio.wait(self._ending, timeout=PATIENCE)
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)

    async def _work_forever(self) -> None:
        while not self._closing.is_set():
            try:
                if await self._work():
                    continue
            except FAULTS as error:
                log.warning("no work to be had", channel=self._channel.name, error=str(error))
            except Exception:  # the worker's loop: one chunk that breaks it must not end all sending
                log.exception("sending a chunk broke", channel=self._channel.name)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._office.pause):
                    await self._closing.wait()

    async def _work(self) -> bool:
        """Send one chunk; false when there is none. No lane begins a broadcast while an answer is about to leave."""
        async with self._answering:
            if await self._work_on(None):
                return True
        for script in await self._office.agenda.in_turn():
            if await self._work_on(script):
                return True
        return False

    async def _work_on(self, script: Script | None) -> bool:
        holding = await self._claim(script)
        if holding is None:
            return False
        await self._send(holding, script)
        return True

    async def _claim(self, script: Script | None) -> Holding | None:
        office, began = self._office, asyncio.get_running_loop().time()
        broadcast = script.broadcast if script else None
        async with writing(office.database) as db:
            claim = await handout.claim(
                db, channel=self._channel.name, broadcast_id=broadcast.id if broadcast else None, worker=office.worker,
                lease=LEASE, at=office.now(), resends=broadcast is not None and broadcast.policy.unknown == "resend",
            )  # fmt: skip
            if claim is not None and broadcast is not None:
                await office.agenda.served(db, broadcast)
        return office.keeper.hold(claim, since=began) if claim else None

    async def _send(self, holding: Holding, script: Script | None) -> None:
        """Spell by spell; while one goes out the next is taken up. A task of its own sees to the chunk's end."""
        rows, start = holding.claim.rows, 0
        ahead: asyncio.Task[Spell] | None = None
        try:
            spell = await self._take_up(holding, script, start) if rows else None
            while spell is not None:
                start += len(spell.taken)
                if spell.is_on and start < len(rows) and not self._closing.is_set():
                    ahead = asyncio.create_task(self._take_up(holding, script, start))
                if not self._office.agenda.is_current(script):
                    self._free(holding, len(spell.taken))
                    break
                if not await self._dispatch.send(spell, holding, script):
                    break
                spell, ahead = (await ahead, None) if ahead is not None else (None, None)
        finally:
            if ahead is not None:
                await self._forgo(ahead, holding)
            task = asyncio.create_task(self._end(holding))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def _take_up(self, holding: Holding, script: Script | None, start: int) -> Spell:
        """The next spell; a slot of the window is taken for each of its rows."""
        count = await self.window.take(min(self.spell, len(holding.claim.rows) - start))
        rows = holding.claim.rows[start : start + count]
        holding.take_up(count)
        try:
            async with writing(self._office.database) as db:
                broadcast = script.broadcast if script else None
                fares = fares_of(self._channel.name, self._channel.capabilities.reach, script)
                return await take_up(db, holding.claim, rows, broadcast, self._office.now(), fares)
        except BaseException:
            self._free(holding, count)
            raise

    async def _forgo(self, ahead: asyncio.Task[Spell], holding: Holding) -> None:
        """A spell that was taken up, but is not to leave any more."""
        with contextlib.suppress(Exception):
            self._free(holding, len((await ahead).taken))

    def _free(self, holding: Holding, count: int) -> None:
        for _ in range(count):
            holding.settle_one()
        self.window.give_back(count)

    async def _end(self, holding: Holding) -> None:
        """Give the chunk back once nothing of it is in flight."""
        await holding.settled()
        claim, office = holding.claim, self._office
        while True:
            try:
                async with writing(office.database) as db:
                    end = handout.abandon if holding.is_in_doubt else handout.release
                    is_ours = await end(db, chunk_id=claim.chunk_id, epoch=claim.epoch)
                    if is_ours and self._counts(claim) and not holding.is_in_doubt:
                        await spending.give_back(db, chunk_id=claim.chunk_id, broadcast_id=claim.broadcast_id or 0)
                break
            except FAULTS as error:
                log.warning("a chunk could not be given back", chunk=claim.chunk_id, error=str(error))
                if self._closing.is_set():
                    break  # its lease will run out
                await asyncio.sleep(office.pause)
        office.keeper.let_go(holding)

    def _counts(self, claim: handout.Claim) -> bool:
        """Whether what goes out of it may cost something."""
        return self._channel.capabilities.reach is not None and claim.broadcast_id is not None

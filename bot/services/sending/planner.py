"""What the clock and the audience call for: runs begin when due, their rows are made page by page, and they end.

Each step is one transaction that locks its broadcast, so any number of processes may plan side by side.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

import structlog
from sqlalchemy import and_, case, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.engine.state import Library
from bot.services.broadcasting.model import Broadcast, broadcast_from
from bot.services.broadcasting.timing import expiry
from bot.services.sending.audience import plan_page
from bot.services.sending.starting import begin
from bot.speech import _
from bot.store import audit
from bot.store.broadcasts import change_state, close_open_chunks, find
from bot.store.db import FAULTS, reading
from bot.store.ids import Ids
from bot.store.models import broadcasts, chunks
from bot.store.waiting import only_waited

log = structlog.get_logger()
SHORT, AT_LEISURE = 12, 4.0
"""With fewer chunks waiting the next page is made at once; else after so many times what the last one took, so that
people who write are answered in between."""
LOOK_AHEAD = 50
"""Chunks of a broadcast that wait to be sent before more of its audience is written down (delivery.md rule 1)."""


class Planner:
    """One per process; what one leaves undone the next look of any finds. *metered*: the channels with windows."""

    def __init__(
        self, database: AsyncEngine, library: Callable[[], Library], *, channels: Sequence[str], ids: Ids,
        now: Callable[[], datetime], pause: float, metered: Collection[str] = (),
    ) -> None:  # fmt: skip
        self._metered = metered
        self._database, self._library, self._channels, self._ids, self._now = database, library, channels, ids, now
        self._pause, self._is_short = pause, False
        self._closing = asyncio.Event()
        self._planning: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._planning = asyncio.create_task(self._plan_forever(), name="planner")

    async def close(self) -> None:
        """Finish the step at hand."""
        self._closing.set()
        if self._planning is not None:
            await self._planning

    async def _plan_forever(self) -> None:
        time = asyncio.get_running_loop().time
        while not self._closing.is_set():
            wait, began = self._pause, time()
            try:
                if await self.step():
                    wait = 0.0 if self._is_short else (time() - began) * AT_LEISURE
            except FAULTS as error:
                log.warning("nothing can be planned", error=str(error))
            except Exception:  # the worker's loop: one broadcast that breaks it must not end all planning
                log.exception("planning broke")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._closing.wait()

    async def step(self) -> bool:
        """Whatever is to be done for each broadcast, once; true when there is more to do at once."""
        is_busy = False
        for number in await self._waiting():
            try:
                async with self._database.begin() as db:
                    row = await find(db, number, locked=True)
                    if row is not None:
                        is_busy |= await self._move_on(db, broadcast_from(row))
            except FAULTS:
                raise
            except Exception:
                log.exception("a broadcast can't be planned", broadcast=number)
        return is_busy

    async def _waiting(self) -> Sequence[int]:
        """Scheduled ones that are due, all that are under way, and those cancelled of which a chunk is not done."""
        state = broadcasts.c.state
        unfinished = select(chunks.c.broadcast_id).where(chunks.c.state.in_(("open", "claimed")))
        due = and_(state == "scheduled", broadcasts.c.due_at <= self._now())
        cancelled = and_(state == "cancelled", broadcasts.c.id.in_(unfinished))
        wanted = select(broadcasts.c.id).where(or_(due, state.in_(("sending", "paused")), cancelled))
        async with reading(self._database).connect() as db:
            return (await db.execute(wanted.order_by(broadcasts.c.id))).scalars().all()

    async def _move_on(self, db: AsyncConnection, broadcast: Broadcast) -> bool:
        now = self._now()
        match broadcast.state:
            case "scheduled" if broadcast.due_at is not None and broadcast.due_at <= now:  # else another was here first
                await begin(db, broadcast, self._library(), channels=self._channels, at=now)
                return True
            case "sending" | "paused":
                return await self._go_on(db, broadcast, now)
            case "cancelled":  # what a worker held then has come back since
                await close_open_chunks(db, broadcast.id, status="expired", error=_("Đợt gửi đã bị hủy."))
        return False

    async def _go_on(self, db: AsyncConnection, broadcast: Broadcast, now: datetime) -> bool:
        if broadcast.started_at is not None and now >= expiry(broadcast.timing, broadcast.started_at):
            return await self._expire(db, broadcast)
        if broadcast.state == "paused":
            return False
        waiting, ahead = await self._unfinished(db, broadcast.id, now)
        self._is_short = ahead < SHORT
        if not broadcast.is_planned and ahead < LOOK_AHEAD:
            await plan_page(db, broadcast, self._library(), channels=self._channels, ids=self._ids, at=now)
            return True
        if broadcast.is_planned and not waiting:
            await self._end(db, broadcast, "done", "")
        return False

    async def _expire(self, db: AsyncConnection, broadcast: Broadcast) -> bool:
        """Too late for all that has not gone out. Claimed chunks come back open within moments."""
        told = {"error": _("Quá hạn gửi."), "waited": _("Người này không nhắn lại trước khi tin hết hạn.")}
        await close_open_chunks(db, broadcast.id, status="expired", **told)
        waiting, _ahead = await self._unfinished(db, broadcast.id, self._now())
        if waiting:
            return False
        if broadcast.is_planned and await only_waited(db, broadcast.id):
            await self._end(db, broadcast, "done", "")
        else:
            await self._end(db, broadcast, "expired", _("Hết hạn gửi trước khi gửi xong."))
        return False

    async def _end(self, db: AsyncConnection, broadcast: Broadcast, state: str, reason: str) -> None:
        now, under_way = self._now(), ("sending", "paused")
        await change_state(db, broadcast.id, from_=under_way, to=state, reason=reason, ended_at=now, is_planned=True)
        detail = {"recipients": broadcast.recipients, "reason": reason}
        detail |= {"spent": broadcast.spent} if broadcast.spent else {}
        subject = f"broadcast:{broadcast.id}"
        await audit.record(db, at=now, actor="system", action=f"broadcast.{state}", subject=subject, detail=detail)

    async def _unfinished(self, db: AsyncConnection, number: int, now: datetime) -> tuple[int, int]:
        """Chunks of a broadcast that are not done; and those of them that keep others from being written down.

        On channels with windows that is none in which all who are left have to write first, or wait for the morning:
        others' windows would close meanwhile.
        """
        is_put_off = and_(chunks.c.state == "open", chunks.c.not_before > now, chunks.c.channel.in_(self._metered))
        put_off = func.coalesce(func.sum(case((is_put_off, 1), else_=0)), 0) if self._metered else literal(0)
        ours = chunks.c.broadcast_id == number, chunks.c.state.in_(("open", "claimed"))
        waiting, idle = (await db.execute(select(func.count(), put_off).select_from(chunks).where(*ours))).one()
        return int(waiting), int(waiting) - int(idle)

"""Which broadcasts may send at this moment, in turn, and how each is stopped by itself when it must be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import structlog
from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.engine.state import Library
from bot.services.broadcasting.model import Broadcast, broadcast_from
from bot.services.broadcasting.targeting import fingerprint
from bot.services.broadcasting.timing import expiry, may_send
from bot.services.sending.script import Script
from bot.speech import _
from bot.store import audit
from bot.store.db import reading
from bot.store.models import broadcasts

log = structlog.get_logger()
REJECTIONS = 3
"""Messages in a row that the platform refuses for what they say: the rest would be refused as well."""
JUDGED_FROM = 50
"""Least messages tried before their share of failures pauses a broadcast."""

_RUNNING = select(broadcasts).where(broadcasts.c.state == "sending")
_RUNNING = _RUNNING.order_by(broadcasts.c.urgent.desc(), broadcasts.c.served_at.asc().nulls_first(), broadcasts.c.id)
_SERVED = update(broadcasts).where(broadcasts.c.id == bindparam("number")).values(served_at=bindparam("at"))


class Agenda:
    """The running broadcasts, as this process knows them."""

    def __init__(
        self, database: AsyncEngine, library: Callable[[], Library], *, now: Callable[[], datetime],
        today: Callable[[], date],
    ) -> None:  # fmt: skip
        self._database, self._library, self._now, self._today = database, library, now, today
        self._scripts: dict[int, Script] = {}

    async def in_turn(self) -> list[Script]:
        """Those that may send now: urgent ones first, then whoever was served longest ago."""
        async with reading(self._database).connect() as db:
            running = [broadcast_from(row) for row in (await db.execute(_RUNNING)).mappings()]
        self._scripts = {one.id: self._scripts[one.id] for one in running if one.id in self._scripts}
        scripts = [await self._script_of(broadcast) for broadcast in running if self._may_send(broadcast)]
        return [script for script in scripts if script is not None]

    def _may_send(self, broadcast: Broadcast) -> bool:
        now, timing = self._now(), broadcast.timing
        if broadcast.started_at is not None and now >= expiry(timing, broadcast.started_at):
            return False
        return may_send(now, timing, self._library().holidays)

    async def _script_of(self, broadcast: Broadcast) -> Script | None:
        """The script made before, unless day or content changed; None, and paused, if that isn't what was approved."""
        library, today = self._library(), self._today()
        script = self._scripts.get(broadcast.id)
        if script is None or script.library is not library or script.today != today:
            script = Script(broadcast, library, today)
            if not await self._is_as_approved(script):
                await self.pause(script, _("Nội dung hoặc nhóm nhận đã đổi sau khi duyệt."))
                return None
            self._scripts[broadcast.id] = script
        script.broadcast = broadcast
        return script

    def is_current(self, script: Script | None) -> bool:
        """Whether it may still be sent, in these words: the hours may be over, or day and content have changed."""
        if script is None:
            return True
        is_the_same = script.library is self._library() and script.today == self._today()
        return is_the_same and self._may_send(script.broadcast)

    async def _is_as_approved(self, script: Script) -> bool:
        async with reading(self._database).connect() as db:
            return await fingerprint(db, script.library, script.broadcast) == script.broadcast.digest

    async def served(self, db: AsyncConnection, broadcast: Broadcast) -> None:
        """A chunk of it was claimed: the others come first now."""
        await db.execute(_SERVED, {"number": broadcast.id, "at": self._now()})

    async def judge(self, script: Script, *, is_bad: bool, is_rejected: bool) -> None:
        """Count one outcome, and pause a broadcast whose content or errors call for it."""
        script.tried += 1
        script.failed += is_bad
        script.rejections = script.rejections + 1 if is_rejected else 0
        if script.rejections >= REJECTIONS:
            await self.pause(script, _("Kênh từ chối nội dung tin {count} lần liền.").format(count=script.rejections))
        elif script.tried >= JUDGED_FROM and script.failed > script.broadcast.policy.errors * script.tried:
            share = round(100 * script.failed / script.tried)
            await self.pause(script, _("{share}% tin không gửi được.").format(share=share))

    async def charged(self, script: Script, price: int) -> None:
        """A message that we took for free cost *price*: the platform reckons otherwise. What that comes to counts, and
        a broadcast that has no more to spend pauses."""
        async with reading(self._database).connect() as db:
            here = broadcasts.c.id == script.broadcast.id
            spent: int = (await db.execute(select(broadcasts.c.spent).where(here))).scalar_one()
        if spent + price > script.broadcast.policy.budget:
            await self.pause(script, _("Kênh tính tiền những tin lẽ ra không mất tiền: xem lại ngân sách và giá tin."))

    async def pause(self, script: Script, reason: str) -> None:
        """Pause a broadcast by itself: a member of staff has to look at it."""
        broadcast, now = script.broadcast, self._now()
        script.rejections = script.tried = script.failed = 0
        running = broadcasts.c.id == broadcast.id, broadcasts.c.state == "sending"
        async with self._database.begin() as db:
            changed = await db.execute(
                update(broadcasts).where(*running).values(state="paused", reason=reason, changed_at=now)
            )
            if changed.rowcount:
                subject, detail = f"broadcast:{broadcast.id}", {"reason": reason}
                await audit.record(db, at=now, actor="system", action="broadcast.pause", subject=subject, detail=detail)
                log.warning("a broadcast paused itself", broadcast=broadcast.id, reason=reason)

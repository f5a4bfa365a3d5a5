"""When a platform's webhook was heard last, and what was refused there: counted here, written once a minute at most."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.speech import _
from bot.store import sightings
from bot.store.db import FAULTS
from bot.store.sightings import Name, Sighting

log = structlog.get_logger()
PAUSE = 60.0
"""Seconds between two writes: each event would cost a transaction, and nobody looks more closely than by the minute."""
REASONS: Mapping[str, str] = {
    "no-signature": _("không có chữ ký"),
    "wrong-signature": _("chữ ký không khớp"),
    "app-secret": _("chữ ký khớp với khóa bí mật của ứng dụng, không phải khóa của OA: đặt lại BOT_ZALO_OA_SECRET"),
    "oa-id": _("chữ ký dùng mã OA thay cho mã ứng dụng"),
    "stale": _("chữ ký đúng nhưng sự kiện đã quá cũ"),
    "header-time": _("chữ ký tính theo giờ ở tiêu đề, không phải giờ trong nội dung"),
}
"""What was remarkable about an event (`Sighting.detail`), in words."""


class Sightings:
    """What is seen of *channel*. `note` costs nothing; the first of a quiet minute is written at once."""

    def __init__(
        self, database: AsyncEngine, channel: str, now: Callable[[], datetime], *, pause: float = PAUSE
    ) -> None:  # fmt: skip
        self._database, self._channel, self._now, self._pause = database, channel, now, pause
        self._new: dict[Name, Sighting] = {}
        self._free_at = 0.0
        self._closing = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    def note(self, name: Name, detail: str = "") -> None:
        """One more. *detail* is a key of `REASONS`, or empty."""
        before = self._new.get(name)
        self._new[name] = Sighting(self._now(), 1 + (before.count if before else 0), detail)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(), name="sightings")

    async def close(self) -> None:
        """Write what is not written yet."""
        self._closing.set()
        if self._writer is not None:
            await self._writer

    async def _write(self) -> None:
        time = asyncio.get_running_loop().time
        while self._new:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(self._free_at):
                    await self._closing.wait()
            self._free_at = time() + self._pause
            new, self._new = self._new, {}
            try:
                await self._add(new)
            except FAULTS as error:  # counts of a minute are lost with the process; turns say that the database is away
                log.warning("sightings could not be written", error=str(error), lost=self._closing.is_set())
                if self._closing.is_set():
                    break
                self._take_back(new)
        self._writer = None

    async def _add(self, new: Mapping[Name, Sighting]) -> None:
        async with self._database.begin() as db:
            for name in sorted(new):  # in one order, so that two processes don't wait for each other
                one = new[name]
                await sightings.add(db, channel=self._channel, name=name, at=one.at, count=one.count, detail=one.detail)

    def _take_back(self, old: Mapping[Name, Sighting]) -> None:
        for name, one in old.items():
            later = self._new.get(name)
            self._new[name] = Sighting(later.at, one.count + later.count, later.detail) if later else one

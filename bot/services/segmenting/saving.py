"""Saved segments: officers give queries names, change and strike them, and the audit log keeps it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.engine.segments import SegmentError
from bot.engine.state import Library
from bot.services.broadcasting.model import ENDED
from bot.services.broadcasting.rights import DRAFTERS, STATES, Refused, officer_of
from bot.services.broadcasting.targeting import SAVED, segment_of
from bot.speech import _
from bot.store import audit, broadcasts, segments
from bot.store.officers import Officer

NAMES = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
"""Small letters without diacritics: a broadcast says "@name", and nobody should have to guess how it is written."""
UNDER_WAY = tuple(state for state in STATES if state not in ENDED)


class SavedSegments:
    """The queries that have names. Each method raises `Refused`, which is in the audit log by then."""

    def __init__(
        self, database: AsyncEngine, library: Callable[[], Library], now: Callable[[], datetime], *,
        via: str = "console",
    ) -> None:  # fmt: skip
        self._database, self._library, self._now, self._via = database, library, now, via

    async def save(self, name: str, query: str, login: str, *, is_new: bool = False) -> bool:
        """Keep *query* under *name*; whether the name is new. *is_new*: one that is taken is refused."""
        async with self._step("save", name, login, {"query": query}) as (db, officer):
            if NAMES.fullmatch(name) is None:
                told = _("Tên nhóm “{name}”: chữ thường không dấu, số, gạch; nhiều nhất 64.")
                raise Refused(told.format(name=name))
            was = await segments.find(db, name)
            if is_new and was is not None:
                raise Refused(_("Đã có nhóm @{name}: chọn tên khác, hoặc mở nhóm ấy để sửa.").format(name=name))
            _check_theirs(officer, was)
            wanted = await self._canonical(db, query)
            return await segments.save(db, name=name, query=wanted, author=login, at=self._now())

    async def rename(self, name: str, to: str, login: str) -> None:
        """Give *name* another name, while no broadcast that has not ended calls it by the old one."""
        async with self._step("rename", name, login, {"to": to}) as (db, officer):
            was = await segments.find(db, name)
            _check_there(name, was)
            _check_theirs(officer, was)
            if NAMES.fullmatch(to) is None:
                told = _("Tên nhóm “{name}”: chữ thường không dấu, số, gạch; nhiều nhất 64.")
                raise Refused(told.format(name=to))
            if await segments.find(db, to) is not None:
                raise Refused(_("Đã có nhóm @{name}: chọn tên khác.").format(name=to))
            await _check_unused(db, name)
            await segments.rename(db, name, to=to)

    async def delete(self, name: str, login: str) -> None:
        """Strike *name*, while no broadcast that has not ended calls it."""
        async with self._step("delete", name, login, {}) as (db, officer):
            was = await segments.find(db, name)
            _check_there(name, was)
            _check_theirs(officer, was)
            await _check_unused(db, name)
            await segments.delete(db, name)

    async def _canonical(self, db: AsyncConnection, query: str) -> str:
        try:
            return str(await segment_of(db, self._library(), query))
        except SegmentError as error:
            raise Refused(str(error)) from None

    @asynccontextmanager
    async def _step(
        self, action: str, name: str, login: str, detail: dict[str, object]
    ) -> AsyncIterator[tuple[AsyncConnection, Officer]]:
        try:
            async with self._database.begin() as db:
                yield db, await officer_of(db, login, DRAFTERS)
                await self._record(db, action, name, login, "done", detail)
        except Refused as refusal:
            async with self._database.begin() as db:
                await self._record(db, action, name, login, "refused", {**detail, "why": str(refusal)})
            raise

    async def _record(
        self, db: AsyncConnection, action: str, name: str, login: str, outcome: audit.Outcome, detail: dict[str, object]
    ) -> None:
        await audit.record(
            db, at=self._now(), actor=login, action=f"segment.{action}", subject=f"segment:{name}", outcome=outcome,
            detail={"via": self._via, **detail},
        )  # fmt: skip


async def users_of(db: AsyncConnection, name: str) -> Sequence[int]:
    """The numbers of the broadcasts that call the segment *name* and have not ended."""
    return await broadcasts.naming(db, SAVED + name, states=UNDER_WAY)


def is_theirs(officer: Officer, saved: segments.Saved) -> bool:
    """Whether *officer* may change *saved*: who works for some communes changes only what they saved themselves, for
    what another's broadcasts call would no longer be what was approved."""
    return not officer.communes or saved.author == officer.login


def _check_theirs(officer: Officer, saved: segments.Saved | None) -> None:
    if saved is not None and not is_theirs(officer, saved):
        told = _("Nhóm @{name} do “{author}” lưu: lưu dưới một tên khác, hoặc nhờ người phụ trách cả thành phố.")
        raise Refused(told.format(name=saved.name, author=saved.author))


def _check_there(name: str, saved: segments.Saved | None) -> None:
    if saved is None:
        raise Refused(_("Không có nhóm @{name}.").format(name=name))


async def _check_unused(db: AsyncConnection, name: str) -> None:
    using = await users_of(db, name)
    if using:
        told = _("Đợt gửi {numbers} đang gọi nhóm @{name}: đổi nhóm ở các đợt ấy, hoặc chờ chúng kết thúc.")
        raise Refused(told.format(numbers=", ".join(map(str, using)), name=name))

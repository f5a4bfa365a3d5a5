"""Officers vouch for facts: that one was checked again, or must not be said until further notice.

The files stay the source. What is ruled here is laid over them (`bot.engine.rulings`): in this process at once, in the
others when they next look, a few seconds later.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime

import structlog
from dateutil.relativedelta import relativedelta
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.engine.content import Fact
from bot.engine.rulings import Rulings, digest_of
from bot.engine.state import Library
from bot.services.broadcasting.rights import APPROVERS, Refused, officer_of
from bot.speech import _
from bot.store import audit, rulings
from bot.store.db import FAULTS, reading
from bot.store.rulings import Kind, Ruling

log = structlog.get_logger()
MONTHS = (1, 3, 6, 12)
"""How long a check may hold: rules on support change with the year, so none holds longer than one."""
LOOKS = 3.0
"""Seconds until a process sees what was ruled in another."""
SHORTEST, LONGEST = 5, 500
"""Letters of a reason: enough to be one, and short enough for a line."""


class FactDesk:
    """Where facts are vouched for. Each act raises `Refused`, which is in the audit log by then.

    *rule* takes over all that is in force (`bot.library.shelf.Shelf.rule`).
    """

    def __init__(
        self, database: AsyncEngine, library: Callable[[], Library], rule: Callable[[Rulings], None], *,
        now: Callable[[], datetime], today: Callable[[], date],
    ) -> None:  # fmt: skip
        self._database, self._library, self._rule = database, library, rule
        self._now, self._today = now, today

    async def refresh(self) -> None:
        """Take over what is in force now, whoever ruled it."""
        async with reading(self._database).connect() as db:
            self._rule(rulings.as_rulings(await rulings.latest(db)))

    async def check(self, name: str, login: str, *, months: int, digest_seen: str) -> date:
        """*login* checked the fact today as they saw it; the day until which that holds, *months* from now."""
        review = self._today() + relativedelta(months=months)
        async with self._step("check", name, login, review=review.isoformat()) as db:
            fact = self._seen(name, digest_seen)
            if months not in MONTHS:
                raise Refused(_("Chọn hạn soát lại trong: {months} tháng.").format(months=", ".join(map(str, MONTHS))))
            await rulings.add(
                db, fact=name, kind="checked", digest=digest_of(fact), author=login, at=self._now(),
                checked=self._today(), review=review,
            )  # fmt: skip
        return review

    async def withhold(self, name: str, login: str, *, reason: str) -> None:
        """Nobody is told this fact from now on; broadcasts that tell it pause by themselves."""
        async with self._step("withhold", name, login, reason=reason) as db:
            fact = self._fact(name)
            if not SHORTEST <= len(reason.strip()) <= LONGEST:
                raise Refused(_("Ghi lý do, từ {least} đến {most} ký tự.").format(least=SHORTEST, most=LONGEST))
            await rulings.add(
                db, fact=name, kind="withheld", digest=digest_of(fact), author=login, at=self._now(),
                reason=reason.strip(),
            )  # fmt: skip

    async def undo(self, name: str, login: str, *, kind: Kind) -> None:
        """Take back the ruling of this *kind* that is in force: the one before it holds again, or the file."""
        action = "uncheck" if kind == "checked" else "unwithhold"
        async with self._step(action, name, login) as db:
            found = [one for one in await rulings.of_fact(db, name) if one.kind == kind and one.undone_at is None]
            if not found:
                raise Refused(_("Không còn gì để thu lại: có người vừa thu lại trước bạn."))
            undone = found if kind == "withheld" else found[:1]  # withheld twice, it is said again after one click
            for one in undone:
                await rulings.undo(db, one.id, by=login, at=self._now())

    def _fact(self, name: str) -> Fact:
        fact = self._library().facts.get(name)
        if fact is None:
            raise Refused(_("Không có dữ kiện “{name}”.").format(name=name))
        return fact

    def _seen(self, name: str, digest_seen: str) -> Fact:
        fact = self._fact(name)
        if digest_seen != digest_of(fact):
            raise Refused(_("Dữ kiện vừa được sửa sau khi bạn mở trang: đọc lại bản mới rồi bấm lần nữa."))
        return fact

    @asynccontextmanager
    async def _step(self, action: str, name: str, login: str, **detail: object) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._database.begin() as db:
                await officer_of(db, login, APPROVERS)
                yield db
                await self._record(db, action, name, login, "done", detail)
        except Refused as refusal:
            async with self._database.begin() as db:
                await self._record(db, action, name, login, "refused", {**detail, "why": str(refusal)})
            raise
        await self.refresh()

    async def _record(
        self, db: AsyncConnection, action: str, name: str, login: str, outcome: audit.Outcome, detail: dict[str, object]
    ) -> None:
        await audit.record(
            db, at=self._now(), actor=login, action=f"fact.{action}", subject=f"fact:{name}", outcome=outcome,
            detail=detail,
        )  # fmt: skip


class FactWatch:
    """Looks every few seconds for what was ruled in other processes."""

    def __init__(self, desk: FactDesk, *, pause: float = LOOKS) -> None:
        self._desk, self._pause = desk, pause
        self._closing = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Know all that is in force before anybody is told anything, and look again from then on."""
        await self._desk.refresh()
        self._watching = asyncio.create_task(self._watch(), name="facts")

    async def close(self) -> None:
        """Stop."""
        self._closing.set()
        if self._watching is not None:
            await self._watching

    async def _watch(self) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause):
                    await self._closing.wait()
            try:
                await self._desk.refresh()
            except FAULTS as error:
                log.warning("what was ruled about facts could not be read", error=str(error))


def in_force(found: list[Ruling], kind: Kind) -> Ruling | None:
    """Of the rulings about one fact, the newest first, the one of *kind* that holds."""
    return next((one for one in found if one.kind == kind and one.undone_at is None), None)

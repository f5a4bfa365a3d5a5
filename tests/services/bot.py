"""The services at work on a real database and a channel that sends nowhere, to be closed in order or killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.engine.state import Library
from bot.messages import Address, Incoming, Kind
from bot.services.conversation import Conversation
from bot.services.courier import Courier
from bot.services.pacing import Pace
from bot.services.recovery import Recovery
from bot.store.db import is_sqlite, open_database, open_sqlite
from bot.store.ids import Ids
from bot.store.turns import Turns
from bot.store.turns_postgres import PostgresTurns
from bot.store.turns_sqlite import SqliteTurns
from tests.conftest import Clock
from tests.fakes.channel import FakeChannel
from tests.shipped import library_of

TREES = library_of({
    "menu": """
dialog: menu
title: Trang chính
nodes:
  hoi:
    say: [{text: Chào bà con.}]
    ask: Chuyện gì?
    choices:
      - {label: Vay vốn, go: vay, set: {xem: vay}}
      - {label: Gặp cán bộ, go: gap}
      - {label: Xóa, go: xoa}
      - {label: Nhận tin, go: nhan}
  vay: {ask: Tên là gì?, type: text, field: ten, high: 50, give_up: hoi, next: hoi}
  gap: {handoff: chung, next: da-gap}
  da-gap: {say: [{text: Đã chuyển lời.}], next: hoi}
  xoa: {say: [{text: Tạm biệt.}], stop: forget, next: het}
  nhan: {subscribe: [vay-von], next: hoi}
  het: {end: true}
"""
})  # fmt: skip
MAI = Address("fake", "mai")
LAN = Address("fake", "lan")
UPDATES = count(1)
"""The platform's ids of updates, whichever process hears them."""


class Bot:
    """One process. `say` returns once the turn is committed. `library` may be replaced between turns."""

    def __init__(
        self, url: str, clock: Clock, *, worker: int = 1, library: Library = TREES, channel: FakeChannel | None = None,
        wrap: Callable[[Turns], Turns] = lambda turns: turns, away: Callable[[], Mapping[str, str]] = dict,
    ) -> None:  # fmt: skip
        self.database: AsyncEngine = open_database(url)
        self.alone = is_sqlite(url)
        self.own: Turns = SqliteTurns(open_sqlite(url), clock) if self.alone else PostgresTurns(self.database, clock)
        self.turns: Any = wrap(self.own)
        self.channel, self.library = channel or FakeChannel(), library
        channels = {"fake": self.channel}
        self.courier = Courier(channels, {"fake": Pace(self.channel.capabilities)})
        self.conversation = Conversation(
            self.turns, library=lambda: self.library, channels=channels, ids=Ids(worker, clock), now=clock,
            today=lambda: date(2026, 11, 23), owe=self.courier.owe, pause=0.01, away=away,
            give_up=self.courier.give_up,
        )  # fmt: skip
        self.recovery = Recovery(self.database, worker, alone=self.alone, now=clock, owe=self.courier.owe)
        self._clock = clock

    async def start(self) -> None:
        await self.recovery.start()
        self.conversation.start()
        self.courier.start(self.conversation)

    async def close(self) -> None:
        await self.courier.close()
        await self.conversation.close()
        await self.recovery.close()
        await self.own.close()
        await self.database.dispose()

    async def kill(self) -> None:
        """Stop at once, as if the process had died: nothing more is written or sent, not even what is known."""
        mine = {task for task in asyncio.all_tasks() if _belongs_to_services(task)}
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)
        await self.own.close()
        await self.database.dispose()

    def update(self, person: Address, text: str = "", **more: Any) -> Incoming:
        """A new update of somebody's."""
        self._clock.advance(seconds=1)
        return Incoming(person, f"{next(UPDATES)}", text=text, **more)

    async def say(self, person: Address, text: str) -> Incoming:
        incoming = self.update(person, text)
        await self.conversation.receive(incoming)
        return incoming

    async def tap(self, person: Address, number: int, tapped_id: str = "") -> Incoming:
        tap = self.channel.choices(person.id)[number - 1]
        incoming = self.update(person, kind=Kind.TAP, tap=tap, tapped_id=tapped_id)
        await self.conversation.receive(incoming)
        return incoming

    async def marked(self, table: Table, *statuses: str) -> None:
        """Wait until the rows of *table* have exactly these statuses: marks are written a moment after the fact."""
        for _ in range(2000):
            found = [row.status for row in await self.rows(table)]
            if found == list(statuses):
                return
            await asyncio.sleep(0.005)
        raise AssertionError(found)

    async def rows(self, table: Table) -> Sequence[Any]:
        """Every row of *table*, as the database holds it."""
        return await rows_of(self.database, table)


def _belongs_to_services(task: asyncio.Task[Any]) -> bool:
    return "/bot/services/" in task.get_coro().cr_code.co_filename  # type: ignore[union-attr]


async def rows_of(database: AsyncEngine, table: Table) -> Sequence[Any]:
    async with database.connect() as db:
        return (await db.execute(select(table).order_by(*table.primary_key.columns))).all()


@asynccontextmanager
async def running(url: str, clock: Clock, **more: Any) -> AsyncIterator[Bot]:
    """A bot that is started, and closed in order."""
    bot = Bot(url, clock, **more)
    await bot.start()
    try:
        yield bot
    finally:
        await bot.close()

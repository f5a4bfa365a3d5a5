"""Who writes often queues: all are served, in order on SQLite, and whoever gives up holds up nobody."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.db import open_database, writing
from bot.store.models import contacts
from tests.conftest import Clock


async def contact(engine: AsyncEngine, number: int, clock: Clock) -> None:
    async with writing(engine) as db:
        await db.execute(insert(contacts).values(id=number, created_at=clock.at))


async def test_all_who_write_at_once_are_served(database: AsyncEngine, clock: Clock) -> None:
    await asyncio.gather(*(contact(database, number, clock) for number in range(20)))
    async with database.connect() as db:
        assert len((await db.execute(select(contacts.c.id))).all()) == 20


async def test_on_sqlite_they_are_served_in_the_order_they_came(sqlite_url: str, clock: Clock) -> None:
    engine, served = open_database(sqlite_url), list[int]()

    async def write(number: int) -> None:
        async with writing(engine):
            served.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*map(write, range(10)))
    assert served == [*range(10)]
    await engine.dispose()


async def test_a_writer_that_breaks_or_gives_up_lets_the_next_one_in(database: AsyncEngine, clock: Clock) -> None:
    await contact(database, 1, clock)
    with pytest.raises(IntegrityError):
        await contact(database, 1, clock)
    async with writing(database):
        waiting = asyncio.create_task(contact(database, 2, clock))
        await asyncio.sleep(0)
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
    await asyncio.wait_for(contact(database, 3, clock), 5)
    async with database.connect() as db:
        assert (await db.execute(select(contacts.c.id).order_by(contacts.c.id))).scalars().all() == [1, 3]

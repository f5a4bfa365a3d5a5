"""The row that workers take their send times from, by PostgreSQL's clock: margins are wide, no test waits for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import rates
from bot.store.db import open_database

LATE = 5.0


@pytest.fixture
async def db(postgres_url: str) -> AsyncIterator[AsyncConnection]:
    engine = open_database(postgres_url)
    async with engine.begin() as connection:
        await rates.ensure(connection, "telegram")
        yield connection
    await engine.dispose()


async def ended(db: AsyncConnection, seconds_ago: float) -> None:
    """What was given away ended so long ago."""
    at = text("UPDATE rates SET next_at = clock_timestamp() - make_interval(secs => :ago)")
    await db.execute(at, {"ago": seconds_ago})


async def take(db: AsyncConnection, length: float = 10.0) -> rates.Taken:
    return await rates.take(db, "telegram", length=length, ahead=0.0, late=LATE)


async def test_a_stretch_that_began_a_moment_ago_is_given_whole(db: AsyncConnection) -> None:
    await ended(db, LATE - 3)
    taken = await take(db)
    assert taken.is_ours
    assert -LATE < taken.starts_in <= -(LATE - 3)


async def test_an_account_at_rest_has_saved_nothing_up(db: AsyncConnection) -> None:
    await ended(db, LATE * 100)
    taken = await take(db)
    assert taken.is_ours
    assert -1 < taken.starts_in <= 0


async def test_what_is_given_away_is_not_given_twice(db: AsyncConnection) -> None:
    await take(db)
    second = await take(db)
    assert not second.is_ours
    assert 5 < second.starts_in <= 10


async def test_in_a_silence_nobody_gets_a_time(db: AsyncConnection) -> None:
    await rates.silence(db, "telegram", seconds=60)
    asked = await take(db)
    assert not asked.is_ours
    assert 50 < asked.starts_in <= 60

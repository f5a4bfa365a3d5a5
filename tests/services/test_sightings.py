"""Sightings: counted in memory, written at once when it was quiet, and adding up over processes."""

from __future__ import annotations

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.services.sightings import REASONS, Sightings
from bot.store import sightings
from bot.store.db import open_database
from bot.store.sightings import Sighting
from tests.conftest import Clock

NOWHERE = "postgresql+asyncpg://postgres@/bot?host=/nowhere"


async def test_processes_add_up_and_the_latest_is_told(database: AsyncEngine, clock: Clock) -> None:
    one, two = (Sightings(database, "zalo", clock) for _ in range(2))
    first = clock()
    for _ in range(3):
        one.note("refused", "stale")
    clock.advance(seconds=30)
    two.note("refused", "wrong-signature")
    two.note("webhook")
    await asyncio.gather(two.close(), one.close())
    async with database.connect() as db:
        found = await sightings.of(db, "zalo")
        assert await sightings.of(db, "telegram") == {}
    assert found == {"refused": Sighting(clock(), 4, "wrong-signature"), "webhook": Sighting(clock(), 1, "")}
    assert first < clock()


async def test_without_a_pause_everything_is_written_as_it_comes(database: AsyncEngine, clock: Clock) -> None:
    seen = Sightings(database, "zalo", clock, pause=0)
    for _ in range(20):
        seen.note("webhook")
        await asyncio.sleep(0)
    await seen.close()
    async with database.connect() as db:
        assert (await sightings.of(db, "zalo"))["webhook"].count == 20


async def test_a_database_that_is_away_stops_nobody(clock: Clock) -> None:
    database = open_database(NOWHERE)
    seen = Sightings(database, "zalo", clock)
    seen.note("webhook")
    await seen.close()
    await database.dispose()


def test_every_reason_has_words() -> None:
    assert all(words and words[0].islower() for words in REASONS.values())

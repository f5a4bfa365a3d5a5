"""Receipts: many are one transaction, the earliest holds in any order, and who waits is told of a database away."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.services.conversation import Unavailable
from bot.services.receipts import Receipts, moment_of
from bot.store import receipts as store
from bot.store.account_models import receipts
from bot.store.db import open_database
from bot.store.models import deliveries
from bot.store.receipts import Receipt
from tests.conftest import Clock

NOWHERE = "postgresql+asyncpg://postgres@/bot?host=/nowhere"


async def test_many_at_once_are_few_transactions(database: AsyncEngine, clock: Clock) -> None:
    commits: list[object] = []
    event.listen(database.sync_engine, "commit", commits.append)
    desk = Receipts(database, "zalo", clock)
    await asyncio.gather(*(desk.arrived([f"m{number}"], 0) for number in range(500)))
    await desk.close()
    async with database.connect() as db:
        assert len((await db.execute(select(receipts))).all()) == 500
    assert len(commits) <= 3


async def test_a_database_that_is_away_is_told_to_everybody_who_waits(clock: Clock) -> None:
    database = open_database(NOWHERE)
    desk = Receipts(database, "zalo", clock)
    told = await asyncio.gather(desk.arrived(["a"], 0), desk.seen(["b"], 0), return_exceptions=True)
    assert [type(one) for one in told] == [Unavailable, Unavailable]
    with pytest.raises(Unavailable):
        await desk.arrived(["c"], 0)
    await desk.close()
    await database.dispose()


async def test_who_gives_up_waiting_ends_it_for_nobody_else(database: AsyncEngine, clock: Clock) -> None:
    desk = Receipts(database, "zalo", clock)
    hasty, patient = (asyncio.ensure_future(desk.arrived([key], 0)) for key in ("a", "b"))
    await asyncio.sleep(0)
    hasty.cancel()
    await patient
    await desk.close()
    async with database.connect() as db:
        assert set((await db.execute(select(receipts.c.message_id))).scalars()) == {"a", "b"}


def test_whatever_the_order_and_however_often_the_earliest_holds(database_url: str, clock: Clock) -> None:
    moments = st.integers(1, 50).map(lambda seconds: clock() - timedelta(seconds=seconds))
    told = st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["arrived", "seen"]), moments)
    with asyncio.Runner() as runner:
        database = open_database(database_url)

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(told, min_size=1, max_size=8), st.sets(st.integers(0, 8)))
        def check(events: list[tuple[str, str, datetime]], cuts: set[int]) -> None:
            ends = sorted({0, len(events), *(cut for cut in cuts if cut < len(events))})
            batches = [events[start:end] for start, end in pairwise(ends)]
            found = runner.run(noted(database, clock, batches))
            for key, (received, seen) in found.items():
                assert received == min((at for k, what, at in events if (k, what) == (key, "arrived")), default=None)
                assert seen == min((at for k, what, at in events if (k, what) == (key, "seen")), default=None)
            assert set(found) == {key for key, _, _ in events}

        check()
        runner.run(database.dispose())


async def noted(
    database: AsyncEngine, clock: Clock, batches: Sequence[Sequence[tuple[str, str, datetime]]]
) -> dict[str, tuple[datetime | None, datetime | None]]:
    """What is in the table after *batches*, those of one side by side."""
    async with database.begin() as db:
        await db.execute(delete(receipts))
    desk = Receipts(database, "zalo", clock)
    for batch in batches:
        await asyncio.gather(*(getattr(desk, what)([key], at.timestamp()) for key, what, at in batch))
    await desk.close()
    async with database.connect() as db:
        rows = (await db.execute(select(receipts))).all()
    return {row.message_id: (row.received_at, row.seen_at) for row in rows}


async def test_a_broadcast_tells_how_many_arrived_and_were_looked_at(database: AsyncEngine, clock: Clock) -> None:
    async with database.begin() as db:
        for number, broadcast in enumerate((5, 5, 5, 6), 1):
            row = {
                "id": number, "contact_id": number, "channel": "zalo", "address": str(number), "reason": "broadcast",
                "broadcast_id": broadcast, "method": "cs", "payload": b"", "status": "sent", "due_at": clock(),
                "external_id": f"m{number}",
            }  # fmt: skip
            await db.execute(insert(deliveries).values(row))
        told = {"m1": Receipt(clock(), clock()), "m2": Receipt(clock(), None), "m4": Receipt(None, clock())}
        await store.add(db, "zalo", told)
        await store.add(db, "zalo", {})
        assert await store.counted(db, 5) == (2, 1)
        assert await store.counted(db, 6) == (1, 1)
        assert await store.of(db, "zalo", ["m2", "m3"]) == {"m2": Receipt(clock(), None)}


def test_no_moment_is_later_than_now(clock: Clock) -> None:
    now = clock()
    assert moment_of(now.timestamp() + 3600, now) == now
    assert moment_of(0, now) == moment_of(-1, now) == moment_of(float("nan"), now) == now
    assert moment_of(now.timestamp() - 60, now) == now - timedelta(seconds=60)

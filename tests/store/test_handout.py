"""Chunks: one holder at a time, no row lost, and what a dead holder may have sent is never sent again unasked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import handout
from bot.store.db import open_database
from bot.store.handout import Claim, Mark
from bot.store.models import chunks, deliveries
from tests.conftest import Clock

LEASE = timedelta(seconds=30)
OVER = datetime(1970, 1, 1, tzinfo=UTC)


class Store:
    """Chunks of broadcast 1 on the channel "fake", as the sender sees them."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self.engine, self.clock = engine, clock

    async def add(self, *ids: int, broadcast_id: int | None = 1) -> int:
        async with self.engine.begin() as db:
            made = insert(chunks).values(broadcast_id=broadcast_id, channel="fake").returning(chunks.c.id)
            chunk = int((await db.execute(made)).scalar_one())
            common = {"channel": "fake", "reason": "broadcast", "method": "", "payload": b"", "status": "queued"}
            rows = [
                {"id": n, "contact_id": n, "address": f"a{n}", "broadcast_id": broadcast_id, "chunk_id": chunk,
                 "due_at": self.clock.at, **common} for n in ids
            ]  # fmt: skip
            await db.execute(insert(deliveries), rows)
        return chunk

    async def claim(self, worker: int = 1, **more: bool) -> Claim | None:
        async with self.engine.begin() as db:
            return await handout.claim(
                db, channel="fake", broadcast_id=1, worker=worker, lease=LEASE, at=self.clock.at, **more
            )

    async def dispatch(self, claim: Claim, upto: int) -> bool:
        async with self.engine.begin() as db:
            return await handout.dispatch(db, chunk_id=claim.chunk_id, epoch=claim.epoch, upto=upto, at=self.clock.at)

    async def finish(self, claim: Claim, *marks: tuple[int, str], due_at: datetime | None = None) -> set[int]:
        async with self.engine.begin() as db:
            made = [
                Mark(n, claim.chunk_id, claim.epoch, status, 1, sent_at=self.clock.at, due_at=due_at)
                for n, status in marks
            ]
            return await handout.finish(db, made)

    async def release(self, claim: Claim) -> bool:
        async with self.engine.begin() as db:
            return await handout.release(db, chunk_id=claim.chunk_id, epoch=claim.epoch)

    async def renew(self, claim: Claim) -> bool:
        async with self.engine.begin() as db:
            return await handout.renew(db, chunk_id=claim.chunk_id, epoch=claim.epoch, lease=LEASE, at=self.clock.at)

    async def let_the_lease_end(self) -> None:
        """By the database's clock on PostgreSQL, which tests can't move: so the lease is."""
        async with self.engine.begin() as db:
            await db.execute(update(chunks).where(chunks.c.state == "claimed").values(lease_until=OVER))

    async def statuses(self) -> dict[int, str]:
        async with self.engine.connect() as db:
            rows = await db.execute(select(deliveries.c.id, deliveries.c.status).order_by(deliveries.c.id))
            return {row[0]: row[1] for row in rows}

    async def chunk(self) -> tuple[str, dict[str, int]]:
        async with self.engine.connect() as db:
            row = (await db.execute(select(chunks.c.state, chunks.c.counts))).one()
            return row[0], json.loads(row[1])


@pytest.fixture
async def store(database_url: str, clock: Clock) -> AsyncIterator[Store]:
    engine = open_database(database_url)
    yield Store(engine, clock)
    await engine.dispose()


def rows_of(claim: Claim | None) -> list[int]:
    assert claim is not None
    return [row.id for row in claim.rows]


async def test_a_chunk_has_one_holder_and_comes_to_its_end(store: Store) -> None:
    await store.add(1, 2, 3)
    claim = await store.claim()
    assert claim is not None
    assert [(row.id, row.address) for row in claim.rows] == [(1, "a1"), (2, "a2"), (3, "a3")]
    assert await store.claim(2) is None
    assert await store.dispatch(claim, 3)
    assert await store.finish(claim, (1, "sent"), (2, "failed"), (3, "blocked")) == {1, 2, 3}
    assert await store.release(claim)
    assert await store.chunk() == ("done", {"sent": 1, "failed": 1, "blocked": 1})
    assert await store.claim() is None


async def test_two_who_claim_at_once_get_different_chunks(store: Store) -> None:
    await store.add(1)
    await store.add(2)
    first, second = await asyncio.gather(store.claim(1), store.claim(2))
    assert sorted(rows_of(first) + rows_of(second)) == [1, 2]


async def test_what_is_put_off_comes_back_when_it_is_due(store: Store, clock: Clock) -> None:
    await store.add(1, 2)
    claim = await store.claim()
    assert claim is not None
    assert await store.dispatch(claim, 2)
    await store.finish(claim, (1, "sent"))
    await store.finish(claim, (2, "queued"), due_at=clock.at + timedelta(hours=1))
    assert await store.release(claim)
    assert await store.claim() is None
    clock.advance(seconds=3600)
    assert rows_of(await store.claim()) == [2]


async def test_of_a_dead_holder_only_what_may_have_left_is_in_doubt(store: Store, clock: Clock) -> None:
    await store.add(1, 2, 3, 4, 5)
    claim = await store.claim()
    assert claim is not None
    assert await store.dispatch(claim, 3)
    await store.finish(claim, (1, "sent"))
    clock.advance(seconds=1)
    await store.finish(claim, (2, "queued"), due_at=clock.at)  # put off after it was taken up: it had not left
    await store.let_the_lease_end()
    taken = await store.claim(2)
    assert rows_of(taken) == [2, 4, 5]
    assert await store.statuses() == {1: "sent", 2: "queued", 3: "unknown", 4: "queued", 5: "queued"}


async def test_with_resending_what_is_in_doubt_goes_out_again_and_says_so(store: Store) -> None:
    await store.add(1, 2, 3)
    for attempt in (1, 2, 3):
        claim = await store.claim(resends=True)
        assert rows_of(claim) == [1, 2, 3]
        assert claim is not None
        assert claim.rows[0].attempts == attempt - 1
        assert await store.dispatch(claim, 2)
        await store.let_the_lease_end()
    assert rows_of(await store.claim(resends=True)) == [3]  # whoever it kills is not tried for ever
    assert (await store.statuses())[1] == "unknown"


async def test_a_holder_that_lost_its_chunk_changes_nothing(store: Store) -> None:
    await store.add(1, 2)
    old = await store.claim(1)
    assert old is not None
    await store.let_the_lease_end()
    new = await store.claim(2)
    assert new is not None
    assert not await store.renew(old)
    assert not await store.dispatch(old, 2)
    assert await store.finish(old, (1, "sent")) == set()
    assert not await store.release(old)
    assert await store.renew(new)
    assert await store.dispatch(new, 2)
    assert await store.finish(new, (1, "sent"), (2, "sent")) == {1, 2}


async def test_a_lease_that_is_over_must_not_send_even_if_nobody_took_it(store: Store) -> None:
    await store.add(1)
    claim = await store.claim()
    assert claim is not None
    await store.let_the_lease_end()
    assert not await store.dispatch(claim, 1)
    assert await store.renew(claim)
    assert await store.dispatch(claim, 1)


async def test_after_an_orderly_end_nothing_is_in_doubt(store: Store) -> None:
    await store.add(1, 2, 3)
    claim = await store.claim()
    assert claim is not None
    assert await store.dispatch(claim, 2)
    await store.finish(claim, (1, "sent"))
    assert await store.release(claim)
    assert rows_of(await store.claim(2)) == [2, 3]


async def test_more_marks_than_fit_one_statement_are_written(store: Store) -> None:
    many = list(range(1, 600))
    await store.add(*many)
    claim = await store.claim()
    assert claim is not None
    assert await store.finish(claim, *((n, "sent") for n in many)) == set(many)
    assert set((await store.statuses()).values()) == {"sent"}

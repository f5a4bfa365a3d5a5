"""How far a broadcast is: the counts, why messages failed, the rate and the forecast."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.services.broadcasting.model import Body
from bot.services.broadcasting.progress import ROUTES_EVERY, Progress, looks_at, progress_of
from bot.services.broadcasting.rights import Refused
from bot.store import broadcasts
from tests.conftest import Clock
from tests.services.broadcasts import NOON, add_broadcast, add_messages

BODY = Body(messages=("vay-von.muc-ngheo",))


async def look(database: AsyncEngine, number: int, clock: Clock) -> Progress:
    async with database.connect() as db:
        return await progress_of(db, number, at=clock(), holidays={})


async def test_what_became_of_every_message_adds_up(database: AsyncEngine, clock: Clock) -> None:
    sending = await add_broadcast(
        database, BODY, "ho = ngheo", state="sending", started_at=NOON - timedelta(seconds=10), audience=40
    )
    await add_messages(database, sending.id, 1, {"sent": 6, "failed": 3}, error="chat not found")
    await add_messages(database, sending.id, 2, {"sent": 10, "failed": 1, "queued": 9}, state="claimed")
    found = await look(database, sending.id, clock)
    assert found.counts == {"sent": 16, "failed": 4, "queued": 9}
    assert (found.done, found.total) == (20, 40)
    assert list(found.failures) == [("failed", "chat not found", 3), ("failed", "", 1)]
    assert found.rate == pytest.approx(2.0)
    assert found.ends == NOON + timedelta(seconds=9.5)


async def test_once_all_are_planned_the_rows_are_the_total(database: AsyncEngine, clock: Clock) -> None:
    planned = await add_broadcast(database, BODY, "ho = ngheo", state="sending", audience=40, is_planned=True)
    await add_messages(database, planned.id, 1, {"sent": 2, "queued": 1}, state="open")
    found = await look(database, planned.id, clock)
    assert (found.done, found.total, found.rate, found.ends) == (2, 3, None, None)


async def test_what_isnt_there_is_refused(database: AsyncEngine, clock: Clock) -> None:
    with pytest.raises(Refused):
        await look(database, 404, clock)


async def test_following_ends_with_the_broadcast_and_tells_the_rate_of_late(
    database: AsyncEngine, clock: Clock
) -> None:
    sending = await add_broadcast(
        database, BODY, "ho = ngheo", state="sending", audience=60, started_at=NOON - timedelta(hours=1)
    )
    rates, states = [], []
    async for seen in looks_at(database, sending.id, now=clock, every=timedelta(), holidays={}):
        rates.append(seen.rate)
        states.append(seen.broadcast.state)
        clock.advance(seconds=2)
        await add_messages(database, sending.id, 1, {"sent": 20})
        if seen.done == 20:
            async with database.begin() as db:
                await broadcasts.change_state(db, sending.id, from_=("sending",), to="done", ended_at=clock())
    assert states == ["sending", "sending", "done"]
    assert rates == [0, 10, 10]


async def test_routes_are_counted_now_and_then_while_somebody_follows_and_right_at_the_end(
    database: AsyncEngine, clock: Clock
) -> None:
    sending = await add_broadcast(database, BODY, "ho = ngheo", state="sending", audience=60, started_at=NOON)
    counted = []
    async for seen in looks_at(
        database, sending.id, now=clock, every=timedelta(), holidays={}, channels=("telegram",)
    ):  # fmt: skip
        counted.append((seen.done, sum(one.people for one in seen.routes)))
        clock.advance(seconds=2)
        await add_messages(database, sending.id, 1, {"sent": 1})
        if seen.done == ROUTES_EVERY + 1:
            async with database.begin() as db:
                await broadcasts.change_state(db, sending.id, from_=("sending",), to="done", ended_at=clock())
    looks = range(ROUTES_EVERY + 3)
    assert [done for done, _ in counted] == list(looks)
    assert [routes for _, routes in counted] == [0] * ROUTES_EVERY + [ROUTES_EVERY, ROUTES_EVERY, ROUTES_EVERY + 2]

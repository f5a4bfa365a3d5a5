"""What a worker that died held is accounted for, also when its broadcast is over before anybody takes it up again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Executable, update

from bot.services.broadcasting.model import Timing
from bot.store.db import open_database
from bot.store.models import broadcasts, chunks
from tests.conftest import Clock
from tests.fakes.channel import FakeChannel
from tests.services.campaign import Campaign, people, released, sending

AWAY = timedelta(hours=3)
"""Longer than the shelf life of the broadcast, and than anybody looks after a cancelled one."""
NAMES = tuple(f"n{number}" for number in range(20))


async def dies_while_sending(url: str, clock: Clock, number: int) -> None:
    """A process that is killed while a message to n3 is on its way, and whose lease has ended since."""
    channel = FakeChannel()
    channel.hang("n3")
    campaign = Campaign(url, clock, channel=channel)
    await campaign.start()
    await campaign.comes_to(number, {name: "sent" for name in NAMES if name != "n3"})
    await campaign.bot.kill()
    await on(url, update(chunks).where(chunks.c.state == "claimed").values(lease_until=clock.at - timedelta(days=900)))


async def on(url: str, change: Executable) -> None:
    """Make a change in the database while no process runs."""
    engine = open_database(url)
    async with engine.begin() as db:
        await db.execute(change)
    await engine.dispose()


@pytest.mark.parametrize("state", ["expired", "cancelled"])
async def test_what_was_on_its_way_is_unknown_when_the_broadcast_is_over(
    database_url: str, clock: Clock, state: str
) -> None:
    await people(database_url, clock, *NAMES)
    timing = Timing(opens="00:00", closes="24:00", shelf_life=2.0)
    number = await released(database_url, clock, timing=timing)
    await dies_while_sending(database_url, clock, number)
    if state == "cancelled":
        here = broadcasts.c.id == number
        await on(database_url, update(broadcasts).where(here).values(state="cancelled", ended_at=clock.at))
    clock.at += AWAY
    async with sending(database_url, clock, worker=2) as campaign:
        await campaign.comes_to(number, {"n3": "unknown"})
        assert await campaign.ends(number, state) == {"sent": 19, "unknown": 1}
        assert not campaign.channel.calls

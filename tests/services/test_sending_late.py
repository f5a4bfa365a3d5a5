"""What waited long for its send time is looked at again: people stop meanwhile, and officers pause."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Executable, update

from bot.channels.base import Capabilities, Throttled
from bot.services.broadcasting.model import Timing
from bot.store.models import broadcasts, contacts
from tests.conftest import Clock
from tests.fakes.channel import FakeChannel
from tests.services.campaign import people, released, sending

NAMES = tuple(f"n{number}" for number in range(20))
REST = 0.4
"""Seconds for which the account is told to rest; by the clock of the tests it is an hour."""


@pytest.mark.parametrize(("change", "status"), [
    (update(contacts).values(stop="all"), "opted_out"),
    (update(broadcasts).values(state="paused"), "queued"),
    (None, "queued"),  # nobody changed anything, but the sending hours are over
])  # fmt: skip
async def test_a_rest_of_the_account_hides_nothing(
    database_url: str, clock: Clock, change: Executable | None, status: str
) -> None:
    await people(database_url, clock, *NAMES)
    number = await released(database_url, clock, timing=Timing(closes="10:30"))
    channel = FakeChannel(capabilities=Capabilities(False, True, 4096, 50, timedelta()))
    for name in NAMES:
        channel.fail(name, Throttled(REST))
    async with sending(database_url, clock, channel=channel) as campaign:
        await channel.called()
        window = campaign.broadcaster.senders["fake"].window
        await campaign.passed(lambda: window.free <= window.size - 4)  # two spells in each lane
        if change is not None:
            async with campaign.database.begin() as db:
                await db.execute(change)
        clock.advance(seconds=3600 if change is None else 60)
        called = len(channel.calls)
        await campaign.comes_to(number, {"n5": status})
        await campaign.passed(lambda: not campaign.pace.silent_for())
        await campaign.passed(lambda: window.free == window.size)
        assert len(channel.calls) == called

"""What an account's troubles make of a broadcast: it rests, goes on, and says what became of everybody."""

from __future__ import annotations

import asyncio

from bot.channels.base import NotSent, Rejected, Throttled
from tests.conftest import Clock
from tests.fakes.channel import FakeChannel
from tests.services.campaign import people, released, sending

NAMES = tuple(f"n{number}" for number in range(25))


async def test_an_account_told_to_rest_rests_and_goes_on(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, *NAMES)
    number = await released(database_url, clock)
    channel = FakeChannel()
    channel.fail("n7", Throttled(0.3))
    channel.fail("n9", NotSent("no connection"))
    async with sending(database_url, clock, channel=channel) as campaign:
        await campaign.channel.reached_any(23)
        clock.advance(seconds=60)
        assert await campaign.ends(number) == {"sent": 25}


async def test_what_fails_together_is_one_failure(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, *NAMES)
    number = await released(database_url, clock)
    channel = FakeChannel(latency=0.2)  # so that many are in flight when the network goes
    for name in NAMES:
        channel.fail(name, NotSent("no connection"))
    async with sending(database_url, clock, channel=channel) as campaign:
        await channel.called(8)
        pace = campaign.pace
        while not pace.silent_for():  # noqa: ASYNC110 -- the account has nobody to tell
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert pace.silent_for() < 3
        channel.recover()
        clock.advance(seconds=60)
        assert await campaign.ends(number) == {"sent": 25}


async def test_the_words_of_a_platform_that_no_database_keeps(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, "mai")
    number = await released(database_url, clock)
    channel = FakeChannel()
    channel.fail("mai", Rejected("bad\0markup"))
    async with sending(database_url, clock, channel=channel) as campaign:
        assert await campaign.ends(number) == {"failed": 1}

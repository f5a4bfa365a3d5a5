"""What goes wrong with many, or with what is sent itself: the broadcast goes on for the others, or pauses."""

from __future__ import annotations

from datetime import timedelta

from bot.channels.base import Capabilities, Unknown
from bot.services.sending.window import window_of
from tests.conftest import Clock
from tests.fakes.channel import FakeChannel
from tests.services.campaign import people, released, sending


async def test_a_channel_that_breaks_for_everybody_pauses_the_broadcast(database_url: str, clock: Clock) -> None:
    names = tuple(f"r{number}" for number in range(150))
    await people(database_url, clock, *names)
    number = await released(database_url, clock)
    channel = FakeChannel(capabilities=Capabilities(False, True, 4096, 100, timedelta()))
    for name in names:
        channel.fail(name, ValueError("the channel broke"))
    async with sending(database_url, clock, channel=channel) as campaign:
        await campaign.ends(number, "paused")
        assert await campaign.reason_of(number) == "100% tin không gửi được."
    assert len(channel.calls) <= 50 + window_of(100)


async def test_an_outcome_that_cannot_be_written_is_unknown_and_not_sent_again(sqlite_url: str, clock: Clock) -> None:
    """A lone half of a character is what SQLite's driver can't encode; PostgreSQL's says that the database refused."""
    await people(sqlite_url, clock, "mai")
    number = await released(sqlite_url, clock)
    channel = FakeChannel()
    channel.fail("mai", Unknown("\ud83d"))
    async with sending(sqlite_url, clock, channel=channel) as campaign:
        assert await campaign.ends(number) == {"unknown": 1}
    assert len(channel.calls) == 1

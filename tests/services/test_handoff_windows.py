"""Officers answer where a platform lets nobody be written to who did nothing lately, and asks for money before that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.services.broadcasting.rights import Refused
from bot.store.models import deliveries, sessions
from tests.conftest import Clock
from tests.fakes.metered import MeteredChannel
from tests.services.bot import TREES
from tests.services.campaign import sending
from tests.services.test_handoff import Desk


@asynccontextmanager
async def asked(url: str, clock: Clock, *, hours_ago: float) -> AsyncIterator[tuple[Desk, MeteredChannel, int]]:
    """Mai asked for an officer so long ago, and wrote nothing since."""
    channel = MeteredChannel(clock)
    channel.opened["mai"] = clock.at
    async with sending(url, clock, library=TREES, channel=channel) as campaign:
        desk = Desk(campaign.bot, clock)
        number = await desk.open()
        clock.advance(seconds=hours_ago * 3600)
        yield desk, channel, number


async def test_an_answer_that_the_platform_would_refuse_is_refused_to_the_officer(
    database_url: str, clock: Clock
) -> None:
    """Else it fails later, and the person counts as answered."""
    async with asked(database_url, clock, hours_ago=24 * 8) as (desk, channel, number):
        with pytest.raises(Refused, match="lâu không nhắn"):
            await desk.inbox.reply(number, "an", "Chào bác, hồ sơ của bác đã tới xã.")
        assert await desk.waits()
        assert channel.refused == []


async def test_an_answer_within_seven_days_goes_out(database_url: str, clock: Clock) -> None:
    async with asked(database_url, clock, hours_ago=60) as (desk, channel, number):
        before = len(channel.texts("mai"))
        await desk.inbox.reply(number, "an", "Chào bác.")
        await channel.reached("mai", before + 1)


@pytest.mark.parametrize("hours_ago", [60, 24 * 8])
async def test_giving_somebody_back_to_the_bot_costs_nothing(database_url: str, clock: Clock, hours_ago: float) -> None:
    async with asked(database_url, clock, hours_ago=hours_ago) as (desk, channel, number):
        await desk.inbox.close(number, "an")
        assert not any(row.reason == "officer" for row in await desk.bot.rows(deliveries))
        assert [row.held for row in await desk.bot.rows(sessions)] == [False]
        assert channel.charged == 0

"""Who leaves while the account rests gets nothing of what was owed to them until then."""

from __future__ import annotations

import pytest

from bot.channels.base import Throttled
from bot.messages import Kind
from bot.store.models import deliveries
from tests.conftest import Clock
from tests.services.bot import LAN, MAI, running


@pytest.mark.parametrize("kind", [Kind.BLOCKED, Kind.WITHDRAWN])
async def test_what_is_owed_to_somebody_who_leaves_is_given_up(database_url: str, clock: Clock, kind: Kind) -> None:
    async with running(database_url, clock) as bot:
        bot.channel.fail("mai", Throttled(0.5, "at rest"))
        await bot.say(MAI, "menu")
        await bot.channel.called()
        await bot.say(LAN, "menu")
        await bot.say(MAI, "menu")
        await bot.conversation.receive(bot.update(MAI, kind=kind))
        await bot.channel.reached("lan", 1)
        await bot.marked(deliveries, "blocked", "sent", "blocked")
        assert bot.channel.texts("mai") == []
        assert bot.courier.waiting() == 0


async def test_who_comes_back_is_answered(database_url: str, clock: Clock) -> None:
    async with running(database_url, clock) as bot:
        bot.channel.fail("mai", Throttled(0.5, "at rest"))
        await bot.say(MAI, "menu")
        await bot.channel.called()
        await bot.conversation.receive(bot.update(MAI, kind=Kind.BLOCKED))
        await bot.say(MAI, "menu")
        await bot.channel.reached("mai", 1)
        await bot.marked(deliveries, "blocked", "sent")

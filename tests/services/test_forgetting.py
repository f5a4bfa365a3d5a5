"""What is left of somebody who asked to be forgotten: nothing, whatever they do next. On both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from bot.messages import Kind
from bot.services.outcomes import TAKEOVERS
from bot.services.recovery import DEAD_AFTER
from bot.store.db import open_database
from bot.store.models import addresses, contacts, deliveries, handoffs, inbox, interactions, sessions, topics
from tests.conftest import Clock
from tests.services.bot import LAN, MAI, Bot, running

EVERYTHING = (inbox, contacts, addresses, sessions, interactions, deliveries, handoffs, topics)


async def all_text(url: str) -> str:
    """Every row of every table, as one text."""
    database = open_database(url)
    found: list[Any] = []
    async with database.connect() as db:
        for table in EVERYTHING:
            found += (await db.execute(text(f"SELECT * FROM {table.name}"))).all()
    await database.dispose()
    return repr(found)


@pytest.mark.parametrize("kind", [Kind.BLOCKED, Kind.UNBLOCKED, Kind.REACTION])
async def test_a_stranger_who_says_nothing_becomes_no_contact(database_url: str, clock: Clock, kind: Kind) -> None:
    """Whoever has us forget them and then blocks us would be known again by their name."""
    async with running(database_url, clock) as bot:
        await bot.say(MAI, "menu")
        await bot.say(MAI, "xóa")
        await bot.channel.reached("mai", 2)
        await bot.conversation.receive(bot.update(MAI, kind=kind, name="Mai"))
        assert await bot.rows(contacts) == []
        assert await bot.rows(addresses) == []
        assert len(await bot.rows(inbox)) == 3
        await bot.conversation.receive(bot.update(MAI, "vay__to-roi", kind=Kind.START))
        assert [row.source for row in await bot.rows(contacts)] == ["vay__to-roi"]
    assert "Mai" not in await all_text(database_url)


async def test_a_dead_letter_of_somebody_forgotten_is_emptied(database_url: str, clock: Clock) -> None:
    async with running(database_url, clock) as bot:
        await bot.say(MAI, "menu")
        await bot.conversation.receive(bot.update(MAI, "tôi là Mai \ud800"))
        await bot.conversation.receive(bot.update(LAN, "của Lan \ud800"))
        await bot.channel.reached("mai", 2)
        await bot.say(MAI, "menu")
        await bot.say(MAI, "xóa")
        await bot.channel.reached("mai", 4)
    left = await all_text(database_url)
    assert "Mai" not in left
    assert "mai" not in left
    assert "Lan" in left


async def test_a_goodbye_that_was_given_up_is_emptied_too(database_url: str, clock: Clock) -> None:
    channel = None
    for worker in range(1, TAKEOVERS + 2):
        bot = Bot(database_url, clock, worker=worker, channel=channel)
        channel = bot.channel
        await bot.start()
        if worker == 1:
            await bot.say(MAI, "menu")
            await bot.channel.reached("mai", 1)
            await bot.marked(deliveries, "sent")
            bot.channel.hang("mai")
            await bot.say(MAI, "xóa")
        if worker <= TAKEOVERS:
            await bot.channel.called(worker + 1)
        await bot.kill()
        clock.advance(seconds=DEAD_AFTER.total_seconds() + 1)
    assert "mai" not in await all_text(database_url)


async def test_who_writes_while_the_goodbye_waits_hears_both_in_order(database_url: str, clock: Clock) -> None:
    async with running(database_url, clock) as bot:
        await bot.say(MAI, "menu")
        await bot.channel.reached("mai", 1)
        bot.channel.latency = 0.05
        await bot.say(MAI, "xóa")
        await bot.say(MAI, "menu")
        await bot.channel.reached("mai", 3)
        assert bot.channel.texts("mai")[1] == "Tạm biệt."
        await bot.marked(deliveries, "sent", "sent", "sent")
        [contact] = await bot.rows(contacts)
        assert [row.contact_id for row in await bot.rows(deliveries)] == [0, 0, contact.id]

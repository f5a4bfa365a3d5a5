"""How a process ends and what the next one makes of it; and what an outage does to several. On both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from bot.channels.base import Throttled, Unreachable
from bot.messages import Address
from bot.services.conversation import Unavailable
from bot.services.outcomes import TAKEOVERS
from bot.services.recovery import BLIND_AFTER, DEAD_AFTER, Recovery
from bot.store.db import open_database
from bot.store.models import addresses, deliveries, interactions
from bot.store.turns import Away, Plan, Turns
from tests.conftest import Clock
from tests.fakes.channel import FakeChannel
from tests.services.bot import LAN, MAI, Bot, running


async def test_what_could_not_be_tried_is_sent_however_often_we_were_restarted(database_url: str, clock: Clock) -> None:
    """Who restarts us three times while the account must rest doesn't use up the tries of what waits."""
    for worker in range(1, TAKEOVERS + 2):
        channel = FakeChannel()
        channel.fail("mai", Throttled(3600))
        async with running(database_url, clock, worker=worker, channel=channel) as bot:
            if worker == 1:
                await bot.say(MAI, "menu")
            await bot.channel.called()
    async with running(database_url, clock, worker=9) as bot:
        await bot.channel.reached("mai", 1)
        await bot.marked(deliveries, "sent")
        assert [row.attempts for row in await bot.rows(deliveries)] == [1]


async def test_a_buried_turn_is_told_of_in_the_log_too(database_url: str, clock: Clock) -> None:
    """The web page shows what the log says was said: an apology that is not in it would never be seen there."""
    async with running(database_url, clock) as bot:
        await bot.say(MAI, "menu")
        await bot.conversation.receive(bot.update(MAI, "\ud800"))
        last = (await bot.rows(interactions))[-1]
        assert (last.kind, last.detail) == ("said", "failed")
        assert last.delivery_id == (await bot.rows(deliveries))[-1].id


async def test_closing_in_order_ends_also_while_the_database_is_away(clock: Clock) -> None:
    nowhere = open_database("postgresql+asyncpg://nobody@/bot?host=/nowhere")
    recovery = Recovery(nowhere, 1, alone=False, now=clock, owe=lambda _: None)
    await recovery.close()


class Slow:
    """A database that is away, and takes its time to say so."""

    def __init__(self, turns: Turns) -> None:
        self._turns, self.tries, self.away = turns, 0, False

    def __getattr__(self, name: str) -> object:
        return getattr(self._turns, name)

    async def transact(self, wanted: Sequence[Address], plan: Plan) -> None:
        if self.away:
            self.tries += 1
            raise Away("locked")
        await self._turns.transact(wanted, plan)


async def test_a_database_that_is_away_is_not_asked_once_for_everybody(database_url: str, clock: Clock) -> None:
    """SQLite waits ten seconds for a lock: forty people waiting would each wait for all of those before them."""
    async with running(database_url, clock, wrap=Slow) as bot:
        bot.turns.away = True
        people = [Address("fake", f"p{n}") for n in range(40)]
        found = await asyncio.gather(*(bot.say(person, "menu") for person in people), return_exceptions=True)
        assert all(isinstance(error, Unavailable) for error in found)
        assert bot.turns.tries <= 4
        bot.turns.away = False


async def test_who_is_found_to_block_us_while_they_write_is_active_with_their_next_word(
    database_url: str, clock: Clock
) -> None:
    """What the courier learns during a commit is not lost in the cache when that is done."""
    async with running(database_url, clock, wrap=Meanwhile) as bot:
        await bot.say(MAI, "menu")
        await bot.channel.reached("mai", 1)
        bot.turns.then = lambda: bot.conversation.address_changed(MAI, "blocked")
        await bot.say(MAI, "menu")
        bot.conversation.flush()
        await bot.marked(addresses, "blocked")
        await bot.say(MAI, "menu")
        await bot.marked(addresses, "active")


class Meanwhile:
    """Turns during whose next commit something happens."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.then: Callable[[], None] = lambda: None

    def __getattr__(self, name: str) -> object:
        return getattr(self._turns, name)

    async def transact(self, wanted: Sequence[Address], plan: Plan) -> None:
        await self._turns.transact(wanted, plan)
        then, self.then = self.then, lambda: None
        then()


async def test_after_an_outage_nobody_is_taken_for_dead_at_once(postgres_url: str, clock: Clock) -> None:
    """While the database is away nobody can say that they live: whoever is back first would send everything again."""
    one, other = Bot(postgres_url, clock, worker=1), Bot(postgres_url, clock, worker=2)
    await one.start()
    await other.start()
    one.channel.hang("mai")
    await one.say(MAI, "menu")
    await one.channel.called()
    clock.advance(seconds=DEAD_AFTER.total_seconds() + 1)
    await other.recovery.look()
    await one.recovery.look()
    assert other.courier.waiting() == 0
    for _ in range(3):  # and now it is dead
        assert other.courier.waiting() == 0
        clock.advance(seconds=BLIND_AFTER.total_seconds() - 1)
        await other.recovery.look()
    await other.channel.reached("mai", 1)
    await one.kill()
    await other.kill()


async def test_two_who_start_at_once_do_not_both_send_what_a_dead_one_left(postgres_url: str, clock: Clock) -> None:
    dead = Bot(postgres_url, clock, worker=1)
    dead.channel.hang("mai")
    await dead.start()
    await dead.say(MAI, "menu")
    await dead.channel.called()
    await dead.kill()
    clock.advance(seconds=DEAD_AFTER.total_seconds() + 1)
    bots = [Bot(postgres_url, clock, worker=n) for n in range(2, 8)]
    await asyncio.gather(*(bot.start() for bot in bots))
    await bots[0].marked(deliveries, "sent")
    assert sum(len(bot.channel.texts("mai")) for bot in bots) == 1
    for bot in bots:
        await bot.close()


@pytest.mark.parametrize("_", range(3))
async def test_a_mark_of_the_last_moment_is_written_before_the_others_may_take_over(
    postgres_url: str, clock: Clock, _: int
) -> None:
    """Unreachable is learnt while closing: the reply is not left to be tried by the next."""
    async with running(postgres_url, clock, worker=1) as bot:
        bot.channel.latency = 0.05
        bot.channel.fail("lan", Unreachable("blocked"))
        await bot.say(LAN, "menu")
        await bot.say(MAI, "menu")
        await bot.channel.called(2)
    async with running(postgres_url, clock, worker=2) as bot:
        assert [row.status for row in await bot.rows(deliveries)] == ["blocked", "sent"]

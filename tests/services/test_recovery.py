"""After a kill: what was owed is sent by whoever starts next, once, and not for ever. On both databases."""

from __future__ import annotations

from bot.services.outcomes import TAKEOVERS
from bot.services.recovery import DEAD_AFTER
from bot.store.models import addresses, deliveries, workers
from tests.conftest import Clock
from tests.fakes.channel import FakeChannel
from tests.services.bot import LAN, MAI, Bot, running


async def killed_in_flight(url: str, clock: Clock, *, worker: int = 1) -> None:
    """A process that owes Mai an answer, is at sending it, and dies."""
    bot = Bot(url, clock, worker=worker)
    await bot.start()
    bot.channel.hang("mai")
    await bot.say(MAI, "menu")
    await bot.channel.called()
    await bot.kill()


def later(clock: Clock) -> None:
    clock.advance(seconds=DEAD_AFTER.total_seconds() + 1)


async def test_what_a_killed_process_owed_is_sent_by_the_next(database_url: str, clock: Clock) -> None:
    await killed_in_flight(database_url, clock)
    later(clock)
    async with running(database_url, clock, worker=2) as bot:
        await bot.channel.reached("mai", 1)
    async with running(database_url, clock, worker=3) as bot:
        await bot.say(LAN, "menu")
        await bot.channel.reached("lan", 1)
        assert bot.channel.texts("mai") == [], "sent once"
        taken = next(row for row in await bot.rows(deliveries) if row.address == "mai")
        assert (taken.status, taken.attempts, taken.worker) == ("sent", 2, 2)


async def test_a_reply_whose_sender_dies_each_time_is_given_up(database_url: str, clock: Clock) -> None:
    for worker in range(1, TAKEOVERS + 1):
        if worker > 1:
            bot = Bot(database_url, clock, worker=worker)
            bot.channel.hang("mai")
            await bot.start()
            await bot.channel.called()
            await bot.kill()
        else:
            await killed_in_flight(database_url, clock)
        later(clock)
    async with running(database_url, clock, worker=9) as bot:
        await bot.say(LAN, "menu")
        await bot.channel.reached("lan", 1)
        assert bot.channel.texts("mai") == []
        [row] = [row for row in await bot.rows(deliveries) if row.address == "mai"]
        assert (row.status, row.attempts) == ("unknown", TAKEOVERS)


async def test_what_was_sent_but_not_marked_is_sent_once_more(database_url: str, clock: Clock) -> None:
    bot = Bot(database_url, clock)
    await bot.start()
    await bot.say(MAI, "menu")
    await bot.channel.reached("mai", 1)
    await bot.kill()
    later(clock)
    async with running(database_url, clock, worker=2) as bot:
        await bot.channel.reached("mai", 1)
    async with running(database_url, clock, worker=3) as bot:
        assert [row.status for row in await bot.rows(deliveries)] == ["sent"]


async def test_order_is_kept_when_taking_over(database_url: str, clock: Clock) -> None:
    bot = Bot(database_url, clock)
    await bot.start()
    bot.channel.hang("mai")
    for words in ("menu", "1", "Mai"):
        await bot.say(MAI, words)
    await bot.kill()
    later(clock)
    async with running(database_url, clock, worker=2) as bot:
        await bot.channel.reached("mai", 3)
        first, second, third = bot.channel.texts("mai")
        assert (first, second) == ("Chào bà con.\n\nChuyện gì?", "Tên là gì?")
        assert third == first


async def test_a_goodbye_that_was_not_sent_goes_out_and_is_emptied(database_url: str, clock: Clock) -> None:
    bot = Bot(database_url, clock)
    await bot.start()
    await bot.say(MAI, "menu")
    await bot.channel.reached("mai", 1)
    bot.channel.hang("mai")
    await bot.say(MAI, "1")
    await bot.say(MAI, "menu")
    await bot.say(MAI, "xóa")
    await bot.kill()
    later(clock)
    async with running(database_url, clock, worker=2) as bot:
        await bot.channel.reached("mai", 1)
        assert bot.channel.texts("mai") == ["Tạm biệt."], "what came before it is theirs to forget"
    async with running(database_url, clock, worker=3) as bot:
        rows = await bot.rows(deliveries)
        assert {(row.contact_id, row.address, row.payload) for row in rows} == {(0, "", b"")}
        assert not {row.status for row in rows} & {"queued", "claimed"}
        assert await bot.rows(addresses) == []


async def test_replies_of_days_ago_answer_nothing_any_more(database_url: str, clock: Clock) -> None:
    await killed_in_flight(database_url, clock)
    clock.advance(days=4)
    async with running(database_url, clock, worker=2) as bot:
        await bot.say(LAN, "menu")
        await bot.channel.reached("lan", 1)
        assert bot.channel.texts("mai") == []


async def test_nothing_is_taken_from_a_worker_that_lives(postgres_url: str, clock: Clock) -> None:
    alive, channel = Bot(postgres_url, clock, worker=1), FakeChannel()
    await alive.start()
    alive.channel.hang("mai")
    await alive.say(MAI, "menu")
    async with running(postgres_url, clock, worker=2, channel=channel) as other:
        await other.say(LAN, "menu")
        await channel.reached("lan", 1)
        assert channel.texts("mai") == []
        assert {row.id for row in await other.rows(workers)} == {1, 2}
    await alive.kill()
    async with running(postgres_url, clock, worker=3, channel=channel):
        assert channel.texts("mai") == [], "not yet: it was seen a moment ago"
    later(clock)
    async with running(postgres_url, clock, worker=4, channel=channel):
        await channel.reached("mai", 1)


async def test_who_closes_in_order_leaves_what_is_queued_to_the_next_at_once(postgres_url: str, clock: Clock) -> None:
    bot = Bot(postgres_url, clock, worker=1)
    await bot.start()
    bot.courier._closed.set()  # as if closing began before anything could be sent
    await bot.say(MAI, "menu")
    await bot.close()
    async with running(postgres_url, clock, worker=2) as other:
        await other.channel.reached("mai", 1)
        assert [row.id for row in await other.rows(workers)] == [2]

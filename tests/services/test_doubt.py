"""A commit whose answer was lost, and then a fault of another kind: the reply is still owed. On both databases."""

from __future__ import annotations

import pytest

from bot.services.conversation import Unavailable
from bot.store.db import open_database
from bot.store.turns import Away, Rows
from bot.store.turns_postgres import PostgresTurns
from tests import postgres
from tests.conftest import Clock
from tests.services.bot import MAI, running
from tests.services.test_faults import Faulty, answered_and_acted_on_once, broken


@pytest.mark.parametrize("second", [1, 2, 3])
async def test_a_lost_commit_followed_by_a_fault_of_ours(database_url: str, clock: Clock, second: int) -> None:
    async with running(database_url, clock, wrap=Faulty) as bot:
        await bot.say(MAI, "menu")
        await bot.channel.reached("mai", 1)

        async def and_again() -> None:
            bot.turns.arm(second, broken, after=False)
            raise Away("the answer to the commit is lost")

        bot.turns.arm(1, and_again, after=True)
        update = bot.update(MAI, "gặp cán bộ")
        for _ in range(5):
            try:
                await bot.conversation.receive(update)
                break
            except (Unavailable, RuntimeError):
                continue
        await answered_and_acted_on_once(bot, update, 2)


async def test_a_server_that_lets_nobody_in_is_away(postgres_server: postgres.Server, clock: Clock) -> None:
    """So that what people send meanwhile comes again, and isn't buried as if it were at fault."""
    name = postgres_server.create()
    engine = open_database(postgres_server.url(name))
    async with engine.begin() as db:
        await db.exec_driver_sql("CREATE ROLE guest LOGIN")
        await db.exec_driver_sql(f'ALTER DATABASE "{name}" CONNECTION LIMIT 0')
    guests = open_database(postgres_server.url(name).replace("postgres@", "guest@", 1))
    turns = PostgresTurns(guests, clock)
    with pytest.raises(Away):
        await turns.transact((), lambda _: Rows())
    with pytest.raises(Away):
        await turns.acted_on([("fake", "1")])
    await guests.dispose()
    async with engine.begin() as db:
        await db.exec_driver_sql("DROP ROLE guest")
    await engine.dispose()
    postgres_server.drop(name)

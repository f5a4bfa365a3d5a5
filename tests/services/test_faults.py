"""A fault at every step of the inbound path, before and after the commit: answered once, acted on once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import pytest

from bot.messages import Address, Incoming
from bot.services.conversation import Unavailable
from bot.services.recovery import DEAD_AFTER
from bot.store.models import deliveries, handoffs, inbox, interactions
from bot.store.turns import Away, Plan, Turns
from tests.conftest import Clock
from tests.services.bot import LAN, MAI, Bot, running

T = TypeVar("T")
STEPS = range(1, 4)
"""The calls that one update makes at most: its transaction, and when that fails it alone, and what is known of it."""


class Faulty:
    """Turns of which the call number `at`, counted from `arm`, goes wrong before or after it had its effect."""

    def __init__(self, turns: Turns) -> None:
        self._turns, self._left, self.broke = turns, 0, asyncio.Event()
        self._fault: Callable[[], Awaitable[None]] | None = None
        self._after = False

    def arm(self, at: int, fault: Callable[[], Awaitable[None]], *, after: bool) -> None:
        self._left, self._fault, self._after = at, fault, after

    async def _call(self, real: Callable[[], Awaitable[T]]) -> T:
        self._left -= 1
        here = self._left == 0 and self._fault is not None
        if here and not self._after:
            await self._break()
        result = await real()
        if here and self._after:
            await self._break()
        return result

    async def _break(self) -> None:
        self.broke.set()
        assert self._fault is not None
        await self._fault()

    async def transact(self, wanted: Sequence[Address], plan: Plan) -> None:
        await self._call(lambda: self._turns.transact(wanted, plan))

    async def acted_on(self, ids: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        return await self._call(lambda: self._turns.acted_on(ids))

    async def held(self, ids: Sequence[int]) -> set[int]:
        return await self._call(lambda: self._turns.held(ids))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._turns, name)


async def deliver(bot: Bot, update: Incoming) -> None:
    """As a platform does: again until it is taken."""
    for _ in range(5):
        try:
            return await bot.conversation.receive(update)
        except Unavailable:
            continue
    raise AssertionError("never taken")


async def answered_and_acted_on_once(bot: Bot, update: Incoming, answers: int) -> None:
    await bot.channel.reached("mai", answers)
    await deliver(bot, update)
    await bot.say(LAN, "menu")
    await bot.channel.reached("lan", 1)
    assert len(bot.channel.texts("mai")) == answers
    assert [row.external_id for row in await bot.rows(inbox)].count(update.external_id) == 1
    assert len(await bot.rows(handoffs)) == 1
    assert [row.detail for row in await bot.rows(interactions) if row.kind == "chose"] == ["gap-can-bo"]
    mine = [row for row in await bot.rows(deliveries) if row.address == "mai"]
    assert len(mine) == answers


async def gone() -> None:
    raise Away("the connection is lost")


async def broken() -> None:
    raise RuntimeError("a fault of ours")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("fault", [gone, broken])
@pytest.mark.parametrize("step", STEPS)
async def test_a_step_that_fails(
    database_url: str, clock: Clock, step: int, fault: Callable[[], Awaitable[None]], after: bool
) -> None:
    async with running(database_url, clock, wrap=Faulty) as bot:
        await bot.say(MAI, "menu")
        await bot.channel.reached("mai", 1)
        bot.turns.arm(step, fault, after=after)
        update = bot.update(MAI, "gặp cán bộ")
        await deliver(bot, update)
        await answered_and_acted_on_once(bot, update, 2)


@pytest.mark.parametrize("second", [1, 2, 3])
async def test_a_lost_commit_followed_by_another_fault(database_url: str, clock: Clock, second: int) -> None:
    async with running(database_url, clock, wrap=Faulty) as bot:
        await bot.say(MAI, "menu")
        await bot.channel.reached("mai", 1)

        async def and_again() -> None:
            bot.turns.arm(second, gone, after=False)
            raise Away("the answer to the commit is lost")

        bot.turns.arm(1, and_again, after=True)
        update = bot.update(MAI, "gặp cán bộ")
        await deliver(bot, update)
        await answered_and_acted_on_once(bot, update, 2)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_the_platform_hangs_up_meanwhile(database_url: str, clock: Clock, after: bool) -> None:
    async with running(database_url, clock, wrap=Faulty) as bot:
        await bot.say(MAI, "menu")
        await bot.channel.reached("mai", 1)
        update = bot.update(MAI, "gặp cán bộ")
        receiving = asyncio.ensure_future(bot.conversation.receive(update))

        async def hangs_up() -> None:
            receiving.cancel()

        bot.turns.arm(1, hangs_up, after=after)
        with pytest.raises(asyncio.CancelledError):
            await receiving
        await answered_and_acted_on_once(bot, update, 2)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_the_process_dies(database_url: str, clock: Clock, after: bool) -> None:
    bot = Bot(database_url, clock, wrap=Faulty)
    await bot.start()
    await bot.say(MAI, "menu")
    await bot.channel.reached("mai", 1)
    await bot.marked(deliveries, "sent")
    update = bot.update(MAI, "gặp cán bộ")

    async def for_ever() -> None:
        await asyncio.Event().wait()

    bot.turns.arm(1, for_ever, after=after)
    receiving = asyncio.ensure_future(bot.conversation.receive(update))
    await bot.turns.broke.wait()
    await bot.kill()
    receiving.cancel()
    clock.advance(seconds=DEAD_AFTER.total_seconds() + 1)
    async with running(database_url, clock, worker=2, channel=bot.channel) as again:
        await deliver(again, update)
        await answered_and_acted_on_once(again, update, 2)

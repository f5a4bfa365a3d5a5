"""kill -9 at every await of a refresh: no refresh token is shown twice, and what is lost is said within a minute."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.channels.base import Misconfigured
from bot.services.zalo_standing import Standing
from bot.services.zalo_tokens import ZaloTokens
from bot.store.db import open_database
from tests.conftest import Clock
from tests.services.zalo_apart import Apart, forked, reached_its_end
from tests.services.zalo_keys import Keys

DUE = timedelta(hours=21).total_seconds()


async def by_age(tokens: ZaloTokens) -> None:
    """The watch finds that the pair is due."""
    await asyncio.create_task(tokens.look())


async def by_refusal(tokens: ZaloTokens) -> None:
    """A sender's token was refused."""
    await asyncio.create_task(tokens.renew(await tokens.current()))


class Scene:
    """One database and one fake Zalo; each process opens the database anew."""

    def __init__(self, url: str, clock: Clock, apart: Apart) -> None:
        self.url, self.clock, self.apart = url, clock, apart

    def run(self, work: Callable[[Keys], Awaitable[object]]) -> None:
        asyncio.run(self.once(work))

    async def once(self, work: Callable[[Keys], Awaitable[object]]) -> None:
        database = open_database(self.url)
        await work(Keys(database, self.clock, self.apart.zalo))
        await database.dispose()

    def is_over(self, way: Callable[[ZaloTokens], Awaitable[None]], fatal: int) -> bool:
        """Let a process refresh a new pair; whether it came to its end before it was killed."""
        self.run(Keys.consented)
        self.clock.advance(seconds=DUE)
        return reached_its_end(forked(lambda: self.once(lambda keys: way(keys.keeper())), fatal))

    def left(self) -> Standing:
        """What is told a minute after it, before any other process has looked."""
        found: list[Standing] = []

        async def ask(keys: Keys) -> None:
            found.append(await keys.standing())

        self.clock.advance(seconds=60)
        self.run(ask)
        return found[0]

    def lives_on(self, told: Standing) -> None:
        """Other processes work on for days: what was told is so."""

        async def work(keys: Keys) -> None:
            tokens = keys.keeper()
            await tokens.look()
            for _ in range(3):
                self.clock.advance(seconds=DUE)
                if told.state == "lost":
                    await tokens.look()
                    assert not (await keys.standing()).is_ok
                    continue
                await tokens.look()
                assert await keys.is_good()
                await tokens.current()
            if told.state == "lost":
                with pytest.raises(Misconfigured):
                    await tokens.current()

        self.run(work)


@pytest.mark.parametrize("way", [by_age, by_refusal])
def test_a_refresh_that_is_killed_at_any_await_is_never_made_twice(
    database_url: str, clock: Clock, way: Callable[[ZaloTokens], Awaitable[None]]
) -> None:
    ends: list[str] = []
    with Apart(clock) as apart:
        scene, fatal, is_over = Scene(database_url, clock, apart), 0, False
        while not is_over:
            fatal += 1
            before = len(apart.zalo.refreshes)
            is_over = scene.is_over(way, fatal)
            refreshes = apart.zalo.refreshes[before:]
            told = scene.left()
            assert told.state in ("ready", "lost"), f"killed at {fatal}: a minute later it is {told.state}"
            ends.append(f"{told.state} {len(refreshes)}")
            scene.lives_on(told)
        shown = [refresh.token for refresh in apart.zalo.refreshes]
    assert len(shown) == len(set(shown)), "a refresh token was shown twice"
    assert {refresh.outcome for refresh in apart.zalo.refreshes} == {"renewed"}
    assert list(dict.fromkeys(ends)) == ["ready 0", "lost 0", "lost 1", "ready 1"], ends
    assert fatal > 15, "hardly any awaits were tried"

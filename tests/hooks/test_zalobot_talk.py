"""The whole bot on a fake Zalo Bot Platform: what is given out again, what nobody knew of, and a month used up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import Only, Parts, assemble
from bot.config import Settings
from bot.store.models import inbox
from tests.conftest import Clock
from tests.fakes.zalo.botapi import FakeBot

CHAT, OTHER = "6ede9afa66b88fe6d6a9", "7fede9afa66b88fe6d6b0"
GREETING = 2
"""Messages with which somebody new is greeted: who we are, and whether we may write to them."""
Running = Callable[..., AbstractAsyncContextManager[Parts]]


@pytest.fixture
async def server(clock: Clock) -> AsyncIterator[FakeBot]:
    async with FakeBot(clock) as server:
        yield server


@pytest.fixture
def running(server: FakeBot, database_url: str, clock: Clock) -> Running:
    @asynccontextmanager
    async def run(only: Only = "all", **more: Any) -> AsyncIterator[Parts]:
        named = {"zalobot_token": server.token, "zalobot_api": server.url, "zalobot_rate": 1000}
        settings = Settings.model_validate(named | {"database_url": database_url, "web_secret": "x" * 32} | more)
        async with AsyncExitStack() as stack:
            yield await assemble(settings, now=clock, stack=stack, only=only)

    return run


async def answered(server: FakeBot, chat: str, count: int = 1) -> None:
    await server.when(lambda: len(server.texts(chat)) >= count)


async def letters(parts: Parts) -> list[Any]:
    async with parts.database.connect() as db:
        return list(await db.execute(select(inbox.c.raw, inbox.c.address).where(inbox.c.error.is_not(None))))


async def test_what_is_given_out_again_to_the_next_process_is_not_acted_on_twice(
    server: FakeBot, running: Running
) -> None:
    server.replays = True
    async with running():
        await server.writes(CHAT, "/start")
        await answered(server, CHAT, GREETING)
        await server.until("getUpdates", 2)
    before, asked = list(server.sent), server.count()["getUpdates"]
    async with running():
        await server.until("getUpdates", asked + 2)
        await server.writes(OTHER, "/start")
        await answered(server, OTHER)
    assert [one for one in server.sent if one[0] == CHAT] == [one for one in before if one[0] == CHAT]


async def test_an_event_that_nobody_knew_of_is_kept_for_staff_until_its_person_is_forgotten(
    server: FakeBot, running: Running
) -> None:
    async with running() as parts:
        await server.writes(CHAT, "/start")
        await answered(server, CHAT, GREETING)
        await server.sends(CHAT, "hologram", text="chuyện riêng")
        said = len(server.texts(CHAT))
        await server.writes(CHAT, "xin chào")
        await answered(server, CHAT, said + 1)
        [letter] = await letters(parts)
        assert letter.address == CHAT
        assert "chuyện riêng".encode() in letter.raw or b"chuy\\u1ec7n" in letter.raw


async def test_with_the_months_messages_used_up_nothing_more_is_tried_and_a_restart_sends_what_waits(
    server: FakeBot, running: Running, sqlite_url: str
) -> None:
    server.quota, server.patience = 0, 0.01
    async with running(database_url=sqlite_url) as parts:
        await server.writes(CHAT, "/start")
        await server.when(lambda: not parts.channels["zalobot"].health()["ok"])
        await server.writes(OTHER, "/start")
        await server.until("getUpdates", server.count()["getUpdates"] + 2)
        assert server.count()["sendMessage"] == 1
    assert server.sent == []
    server.quota = 3000
    async with running(database_url=sqlite_url):
        await answered(server, CHAT)
        await answered(server, OTHER)


async def test_it_counts_what_it_sends(server: FakeBot, running: Running) -> None:
    async with running():
        await server.writes(CHAT, "/start")
        await answered(server, CHAT, GREETING)
    async with running("courier") as parts:
        assert parts.allowance is not None
        await parts.allowance.look()
        assert parts.channels["zalobot"].health()["month"] == {"sent": GREETING, "allowed": 3000}


async def test_a_process_that_only_sends_never_asks_for_updates(server: FakeBot, running: Running) -> None:
    async with running("courier") as parts:
        assert parts.pollers == {}
        assert parts.channels["zalobot"].health()["ok"] is True
    assert server.count() == {}


async def test_it_stays_off_without_a_token(running: Running) -> None:
    async with running(zalobot_token=None) as parts:
        assert "zalobot" not in parts.channels
        assert parts.allowance is None


async def test_the_order_in_which_broadcasts_prefer_channels(running: Running) -> None:
    async with running(telegram_token="1:x", telegram_api="http://127.0.0.1:9", only="courier") as parts:
        assert list(parts.channels) == ["telegram", "zalobot", "webchat"]

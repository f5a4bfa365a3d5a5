"""The Zalo Bot Platform's webhook and poller: nothing is acted on twice, and what can be kept is not lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.zalobot.channel import ZaloBotChannel
from bot.hooks.zalobot import FLOOR, PATH, SECRET_HEADER, Poller, add_zalobot_routes
from bot.messages import Kind
from bot.services.conversation import Unavailable
from tests.fakes.zalo.botapi import FakeBot, Fault
from tests.hooks.desk import Desk

Client = TestClient[web.Request, web.Application]
CHAT = "6ede9afa66b88fe6d6a9"
TEXT = FakeBot().message_of(CHAT, "text", text="xin chào")
FUTURE = FakeBot().message_of(CHAT, "hologram", text="xin chào")


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def channel() -> ZaloBotChannel:
    return ZaloBotChannel("1:x", webhook="https://bot.test" + PATH)


@pytest.fixture
async def client(
    aiohttp_client: Callable[[web.Application], Awaitable[Client]], channel: ZaloBotChannel, desk: Desk
) -> Client:
    app = web.Application()
    add_zalobot_routes(app, channel, desk.receive, desk.dead_letter)
    return await aiohttp_client(app)


async def post(client: Client, channel: ZaloBotChannel, update: object) -> int:
    raw = update if isinstance(update, bytes) else json.dumps(update).encode()
    async with client.post(PATH, data=raw, headers={SECRET_HEADER: channel.secret}) as response:
        return response.status


@pytest.mark.parametrize("headers", [{}, {SECRET_HEADER: "wrong"}, {SECRET_HEADER: "không"}])
async def test_nobody_gets_in_without_the_secret(client: Client, desk: Desk, headers: dict[str, str]) -> None:
    async with client.post(PATH, json=TEXT, headers=headers) as response:
        assert response.status == 403
    assert (desk.taken, desk.letters) == ([], [])


@pytest.mark.parametrize("body", [b"", b"{}", b"{}\n"])
async def test_an_empty_call_that_tries_the_address_is_answered_and_changes_nothing(
    client: Client, desk: Desk, channel: ZaloBotChannel, body: bytes
) -> None:
    async with client.post(PATH, data=body) as response:
        assert response.status == 200
    assert (desk.taken, desk.letters, channel.counts) == ([], [], {})


async def test_it_answers_only_after_the_turn_is_committed(client: Client, channel: ZaloBotChannel, desk: Desk) -> None:
    desk.gate.clear()
    answer = asyncio.ensure_future(post(client, channel, TEXT))
    await desk.arrived.wait()
    assert not answer.done()
    desk.gate.set()
    assert await answer == 200
    assert [(one.kind, one.text) for one in desk.taken] == [(Kind.TEXT, "xin chào")]


async def test_it_asks_for_the_update_again_while_the_database_is_down(
    client: Client, channel: ZaloBotChannel, desk: Desk
) -> None:
    desk.failures = [Unavailable(), Unavailable()]
    assert await post(client, channel, TEXT) == 503
    assert await post(client, channel, b"no json") == 503
    assert await post(client, channel, TEXT) == 200
    assert len(desk.taken) == 1


async def test_what_cannot_be_read_is_kept_for_staff_with_whose_it_is(
    client: Client, channel: ZaloBotChannel, desk: Desk
) -> None:
    future = json.dumps(FUTURE).encode()
    assert await post(client, channel, future) == 200
    assert await post(client, channel, b"no json") == 200
    assert [(name, raw) for name, _, raw in desk.letters] == [("zalobot", future), ("zalobot", b"no json")]
    assert desk.owners == [CHAT, ""]
    assert desk.letters[0][1] != desk.letters[1][1]


async def test_what_asks_nothing_of_us_is_counted(client: Client, channel: ZaloBotChannel, desk: Desk) -> None:
    assert await post(client, channel, {"event_name": "message.unsupported.received"}) == 200
    assert await post(client, channel, TEXT) == 200
    assert channel.health()["updates"] == {"left aside: message.unsupported.received": 1, "received": 1}


@settings(max_examples=5)
@given(bodies=st.lists(st.binary(max_size=200), min_size=20))
def test_any_bytes_with_the_secret_are_acknowledged(bodies: list[bytes]) -> None:
    async def run() -> None:
        channel, desk, app = ZaloBotChannel("1:x"), Desk(), web.Application()
        add_zalobot_routes(app, channel, desk.receive, desk.dead_letter)
        async with TestClient(TestServer(app)) as client:
            assert {await post(client, channel, body) for body in bodies} == {200}
        await channel.close()

    asyncio.run(run())


@pytest.fixture
async def server() -> AsyncIterator[FakeBot]:
    async with FakeBot() as server:
        yield server


@pytest.fixture
async def polled(server: FakeBot) -> AsyncIterator[ZaloBotChannel]:
    channel = ZaloBotChannel(server.token, api=server.url, read_seconds=2, backoff=lambda _: 0.01)
    await channel.start()
    yield channel
    await channel.close()


@pytest.fixture
async def poller(polled: ZaloBotChannel, desk: Desk) -> AsyncIterator[Poller]:
    poller = Poller(polled, desk.receive, desk.dead_letter, backoff=lambda _: 0.01, floor=0.02)
    await poller.start()
    yield poller
    desk.gate.set()
    await poller.stop()


async def taken(server: FakeBot, desk: Desk, count: int) -> None:
    """Wait until *count* updates were taken in and the next was asked for."""
    while len(desk.taken) < count:
        await server.until("getUpdates", server.count()["getUpdates"] + 1)


async def test_polling_takes_one_update_after_the_other_in_their_order(
    poller: Poller, server: FakeBot, desk: Desk
) -> None:
    for number in range(20):
        await server.writes(f"chat-{number % 3}", str(number))
    await taken(server, desk, 20)
    assert [one.text for one in desk.taken] == [str(number) for number in range(20)]


async def test_an_idle_poll_is_no_trouble(server: FakeBot, polled: ZaloBotChannel, poller: Poller, desk: Desk) -> None:
    server.patience = 0.01
    await server.until("getUpdates", 4)
    assert polled.health()["ok"] is True
    await server.writes(CHAT, "vẫn đây")
    await taken(server, desk, 1)


async def test_an_update_given_out_again_and_again_is_taken_once_and_never_spins(
    server: FakeBot, poller: Poller, desk: Desk
) -> None:
    server.replays = True
    await server.writes(CHAT, "một")
    calls = await server.until("getUpdates", 6)
    assert [one.text for one in desk.taken] == ["một"]
    gaps = [later.at - earlier.at for earlier, later in pairwise(calls[2:])]
    assert all(gap >= 0.019 for gap in gaps), gaps
    await server.writes(CHAT, "hai")
    await taken(server, desk, 2)
    assert FLOOR >= 1


@pytest.mark.parametrize("failure", [Unavailable(), RuntimeError("a bug")])
async def test_an_update_that_is_not_committed_is_kept_since_nobody_gives_it_out_again(
    server: FakeBot, polled: ZaloBotChannel, poller: Poller, desk: Desk, failure: Exception
) -> None:
    desk.failures = [failure, failure]
    await server.writes(CHAT, "một")
    await taken(server, desk, 1)
    assert [one.text for one in desk.taken] == ["một"]
    assert polled.health()["ok"] is True


async def test_what_cannot_be_read_does_not_hold_up_what_follows(server: FakeBot, poller: Poller, desk: Desk) -> None:
    await server.happens({"event_name": 3})
    await server.writes(CHAT, "sau")
    await taken(server, desk, 1)
    assert len(desk.letters) == 1


async def test_polling_outlives_outages_and_a_webhook_in_its_way(
    server: FakeBot, polled: ZaloBotChannel, desk: Desk
) -> None:
    await polled.setting_up.ready.wait()
    faults: list[Fault | int] = ["crashes", "drops", 500]
    for fault in faults:
        server.fail(fault, method="getUpdates")
    server.webhook = {"url": "https://elsewhere.test", "secret_token": "12345678"}
    poller = Poller(polled, desk.receive, desk.dead_letter, backoff=lambda _: 0.01, floor=0.01)
    await poller.start()
    await server.until("deleteWebhook", 2)
    await server.writes(CHAT, "vẫn đây")
    await taken(server, desk, 1)
    await poller.stop()
    assert polled.health()["ok"] is True


async def test_stopping_finishes_the_update_in_hand(server: FakeBot, polled: ZaloBotChannel, desk: Desk) -> None:
    poller = Poller(polled, desk.receive, desk.dead_letter)
    await poller.start()
    desk.gate.clear()
    await server.writes(CHAT, "một")
    await desk.arrived.wait()
    stopping = asyncio.ensure_future(poller.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    desk.gate.set()
    await stopping
    assert [one.text for one in desk.taken] == ["một"]


@pytest.mark.parametrize("wraps", [True, False])
async def test_the_webhook_end_to_end_with_the_stand_in(
    server: FakeBot, desk: Desk, aiohttp_server: Callable[[web.Application], Awaitable[Any]], wraps: bool
) -> None:
    app, channel = web.Application(), ZaloBotChannel(server.token, secret="12345678")
    add_zalobot_routes(app, channel, desk.receive, desk.dead_letter)
    at = str((await aiohttp_server(app)).make_url(PATH))
    server.wraps, server.webhook = wraps, {"url": at, "secret_token": "12345678"}
    assert await server.writes(CHAT, "xin chào") == 200
    desk.failures = [Unavailable()]
    assert await server.sends(CHAT, "image", caption="sổ") == 503
    assert await server.deliver() == 200
    assert [one.kind for one in desk.taken] == [Kind.TEXT, Kind.PHOTO]

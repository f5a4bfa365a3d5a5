"""The webhook and the poller: an update is confirmed only once its turn is committed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from bot.channels.telegram.channel import TelegramChannel
from bot.hooks.telegram import PATH, SECRET_HEADER, Poller, add_telegram_routes
from bot.messages import Kind
from bot.services.conversation import Unavailable
from tests.fakes.telegram import FakeTelegram, Fault
from tests.fakes.telegram_rules import message_of, user_of
from tests.hooks.desk import Desk

Client = TestClient[web.Request, web.Application]
TOKEN = "123:TEST"
TEXT = {"update_id": 1, "message": {**message_of(7, 1), "text": "xin chào"}}
QUERY = {"id": '4"2', "from": user_of(7), "chat_instance": "1", "data": "x", "message": message_of(7, 1)}
TAP = {"update_id": 2, "callback_query": QUERY}
GROUP = {"update_id": 3, "message": {**message_of(7, 1), "chat": {"id": -5, "type": "group"}, "text": "a"}}


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def channel() -> TelegramChannel:
    return TelegramChannel(TOKEN, webhook="https://bot.test" + PATH)


@pytest.fixture
async def client(
    aiohttp_client: Callable[[web.Application], Awaitable[Client]], channel: TelegramChannel, desk: Desk
) -> Client:
    app = web.Application()
    add_telegram_routes(app, channel, desk.receive, desk.dead_letter)
    return await aiohttp_client(app)


@pytest.fixture
def post(client: Client, channel: TelegramChannel) -> Callable[[object], Awaitable[tuple[int, bytes]]]:
    async def post(update: object) -> tuple[int, bytes]:
        raw = update if isinstance(update, bytes) else json.dumps(update).encode()
        async with client.post(PATH, data=raw, headers={SECRET_HEADER: channel.secret}) as response:
            return response.status, await response.read()

    return post


Post = Callable[[object], Awaitable[tuple[int, bytes]]]


@pytest.mark.parametrize("headers", [{}, {SECRET_HEADER: "wrong"}, {SECRET_HEADER: "không"}])
async def test_nobody_gets_in_without_the_secret(client: Client, desk: Desk, headers: dict[str, str]) -> None:
    async with client.post(PATH, json=TEXT, headers=headers) as response:
        assert response.status == 403
    assert desk.taken == []


async def test_it_answers_only_after_the_turn_is_committed(post: Post, desk: Desk) -> None:
    desk.gate.clear()
    answer = asyncio.ensure_future(post(TEXT))
    await desk.arrived.wait()
    assert not answer.done()
    desk.gate.set()
    assert await answer == (200, b"")
    assert [(one.kind, one.text) for one in desk.taken] == [(Kind.TEXT, "xin chào")]


async def test_a_tap_is_acknowledged_in_the_response(post: Post) -> None:
    status, body = await post(TAP)
    assert status == 200
    assert json.loads(body) == {"method": "answerCallbackQuery", "callback_query_id": '4"2'}


async def test_it_asks_for_the_update_again_while_the_database_is_down(
    client: Client, channel: TelegramChannel, post: Post, desk: Desk
) -> None:
    desk.failures = [Unavailable()]
    async with client.post(PATH, json=TEXT, headers={SECRET_HEADER: channel.secret}) as response:
        assert response.status == 503
        assert int(response.headers["Retry-After"]) > 0
    assert await post(TEXT) == (200, b"")
    assert len(desk.taken) == 1


async def test_what_cannot_be_read_is_kept_for_staff_and_acknowledged(post: Post, desk: Desk) -> None:
    known, unknown = b'{"update_id": 77, "message": {"text": 3}}', b"not json"
    assert (await post(known))[0] == 200
    assert (await post(unknown))[0] == 200
    assert [(channel, raw) for channel, _, raw in desk.letters] == [("telegram", known), ("telegram", unknown)]
    assert desk.letters[0][1] == "77"
    assert desk.letters[1][1] not in ("", "77")

    desk.failures = [Unavailable()]
    assert (await post(known))[0] == 503


async def test_what_asks_nothing_of_us_is_counted(post: Post, desk: Desk, channel: TelegramChannel) -> None:
    assert await post(GROUP) == (200, b"")
    assert await post({"update_id": 4, "poll": {"id": "1"}}) == (200, b"")
    await post(TEXT)
    assert len(desk.taken) == 1
    assert channel.health()["updates"] == {"left aside: message": 1, "left aside: other": 1, "received": 1}


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


@pytest.fixture
async def polled(telegram: FakeTelegram) -> AsyncIterator[TelegramChannel]:
    channel = TelegramChannel(telegram.token, api=telegram.url, read_seconds=2, backoff=lambda _: 0.01)
    await channel.start()
    yield channel
    await channel.close()


@pytest.fixture
async def poller(polled: TelegramChannel, desk: Desk) -> AsyncIterator[Poller]:
    poller = Poller(polled, desk.receive, desk.dead_letter, backoff=lambda _: 0.01)
    await poller.start()
    yield poller
    desk.gate.set()
    await poller.stop()


def offsets(telegram: FakeTelegram) -> list[int]:
    return [int(call.fields["offset"]) for call in telegram.calls if call.method == "getUpdates"]


async def confirmed(telegram: FakeTelegram, update_id: int) -> None:
    while update_id >= max(offsets(telegram), default=0):
        await telegram.until("getUpdates", len(offsets(telegram)) + 1)


async def test_polling_confirms_a_batch_once_it_is_committed(
    poller: Poller, telegram: FakeTelegram, desk: Desk
) -> None:
    desk.gate.clear()
    await telegram.says(7, "một")
    await desk.arrived.wait()
    assert set(offsets(telegram)) == {0}
    desk.gate.set()
    await confirmed(telegram, 1001)
    assert [one.text for one in desk.taken] == ["một"]


async def test_one_persons_messages_keep_their_order(telegram: FakeTelegram, poller: Poller, desk: Desk) -> None:
    telegram.pending = [
        {"update_id": 2000 + n, "message": {**message_of(7 + n % 3, n), "text": str(n)}} for n in range(30)
    ]
    await telegram.says(7, "30")
    await confirmed(telegram, 2029)
    for chat in ("7", "8", "9"):
        said = [int(one.text) for one in desk.taken if one.address.id == chat]
        assert said == sorted(said)
    assert len(desk.taken) == 31


async def test_a_polled_tap_is_acknowledged_by_a_call(poller: Poller, telegram: FakeTelegram) -> None:
    await telegram.update("callback_query", QUERY)
    [call] = await telegram.until("answerCallbackQuery")
    assert call.fields["callback_query_id"] == '4"2'


@pytest.mark.parametrize("failure", [Unavailable(), RuntimeError("a bug")])
async def test_a_batch_that_is_not_committed_comes_again(
    poller: Poller, telegram: FakeTelegram, desk: Desk, failure: Exception
) -> None:
    desk.failures = [failure]
    await telegram.says(7, "một")
    await confirmed(telegram, 1001)
    assert [one.external_id for one in desk.taken] == ["1001"]


async def test_polling_outlives_conflicts_and_outages(
    telegram: FakeTelegram, polled: TelegramChannel, desk: Desk
) -> None:
    faults: list[Fault] = ["conflicts", "crashes", "drops"]
    for fault in faults:
        telegram.fail(fault, method="getUpdates")
    telegram.fail("throttles", method="getUpdates", retry_after=0.01)
    poller = Poller(polled, desk.receive, desk.dead_letter, backoff=lambda _: 0.01)
    await poller.start()
    await telegram.until("getUpdates", 5)
    await telegram.says(7, "vẫn đây")
    await desk.arrived.wait()
    await poller.stop()
    assert [one.text for one in desk.taken] == ["vẫn đây"]
    assert polled.health()["ok"] is True


async def test_what_cannot_be_read_does_not_hold_up_what_follows(
    poller: Poller, telegram: FakeTelegram, desk: Desk
) -> None:
    await telegram.update("message", {"text": 3})
    await telegram.says(7, "sau")
    await desk.arrived.wait()
    assert [external_id for _, external_id, _ in desk.letters] == ["1001"]


async def test_stopping_finishes_the_batch_in_hand(telegram: FakeTelegram, polled: TelegramChannel, desk: Desk) -> None:
    poller = Poller(polled, desk.receive, desk.dead_letter)
    await poller.start()
    desk.gate.clear()
    await telegram.says(7, "một")
    await desk.arrived.wait()
    stopping = asyncio.ensure_future(poller.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    desk.gate.set()
    await stopping
    assert [one.text for one in desk.taken] == ["một"]


async def test_it_can_stop_before_telegram_was_ever_there(unused_tcp_port: int, desk: Desk) -> None:
    channel = TelegramChannel(TOKEN, api=f"http://127.0.0.1:{unused_tcp_port}")
    poller = Poller(channel, desk.receive, desk.dead_letter)
    await poller.start()
    await poller.stop()


async def test_the_webhook_end_to_end_with_the_stand_in(
    telegram: FakeTelegram, desk: Desk, aiohttp_server: Callable[[web.Application], Awaitable[Any]]
) -> None:
    app = web.Application()
    server = await aiohttp_server(app_with(app, telegram, desk))
    telegram.webhook = {"url": str(server.make_url(PATH)), "secret_token": "bí-mật".encode().hex()}
    assert await telegram.says(7, "xin chào") == 200
    await telegram.update("callback_query", QUERY)
    assert telegram.count()["answerCallbackQuery"] == 1
    desk.failures = [Unavailable()]
    assert await telegram.says(7, "mất điện") == 503
    assert await telegram.deliver() == 200
    assert [one.kind for one in desk.taken] == [Kind.TEXT, Kind.TAP, Kind.TEXT]


def app_with(app: web.Application, telegram: FakeTelegram, desk: Desk) -> web.Application:
    channel = TelegramChannel(telegram.token, secret="bí-mật".encode().hex())
    add_telegram_routes(app, channel, desk.receive, desk.dead_letter)
    return app

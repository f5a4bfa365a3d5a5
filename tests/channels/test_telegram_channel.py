"""The channel against a stand-in server: what each refusal means, and that Telegram's troubles stop nobody."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.channels.base import (
    Channel,
    Misconfigured,
    Moved,
    NotSent,
    Payload,
    Rejected,
    SendError,
    Throttled,
    Unknown,
    Unreachable,
)
from bot.channels.bot_api import result_of
from bot.channels.setting_up import patiently, secret_of
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.errors import NotEditable, error_in
from bot.messages import Address, Choice, Outgoing
from tests.fakes.telegram import FakeTelegram, Fault

HERE = Address("telegram", "7")
HELLO = Outgoing("Xin chào **bà con**", (Choice("1:a", "1. Vay vốn"),))
COMMANDS = {"": [("menu", "Trang chính")], "en": [("menu", "Main menu")]}


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


@pytest.fixture
async def channel(telegram: FakeTelegram) -> AsyncIterator[TelegramChannel]:
    channel = TelegramChannel(
        telegram.token, api=telegram.url, commands=COMMANDS, read_seconds=0.2, backoff=lambda _: 0.01
    )
    await channel.start()
    yield channel
    await channel.close()


def error_of(status: int, body: bytes) -> SendError | None:
    try:
        result_of(status, body, error_in)
    except SendError as error:
        return error
    return None


def said(code: int, description: str, **parameters: int) -> tuple[int, bytes]:
    body = {"ok": False, "error_code": code, "description": description, "parameters": parameters}
    return code, json.dumps(body).encode()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (said(403, "Forbidden: bot was blocked by the user"), Unreachable),
        (said(403, "Forbidden: user is deactivated"), Unreachable),
        (said(403, "Forbidden: bot can't initiate conversation with a user"), Unreachable),
        (said(400, "Bad Request: chat not found"), Unreachable),
        (said(400, "Bad Request: PEER_ID_INVALID"), Unreachable),
        (said(400, "Bad Request: can't parse entities: unclosed tag"), Rejected),
        (said(400, "Bad Request: message is too long"), Rejected),
        (said(400, "Bad Request: BUTTON_DATA_INVALID"), Rejected),
        (said(400, "Bad Request: message to edit not found"), NotEditable),
        (said(400, "Bad Request: message can't be edited"), NotEditable),
        (said(413, "Request Entity Too Large"), Rejected),
        (said(401, "Unauthorized"), Misconfigured),
        (said(404, "Not Found"), Misconfigured),
        (said(409, "Conflict: terminated by other getUpdates request"), Misconfigured),
        (said(421, "Misdirected Request"), Misconfigured),
        (said(429, "Too Many Requests: retry after 31", retry_after=31), Throttled),
        (said(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009), Moved),
        (said(500, "Internal Server Error: restart"), Unknown),
        ((502, b"<html>Bad Gateway</html>"), Unknown),
        ((200, b"<html>Welcome to the hotel's network</html>"), Unknown),
        ((403, b"<html>Blocked by your administrator</html>"), NotSent),
        ((302, b""), NotSent),
        ((429, b""), Throttled),
        ((200, b'{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}'), Unreachable),
    ],
)
def test_each_answer_says_what_to_do(answer: tuple[int, bytes], error: type[SendError]) -> None:
    assert type(error_of(*answer)) is error


@pytest.mark.parametrize(
    "answer",
    [
        (200, b'{"ok":true,"result":true}'),
        said(400, "Bad Request: message is not modified: specified new message content is the same"),
        said(400, "Bad Request: query is too old and response timeout expired or query ID is invalid"),
    ],
)
def test_what_amounts_to_success_is_no_error(answer: tuple[int, bytes]) -> None:
    assert error_of(*answer) is None


def test_what_errors_carry() -> None:
    throttled = error_of(*said(429, "Too Many Requests: retry after 31", retry_after=31))
    moved = error_of(*said(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009))
    assert isinstance(throttled, Throttled)
    assert throttled.retry_after == 31
    assert isinstance(moved, Moved)
    assert moved.new_id == "-1009"


async def test_a_message_is_shown_with_its_buttons_until_it_is_closed(
    channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    [payload] = channel.encode(HERE, HELLO)
    message_id = await channel.send(payload)
    assert telegram.texts(7) == ["Xin chào bà con"]
    assert "reply_markup" in telegram.messages[7, int(message_id)]

    closing = channel.closing(HERE, message_id)
    assert closing is not None
    assert await channel.send(closing) == message_id
    assert await channel.send(closing) == message_id  # not modified: done all the same
    assert "reply_markup" not in telegram.messages[7, int(message_id)]
    assert channel.closing(HERE, "") is None


async def test_a_message_takes_the_place_of_another(channel: TelegramChannel, telegram: FakeTelegram) -> None:
    message_id = await channel.send(channel.encode(HERE, HELLO)[0])
    [edit] = channel.encode(HERE, Outgoing("Vâng.", replaces=message_id))
    assert await channel.send(edit) == message_id
    assert await channel.send(edit) == message_id
    assert telegram.texts(7) == ["Vâng."]


async def test_a_message_whose_place_is_gone_is_sent_anew_once(
    channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    [edit] = channel.encode(HERE, Outgoing("Vâng.", replaces="5"))
    assert await channel.send(edit) not in ("", "5")
    assert telegram.texts(7) == ["Vâng."]
    assert telegram.count()["sendMessage"] == 1


async def test_closing_a_message_that_is_gone_is_done(channel: TelegramChannel) -> None:
    closing = channel.closing(HERE, "5")
    assert closing is not None
    assert await channel.send(closing) == ""


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("throttles", Throttled),
        ("is_blocked", Unreachable),
        ("refuses", Rejected),
        ("crashes", Unknown),
        ("hangs", Unknown),
        ("drops", Unknown),
        ("conflicts", Misconfigured),
        ("is_a_proxy", NotSent),
    ],
)
async def test_each_refusal_says_what_to_do_next(
    channel: TelegramChannel, telegram: FakeTelegram, fault: Fault, error: type[SendError]
) -> None:
    await channel.setting_up.ready.wait()
    telegram.fail(fault, chat=7)
    [payload] = channel.encode(HERE, HELLO)
    with pytest.raises(error) as caught:
        await channel.send(payload)
    assert telegram.token not in told(caught.value)
    assert await channel.send(payload) != ""  # the same payload goes out once the trouble is over


def told(exc: BaseException) -> str:
    """All that the most talkative log would print, values of variables included."""
    trace = traceback.TracebackException.from_exception(exc, capture_locals=True)
    return "".join(line for line in trace.format() if "telegram = " not in line)


async def test_a_server_that_is_not_there_has_certainly_sent_nothing(unused_tcp_port: int) -> None:
    channel = TelegramChannel("123:TEST", api=f"http://127.0.0.1:{unused_tcp_port}", backoff=lambda _: 0.01)
    with pytest.raises(NotSent):
        await channel.send(Payload("sendMessage", b"{}"))
    await channel.start()
    with pytest.raises(NotSent):
        await channel.send(Payload("sendMessage", b"{}"))
    await channel.close()
    with pytest.raises(NotSent):
        await channel.send(Payload("sendMessage", b"{}"))
    assert channel.health()["ok"] is False


async def test_it_sets_itself_up_for_polling(channel: TelegramChannel, telegram: FakeTelegram) -> None:
    await channel.setting_up.ready.wait()
    assert channel.health() == {
        "ok": True,
        "state": "ready",
        "username": "fake_bot",
        "webhook": False,
        "updates": {},
    }
    menus = [call.fields for call in telegram.calls if call.method == "setMyCommands"]
    assert [(menu["language_code"], menu["commands"][0]["description"]) for menu in menus] == [
        ("", "Trang chính"),
        ("en", "Main menu"),
    ]
    [deleted] = [call.fields for call in telegram.calls if call.method == "deleteWebhook"]
    assert deleted == {"drop_pending_updates": False}


async def test_it_sets_its_webhook_and_never_drops_what_is_pending(telegram: FakeTelegram) -> None:
    channel = TelegramChannel(telegram.token, api=telegram.url, webhook="https://bot.test/hooks/telegram")
    await channel.start()
    await telegram.until("getWebhookInfo")
    await channel.close()
    assert telegram.webhook["url"] == "https://bot.test/hooks/telegram"
    assert telegram.webhook["secret_token"] == secret_of(telegram.token)
    assert telegram.webhook["allowed_updates"] == [
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
    ]
    assert "drop_pending_updates" not in telegram.webhook
    assert telegram.count()["deleteWebhook"] == 0


async def test_telegram_being_away_delays_it_and_stops_nobody(telegram: FakeTelegram) -> None:
    faults: list[Fault] = ["crashes", "drops", "is_a_proxy"]
    for fault in faults:
        telegram.fail(fault)
    channel = TelegramChannel(telegram.token, api=telegram.url, backoff=lambda _: 0.01)
    await channel.start()
    await channel.setting_up.ready.wait()
    assert telegram.count()["getMe"] == 4
    await channel.close()


async def test_a_wrong_token_is_said_on_the_health_page_and_nowhere_shown(telegram: FakeTelegram) -> None:
    channel = TelegramChannel("999:WRONG", api=telegram.url, backoff=lambda _: 0.01)
    await channel.start()
    await telegram.until("getMe", 2)
    health = channel.health()
    await channel.close()
    assert health["ok"] is False
    assert health["state"] == "refused, check the token: Unauthorized"
    assert "999:WRONG" not in repr(health)


async def test_a_server_that_is_no_bot_api_is_survived(aiohttp_server: object) -> None:
    async def odd(_: web.Request) -> web.Response:
        asked.set()
        return web.json_response({"ok": True, "result": {"is_bot": "perhaps"}})

    asked = asyncio.Event()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", odd)
    server = await aiohttp_server(app)  # type: ignore[operator]  # pytest-aiohttp's fixture
    channel = TelegramChannel("1:x", api=str(server.make_url("")), backoff=lambda _: 0.01)
    await channel.start()
    await asked.wait()
    await asyncio.sleep(0)
    await channel.close()
    assert channel.health()["ok"] is False


def test_it_is_a_channel_whose_secret_telegram_accepts() -> None:
    channel: Channel = TelegramChannel("123:TEST")
    assert channel.capabilities.buttons
    secret = secret_of("123:TEST")
    assert secret == secret_of("123:TEST") != secret_of("123:OTHER")
    assert 1 <= len(secret) <= 256
    assert secret.isalnum()
    assert "123:TEST" not in repr(channel)


def test_waiting_grows_to_a_minute() -> None:
    assert [patiently(failures) for failures in (1, 2, 3, 7, 50)] == [1, 2, 4, 60, 60]

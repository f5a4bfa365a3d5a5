"""The Zalo Bot Platform's channel against a stand-in server: calls, refusals, setting up, and the month's messages."""

from __future__ import annotations

import json
import traceback
from collections.abc import AsyncIterator

import pytest

from bot.channels.base import (
    Channel,
    Misconfigured,
    NotSent,
    Payload,
    Rejected,
    SendError,
    Throttled,
    Unknown,
    Unreachable,
)
from bot.channels.bot_api import result_of
from bot.channels.shown import Shown, shown_in
from bot.channels.zalobot.channel import ZaloBotChannel
from bot.channels.zalobot.errors import QUOTA_PAUSE, QuotaExceeded, TimedOut, WebhookIsSet, error_in
from bot.messages import Address, Choice, Outgoing
from tests.fakes.zalo.botapi import IDLE, WEBHOOK_IS_SET, FakeBot, Fault

CHAT = "6ede9afa66b88fe6d6a9"
HERE = Address("zalobot", CHAT)
HELLO = Outgoing("Xin chào **bà con**", (Choice("1:a", "1. Vay vốn"), Choice("1:b", "2. Học nghề")))
HOOK = "https://bot.test/hooks/zalobot"


@pytest.fixture
async def server() -> AsyncIterator[FakeBot]:
    async with FakeBot(chats={CHAT}) as server:
        yield server


@pytest.fixture
async def channel(server: FakeBot) -> AsyncIterator[ZaloBotChannel]:
    channel = ZaloBotChannel(server.token, api=server.url, read_seconds=0.2, backoff=lambda _: 0.01)
    await channel.start()
    yield channel
    await channel.close()


def said(code: int, description: str) -> tuple[int, bytes]:
    return code, json.dumps({"ok": False, "error_code": code, "description": description}).encode()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (said(*IDLE), TimedOut),
        (said(*WEBHOOK_IS_SET), WebhookIsSet),
        (said(401, "Unauthorized"), Misconfigured),
        (said(404, "Not Found"), Misconfigured),
        (said(404, "Chat not found"), Unreachable),
        (said(400, "Bad Request: chat not found"), Unreachable),
        (said(403, "Forbidden: bot was blocked by the user"), Unreachable),
        (said(403, "Forbidden"), Rejected),
        (said(400, "Bad Request: text must have 1 to 2000 characters"), Rejected),
        (said(429, "Quota exceeded"), QuotaExceeded),
        (said(429, "Too Many Requests"), Throttled),
        (said(500, "Internal Server Error"), Unknown),
        ((200, b'{"ok":false,"error_code":408,"description":"Request timeout"}'), TimedOut),
        ((502, b"<html>Bad Gateway</html>"), Unknown),
        ((403, b"<html>Blocked by your administrator</html>"), NotSent),
    ],
)
def test_each_answer_says_what_to_do(answer: tuple[int, bytes], error: type[SendError]) -> None:
    with pytest.raises(SendError) as caught:
        result_of(*answer, error_in)
    assert type(caught.value) is error


async def test_choices_are_lines_and_the_call_holds_nothing_that_nobody_knows_of(
    channel: ZaloBotChannel, server: FakeBot
) -> None:
    [payload] = channel.encode(HERE, HELLO)
    assert json.loads(payload.body) == {"chat_id": CHAT, "text": "Xin chào bà con\n\n1. Vay vốn\n2. Học nghề"}
    assert await channel.send(payload) != ""
    assert server.texts(CHAT) == ["Xin chào bà con\n\n1. Vay vốn\n2. Học nghề"]
    assert server.unasserted == set()
    assert channel.closing(HERE, "9a1") is None


async def test_a_long_text_goes_out_as_several_messages_that_are_all_taken(
    channel: ZaloBotChannel, server: FakeBot
) -> None:
    payloads = channel.encode(HERE, Outgoing("Đây là một câu có dấu tiếng Việt. " * 200, HELLO.choices))
    for payload in payloads:
        await channel.send(payload)
    assert len(payloads) > 1
    assert "\n\n1. Vay vốn" in server.texts(CHAT)[-1]


@pytest.mark.parametrize("message", [Outgoing(""), Outgoing(" \n"), Outgoing("Hỏi", (Choice("1:a", " "),))])
def test_what_nobody_could_read_is_refused_before_it_is_owed(message: Outgoing) -> None:
    with pytest.raises(ValueError, match="needs"):
        ZaloBotChannel("1:x").encode(HERE, message)


def test_the_log_shows_a_message_as_it_was_read() -> None:
    [payload] = ZaloBotChannel("1:x").encode(HERE, Outgoing("3 * 4 < 13 & 1. một"))
    shown = shown_in(payload.body)
    assert isinstance(shown, Shown)
    assert "3 * 4 &lt; 13 &amp; 1. một" in shown.html


FAULTS: list[tuple[Fault | int, type[SendError]]] = [
    ("crashes", Unknown),
    ("hangs", Unknown),
    ("drops", Unknown),
    ("is_a_proxy", NotSent),
    (408, Unknown),
    (400, Rejected),
    (401, Misconfigured),
]


@pytest.mark.parametrize(("fault", "error"), FAULTS)
async def test_each_trouble_says_what_to_do_next_and_never_shows_the_token(
    channel: ZaloBotChannel, server: FakeBot, fault: Fault | int, error: type[SendError]
) -> None:
    await channel.setting_up.ready.wait()
    server.fail(fault, "no", chat=CHAT)
    [payload] = channel.encode(HERE, HELLO)
    with pytest.raises(error) as caught:
        await channel.send(payload)
    trace = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert server.token not in "".join(line for line in trace.format() if "server = " not in line)
    assert await channel.send(payload) != ""


async def test_whoever_never_wrote_cannot_be_reached(channel: ZaloBotChannel) -> None:
    [payload] = channel.encode(Address("zalobot", "nobody"), HELLO)
    with pytest.raises(Unreachable):
        await channel.send(payload)


async def test_a_server_that_is_not_there_has_certainly_sent_nothing(unused_tcp_port: int) -> None:
    channel = ZaloBotChannel("1:x", api=f"http://127.0.0.1:{unused_tcp_port}")
    with pytest.raises(NotSent):
        await channel.send(Payload("sendMessage", b"{}"))
    await channel.close()


async def test_when_the_months_messages_are_used_up_the_account_rests_until_they_are_there_again(
    channel: ZaloBotChannel, server: FakeBot
) -> None:
    await channel.setting_up.ready.wait()
    server.quota = 0
    [payload] = channel.encode(HERE, HELLO)
    with pytest.raises(Throttled) as caught:
        await channel.send(payload)
    assert caught.value.retry_after == QUOTA_PAUSE
    assert channel.health()["ok"] is False
    assert channel.health()["state"] == "the month's messages are used up"
    server.quota = 1
    await channel.send(payload)
    assert channel.health()["ok"] is True


async def test_it_sets_itself_up_for_polling_where_there_was_no_webhook(
    channel: ZaloBotChannel, server: FakeBot
) -> None:
    await channel.setting_up.ready.wait()
    assert server.count()["deleteWebhook"] == 1  # answered "Not Found"
    assert channel.health() == {
        "ok": True,
        "state": "ready",
        "username": "bot.fake",
        "webhook": False,
        "updates": {},
        "month": {"sent": 0, "allowed": 3000},
    }


async def test_it_sets_its_webhook_with_a_secret_that_is_long_enough(server: FakeBot) -> None:
    channel = ZaloBotChannel(server.token, api=server.url, webhook=HOOK, backoff=lambda _: 0.01)
    await channel.start()
    await channel.setting_up.ready.wait()
    await channel.close()
    assert server.webhook == {"url": HOOK, "secret_token": channel.secret}
    assert server.unasserted == set()


async def test_a_webhook_that_was_not_answered_when_tried_is_set_again_and_told_of(server: FakeBot) -> None:
    server.verification = {"ok": False, "outcome": "failed", "status_code": 502, "hint": "no answer from you"}
    channel = ZaloBotChannel(server.token, api=server.url, webhook=HOOK, backoff=lambda _: 0.01)
    await channel.start()
    await server.until("setWebhook", 2)
    assert "no answer from you" in str(channel.health()["state"])
    assert channel.health()["ok"] is False
    server.verification = {"ok": True, "outcome": "success", "status_code": 200, "hint": None}
    await channel.setting_up.ready.wait()
    await channel.close()


async def test_the_platform_being_away_delays_it_and_stops_nobody(server: FakeBot) -> None:
    for fault in ("crashes", "drops", "is_a_proxy"):
        server.fail(fault)
    channel = ZaloBotChannel(server.token, api=server.url, backoff=lambda _: 0.01)
    await channel.start()
    await channel.setting_up.ready.wait()
    assert server.count()["getMe"] == 4
    await channel.close()


async def test_a_wrong_token_is_said_on_the_health_page_and_nowhere_shown(server: FakeBot) -> None:
    channel = ZaloBotChannel("999:WRONG", api=server.url, backoff=lambda _: 0.01)
    await channel.start()
    await server.until("getMe", 2)
    health = channel.health()
    await channel.close()
    assert health["state"] == "refused, check the token: Unauthorized"
    assert "999:WRONG" not in repr(health) + repr(channel)


async def test_another_process_that_only_sends_leaves_the_webhook_alone(server: FakeBot) -> None:
    channel: Channel = ZaloBotChannel(server.token, api=server.url, listens=False)
    await channel.start()
    await channel.send(channel.encode(HERE, HELLO)[0])
    await channel.close()
    assert set(server.count()) == {"sendMessage"}


async def test_a_poll_brings_one_update_or_none(channel: ZaloBotChannel, server: FakeBot) -> None:
    await channel.setting_up.ready.wait()
    server.patience = 0.01
    assert await channel.updates(30) == []
    await server.writes(CHAT, "một")
    await server.writes(CHAT, "hai")
    [first], [second] = await channel.updates(30), await channel.updates(30)
    assert [json.loads(one)["message"]["text"] for one in (first, second)] == ["một", "hai"]


async def test_a_webhook_that_stands_in_the_way_of_polling_is_taken_off(
    channel: ZaloBotChannel, server: FakeBot
) -> None:
    await channel.setting_up.ready.wait()
    server.webhook = {"url": "https://elsewhere.test", "secret_token": "12345678"}
    with pytest.raises(Misconfigured):
        await channel.updates(30)
    assert server.webhook == {}

"""Whole conversations over real HTTP with a Bot API server that is not ours (lo-bot-api-emulator), both ways in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from aiohttp import web
from lo_bot_api_emulator import CONTRACT, LoBotApiEmulator

from bot.app import Parts, assemble
from bot.config import Settings
from tests.conftest import Clock
from tests.fakes.telegram_rules import message_of, user_of, visible

TOKEN = "123456:TEST"
SENDS = ("sendMessage", "editMessageText")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Refusal = tuple[int, dict[str, Any]]
BLOCKED: Refusal = (403, {"description": "Forbidden: bot was blocked by the user"})
TOO_FAST: Refusal = (429, {"description": "Too Many Requests: retry after 1", "parameters": {"retry_after": 1}})


@dataclass
class Sent:
    """A message as the emulator took it."""

    method: str
    chat: int
    text: str
    buttons: list[dict[str, str]]
    message_id: int


@dataclass
class Platform:
    """The emulator, with what it lacks: the bodies of calls, and faults. `refusals` hold for one send each."""

    emulator: LoBotApiEmulator
    sent: list[Sent] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    refusals: dict[int, list[Refusal]] = field(default_factory=dict)
    refused: list[int] = field(default_factory=list)
    hanging: set[int] = field(default_factory=set)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def says(self, chat: int, text: str) -> None:
        await self._update({"message": {**message_of(chat, 1), "text": text}})

    async def taps(self, on: Sent, button: int = 0) -> None:
        query = {"id": str(9000 + on.message_id), "from": user_of(on.chat), "chat_instance": "1"}
        query |= {"data": on.buttons[button]["callback_data"], "message": message_of(on.chat, on.message_id)}
        await self._update({"callback_query": query})

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(holds)

    async def question(self, chat: int, after: int = 0) -> Sent:
        """The first message with buttons to *chat* behind the first *after* of its messages."""
        asked: list[Sent] = []

        def found() -> bool:
            asked[:] = [one for one in self.to(chat)[after:] if one.buttons]
            return bool(asked)

        await self.until(found)
        return asked[0]

    def to(self, chat: int) -> list[Sent]:
        return [one for one in self.sent if one.chat == chat]

    @web.middleware
    async def watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        method = request.match_info.get("method", "")
        body = await _body_of(request)
        chat = int(body.get("chat_id", 0))
        self.methods.append(method)
        await self._tell()
        answer = await self._fault(request, chat) if method in SENDS else None
        if answer is None:
            answer = await handler(request)
            if method in SENDS and answer.status == 200:
                self.sent.append(_sent(method, chat, body, answer))
        await self._tell()
        return answer

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def _fault(self, request: web.Request, chat: int) -> web.StreamResponse | None:
        if chat in self.hanging:
            self.hanging.remove(chat)
            await self._tell()
            await self.released.wait()
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        if self.refusals.get(chat):
            code, more = self.refusals[chat].pop(0)
            self.refused.append(chat)
            return web.json_response({"ok": False, "error_code": code, **more}, status=code)
        return None

    async def _update(self, update: Mapping[str, Any]) -> None:
        await self.emulator.enqueue_update(dict(update), token=TOKEN)


@pytest.fixture
async def platform(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Platform, str]]:
    # The emulator doesn't know this one of Telegram's own parameters.
    for method in SENDS:
        known = CONTRACT["methods"][method]["parameters"]
        monkeypatch.setitem(CONTRACT["methods"][method], "parameters", [*known, "link_preview_options"])
    platform = Platform(LoBotApiEmulator(allow_insecure_loopback_webhooks=True))
    app = platform.emulator.app()
    app.middlewares.append(platform.watch)
    async with AsyncExitStack() as stack:
        yield platform, await _served(app, 0, stack)
        platform.released.set()


@pytest.fixture(params=["webhook", "polling"])
async def bot(
    request: pytest.FixtureRequest,
    platform: tuple[Platform, str],
    sqlite_url: str,
    unused_tcp_port: int,
    clock: Clock,
) -> AsyncIterator[Parts]:
    """The whole bot with its own dialogs, on the emulator."""
    here = f"http://127.0.0.1:{unused_tcp_port}"
    settings = Settings.model_validate(
        {
            "database_url": sqlite_url,
            "telegram_token": TOKEN,
            "telegram_api": platform[1],
            "telegram_chat_gap": 0,
            "telegram_rate": 1000,
            "public_url": here if request.param == "webhook" else None,
            "web_secret": "x" * 32,
            "today": date(2026, 11, 23),
        }
    )
    async with AsyncExitStack() as stack:
        parts = await assemble(settings, now=clock, stack=stack)
        await _served(parts.application, unused_tcp_port, stack)
        await platform[0].until(lambda: "setWebhook" in platform[0].methods or "getUpdates" in platform[0].methods)
        yield parts


async def test_a_conversation_by_taps_and_words(platform: tuple[Platform, str], bot: Parts) -> None:
    telegram, _ = platform
    await telegram.says(7, "/start")
    question = await telegram.question(7)
    assert 1 <= len(question.buttons) <= 8
    before = len(telegram.to(7))
    await telegram.taps(question)
    await telegram.until(lambda: len(telegram.to(7)) > before)

    before = len(telegram.to(7))
    await telegram.says(7, "/menu")
    menu = await telegram.question(7, before)
    before = len(telegram.to(7))
    await telegram.says(7, menu.buttons[0]["text"])
    await telegram.until(lambda: len(telegram.to(7)) > before)
    assert all(visible(one.text).strip() for one in telegram.to(7))
    assert bot.channels["telegram"].health()["ok"] is True


async def test_a_polled_tap_is_acknowledged_and_a_webhooks_tap_in_its_response(
    platform: tuple[Platform, str], bot: Parts
) -> None:
    telegram, _ = platform
    await telegram.says(7, "/start")
    question = await telegram.question(7)
    before = len(telegram.to(7))
    await telegram.taps(question)
    await telegram.until(lambda: len(telegram.to(7)) > before)
    if "telegram" in bot.pollers:
        await telegram.until(lambda: "answerCallbackQuery" in telegram.methods)
    else:
        assert "answerCallbackQuery" not in telegram.methods


async def test_a_second_tap_of_the_same_button_is_not_acted_on_twice(
    platform: tuple[Platform, str], bot: Parts
) -> None:
    telegram, _ = platform
    await telegram.says(7, "/start")
    question = await telegram.question(7)
    before = len(telegram.to(7))
    await telegram.taps(question)
    await telegram.until(lambda: len(telegram.to(7)) > before)
    await telegram.taps(question)
    await telegram.says(8, "/start")
    await telegram.question(8)
    texts = [one.text for one in telegram.to(7)[before:]]
    assert len(texts) == len(set(texts))


async def test_who_blocked_us_is_left_alone_until_they_write_again(platform: tuple[Platform, str], bot: Parts) -> None:
    telegram, _ = platform
    telegram.refusals[8] = [BLOCKED]
    await telegram.says(8, "/start")
    await telegram.until(lambda: telegram.refused == [8])
    await telegram.says(7, "/start")
    await telegram.question(7)
    assert telegram.to(8) == []
    await telegram.says(8, "xin chào")
    await telegram.until(lambda: bool(telegram.to(8)))


async def test_too_fast_means_later_and_nothing_is_lost(platform: tuple[Platform, str], bot: Parts) -> None:
    telegram, _ = platform
    telegram.refusals[9] = [TOO_FAST]
    await telegram.says(9, "/start")
    await telegram.question(9)
    assert telegram.refused == [9]
    texts = [one.text for one in telegram.to(9)]
    assert len(texts) == len(set(texts))


async def test_a_call_that_hangs_holds_up_one_person_only_and_is_made_again(
    platform: tuple[Platform, str], bot: Parts
) -> None:
    telegram, _ = platform
    telegram.hanging.add(10)
    await telegram.says(10, "/start")
    await telegram.until(lambda: not telegram.hanging)
    await telegram.says(7, "/start")
    await telegram.question(7)
    assert telegram.to(10) == []
    telegram.released.set()
    await telegram.question(10)


async def _served(app: web.Application, port: int, stack: AsyncExitStack) -> str:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


async def _body_of(request: web.Request) -> Mapping[str, Any]:
    if request.content_type == "application/json":
        body: Mapping[str, Any] = await request.json()
        return body
    return await request.post()


def _sent(method: str, chat: int, body: Mapping[str, Any], answer: web.StreamResponse) -> Sent:
    assert isinstance(answer, web.Response)
    assert isinstance(answer.body, bytes)
    rows = body.get("reply_markup", {}).get("inline_keyboard", [])
    message_id = json.loads(answer.body)["result"]["message_id"]
    return Sent(method, chat, body["text"], [row[0] for row in rows], message_id)

"""A fast stand-in for the Bot API: shows messages to people, and keeps what arrived when asked to.

It answers as Telegram does (whole messages, "message is not modified"), but checks nothing else: the strict one is
`tests.fakes.telegram`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from tests.bench.wire import Served, answer

HOT = ("sendMessage", "editMessageText", "editMessageReplyMarkup")
_COLD: dict[str, Any] = {
    "getMe": {"id": 123, "is_bot": True, "first_name": "Bench", "username": "bench_bot"},
    "getWebhookInfo": {"url": "", "has_custom_certificate": False, "pending_update_count": 0},
}


class Button(Struct):
    text: str
    callback_data: str = ""


class Markup(Struct, omit_defaults=True):
    inline_keyboard: list[list[Button]] = []


class Chat(Struct):
    id: int
    type: str = "private"


class Shown(Struct, omit_defaults=True):
    """A message as a person sees it, and as the Bot API gives it back."""

    message_id: int
    date: int
    chat: Chat
    text: str
    reply_markup: Markup | None = None

    @property
    def buttons(self) -> list[Button]:
        rows = self.reply_markup.inline_keyboard if self.reply_markup is not None else []
        return [button for row in rows for button in row]


class Arrival(Struct, frozen=True):
    """A call that carried a message; `at` is `time.perf_counter`."""

    at: float
    chat: int
    method: str
    body: bytes


class _Fields(Struct):
    chat_id: int
    text: str = ""
    message_id: int = 0
    reply_markup: Markup | None = None


class _Result(Struct):
    result: Shown
    ok: bool = True


_fields = msgspec.json.Decoder(_Fields).decode
_encode = msgspec.json.Encoder().encode
_TRUE = answer(b'{"ok":true,"result":true}')


class BotApi:
    """One bot's server. `on_message` is told of each message that a person now sees, and when it arrived."""

    def __init__(self, *, keeps: bool = False, latency: float = 0) -> None:
        self.on_message: Callable[[Shown, float], None] = lambda _shown, _at: None
        self.arrivals: list[Arrival] = []
        self.calls = 0
        self.url = ""
        self._keeps, self._latency = keeps, latency
        self._shown: dict[tuple[int, int], Shown] = {}
        self._next_id = 100
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Served(self.handle, self._latency), "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    def handle(self, path: str, body: bytes) -> bytes:
        """One call: the whole HTTP answer."""
        self.calls += 1
        method = path.rpartition("/")[2]
        if method not in HOT:
            result = _COLD.get(method)
            return answer(_encode({"ok": True, "result": result})) if result else _TRUE
        at = time.perf_counter()
        fields = _fields(body)
        if self._keeps and method != "editMessageReplyMarkup":
            self.arrivals.append(Arrival(at, fields.chat_id, method, body))
        return self._show(method, fields, at)

    def _show(self, method: str, fields: _Fields, at: float) -> bytes:
        message_id = fields.message_id
        if method == "sendMessage":
            self._next_id += 1
            message_id = self._next_id
        before = self._shown.get((fields.chat_id, message_id))
        if before is None and method != "sendMessage":
            return _refused("message to edit not found")
        text = before.text if before is not None and method == "editMessageReplyMarkup" else fields.text
        shown = Shown(message_id, int(time.time()), Chat(fields.chat_id), text, fields.reply_markup)
        if before is not None and (before.text, before.reply_markup) == (text, shown.reply_markup):
            return _refused("message is not modified: specified new message content is the same")
        self._shown[fields.chat_id, message_id] = shown
        if method != "editMessageReplyMarkup":
            self.on_message(shown, at)
        return answer(_encode(_Result(shown)))


def _refused(reason: str) -> bytes:
    body = _encode({"ok": False, "error_code": 400, "description": f"Bad Request: {reason}"})
    return answer(body, b"400 Bad Request")

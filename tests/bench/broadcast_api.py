"""The Bot API as broadcasts meet it: several doors to one account, its limits held to the letter, all arrivals kept."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from functools import partial
from random import Random

import msgspec
from msgspec import Struct

from tests.bench.botapi import BotApi
from tests.bench.wire import Served, answer

SENDS = "sendMessage"


class Limits(Struct, frozen=True):
    """What an account may do: messages in any window of a second, and seconds between two to one chat. 0: no limit."""

    rate: int = 0
    chat_gap: float = 0.0


class Came(Struct, frozen=True, gc=False):
    """A message that a person has got. `at` is `time.perf_counter`; `door` tells which process brought it."""

    at: float
    chat: int
    method: str
    body: bytes
    door: int


class Turned(Struct, frozen=True, gc=False):
    """A message that was answered with 429."""

    at: float
    chat: int
    door: int


class _To(Struct):
    chat_id: int


_to = msgspec.json.Decoder(_To).decode
_encode = msgspec.json.Encoder().encode


class Account(BotApi):
    """One bot. Each process gets a door (a port) of its own; *latency* is from-to in seconds, drawn per connection."""

    def __init__(
        self, *, latency: tuple[float, float] = (0.0, 0.0), limits: Limits | None = None, keeps: bool = True,
        seed: int = 1,
    ) -> None:  # fmt: skip
        super().__init__()
        self.came: list[Came] = []
        self.turned: list[Turned] = []
        self.count = 0
        self.first_at = self.last_at = 0.0
        self.last_body = b""
        self._limits, self._between, self._random = limits or Limits(), latency, Random(seed)
        self._keeps_all = keeps
        self._recent: deque[float] = deque()
        self._chat_at: dict[int, float] = {}
        self._silence, self._silent_until = 0.0, 0.0
        self._servers: list[asyncio.Server] = []

    async def open(self) -> str:
        """One more door: its URL. Doors are numbered from 0 on."""
        handle = partial(self.through, len(self._servers))
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Served(handle, self._delay()), "127.0.0.1", 0)
        self._servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        for server in self._servers:
            server.close()

    def throttle(self, seconds: float) -> None:
        """Answer the next message with 429, and with it all others for so many *seconds* from then on."""
        self._silence = seconds

    def through(self, door: int, path: str, body: bytes) -> bytes:
        """A call that came in by *door*: the whole HTTP answer."""
        if not path.endswith(SENDS):
            return self.handle(path, body)
        at, chat = time.perf_counter(), _to(body).chat_id
        wait = self._wait(at, chat)
        if wait > 0:
            self.turned.append(Turned(at, chat, door))
            return _too_fast(math.ceil(wait))
        self.calls += 1
        self.count += 1
        self.first_at, self.last_at, self.last_body = self.first_at or at, at, body
        if self._keeps_all:
            self.came.append(Came(at, chat, SENDS, body, door))
        result = {"message_id": self.count, "date": int(time.time()), "chat": {"id": chat, "type": "private"}}
        return answer(_encode({"ok": True, "result": result}))

    def reset(self) -> None:
        """Forget what came, for the next round."""
        self.came, self.turned, self.count, self.first_at, self.last_at = [], [], 0, 0.0, 0.0

    def _delay(self) -> float:
        return self._random.uniform(*self._between)

    def _wait(self, at: float, chat: int) -> float:
        """Seconds that Telegram would have the sender wait; 0 takes the message."""
        if self._silence:
            self._silence, self._silent_until = 0.0, at + self._silence
        if at < self._silent_until:
            return self._silent_until - at
        if self._limits.rate:
            while self._recent and self._recent[0] <= at - 1:
                self._recent.popleft()
            if len(self._recent) >= self._limits.rate:
                return 1.0
        if self._limits.chat_gap and at - self._chat_at.get(chat, -math.inf) < self._limits.chat_gap:
            return self._limits.chat_gap
        self._recent.append(at)
        if self._limits.chat_gap:
            self._chat_at[chat] = at
        return 0.0


def _too_fast(seconds: int) -> bytes:
    body = _encode({
        "ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {seconds}",
        "parameters": {"retry_after": seconds},
    })  # fmt: skip
    return answer(body, b"429 Too Many Requests")

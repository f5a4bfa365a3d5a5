"""How events get to a webhook: signed, again and again when it doesn't answer, and wrong in every way on demand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any, Literal

import aiohttp

from tests.fakes.zalo.books import Attempt
from tests.fakes.zalo.clock import Time, milliseconds
from tests.fakes.zalo.rules import Rules

RETRIES = tuple(timedelta(seconds=seconds) for seconds in (30, 300, 900, 1800, 3600))
"""After each attempt that failed; after the last the webhook is switched off."""


@dataclass
class _Due:
    at: datetime
    body: bytes
    headers: Mapping[str, str]
    number: int


class Hook:
    """The webhook of the app. `attempts` has every POST; what goes out is exactly what was signed."""

    def __init__(self, rules: Rules, clock: Time) -> None:
        self.url = ""
        self.duplicates = 0
        """How often each event that was taken is sent again at once."""
        self.wrong_secret = ""
        """Sign with this instead of the OA's key: "" for the right one."""
        self.bare_hex = False
        """Without "mac=" before the signature."""
        self.header_timestamp = False
        """Sign with the header's time, which then isn't quite the body's."""
        self.retries: Literal["any", "connect", "off"] = "any"
        """U7: again after every answer but 200, or only when no connection could be opened."""
        self.holds = False
        """Keep events back until `release`."""
        self.patience = 2.0
        """Seconds until an answer is too late."""
        self.is_disabled = False
        self.lost = 0
        """Events that were given up, or came when the webhook was switched off."""
        self.attempts: list[Attempt] = []
        self.held: list[tuple[bytes, Mapping[str, str]]] = []
        self._rules, self._clock = rules, clock
        self._due: list[_Due] = []
        self._tasks: set[asyncio.Task[int]] = set()
        self._turns = asyncio.Semaphore(20)  # POSTs at one time, of those in the background
        self._client: aiohttp.ClientSession | None = None

    async def tell(self, event: Mapping[str, Any], *, server: str = "") -> int:
        """Sign *event* and send it; the status of the first attempt, 0 where there is none."""
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        return await self.tell_raw(body, server=server)

    async def tell_raw(self, body: bytes, *, server: str = "") -> int:
        """The same with any bytes, signed as they are."""
        headers = self.signed(body) | ({"X-ZEvent-Server": server} if server else {})
        if self.holds:
            self.held.append((body, headers))
            return 0
        return await self._deliver(body, headers)

    def tell_later(self, event: Mapping[str, Any], *, server: str = "") -> None:
        """Send *event* in the background, as what follows from a call; `settle` waits for it."""
        if self.url:
            task = asyncio.create_task(self._tell_in_turn(event, server))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Wait until everything that was to be sent in the background was tried."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers for *body* as it is set to sign now."""
        timestamp = _timestamp(body) or milliseconds(self._clock())
        if self.header_timestamp:
            timestamp = str(int(timestamp) + 1)
        secret = self.wrong_secret or self._rules.oa_secret
        signature = mac(_app_id(body) or self._rules.app_id, body, timestamp, secret)
        return {
            "Content-Type": "application/json",
            "X-ZEvent-Signature": signature if self.bare_hex else f"mac={signature}",
            "X-ZEvent-Timestamp": timestamp,
        }

    async def probe(self, url: str = "", body: bytes = b"{}") -> int:
        """Post *body* unsigned, as when the address is saved. The status."""
        return await self._post(url or self.url, body, {"Content-Type": "application/json"})

    async def release(self, order: Random | None = None) -> list[int]:
        """Send what was held back, the newest first or in a random order. The statuses."""
        held, self.held, self.holds = self.held[::-1], [], False
        if order is not None:
            order.shuffle(held)
        return [await self._deliver(body, headers) for body, headers in held]

    async def repeat(self, number: int = -1) -> int:
        """Send an earlier POST once more, byte for byte: the newest, or the one of that place. The status."""
        attempt = self.attempts[number]
        return await self._attempt(attempt.body, attempt.headers, attempt.number)

    async def advance(self, seconds: float) -> None:
        """Move the clock, sending again on the way what falls due."""
        until = self._clock() + timedelta(seconds=seconds)
        while due := [each for each in self._due if each.at <= until]:
            first = min(due, key=lambda each: each.at)
            self._clock.advance(seconds=max((first.at - self._clock()).total_seconds(), 0))
            await self.run_due()
        self._clock.advance(seconds=max((until - self._clock()).total_seconds(), 0))

    async def run_due(self) -> None:
        """Send again what is due by now."""
        now = self._clock()
        due = sorted((each for each in self._due if each.at <= now), key=lambda each: each.at)
        self._due = [each for each in self._due if each not in due]
        for each in due:
            await self._deliver(each.body, each.headers, each.number)

    async def start(self) -> None:
        self._client = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))  # a bot may be restarted

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._client is not None:
            await self._client.close()

    async def _tell_in_turn(self, event: Mapping[str, Any], server: str) -> int:
        async with self._turns:
            return await self.tell(event, server=server)

    async def _deliver(self, body: bytes, headers: Mapping[str, str], number: int = 0) -> int:
        if not self.url or self.is_disabled:
            self.lost += bool(self.url)
            return 0
        status = await self._attempt(body, headers, number)
        if status == 200:
            for _ in range(self.duplicates):
                await self._attempt(body, headers, number)
        else:
            self._plan(body, headers, number, status)
        return status

    def _plan(self, body: bytes, headers: Mapping[str, str], number: int, status: int) -> None:
        if self.retries == "off" or (self.retries == "connect" and status):
            self.lost += 1
        elif number == len(RETRIES):
            self.lost += 1
            self.is_disabled = True
        else:
            self._due.append(_Due(self._clock() + RETRIES[number], body, headers, number + 1))

    async def _attempt(self, body: bytes, headers: Mapping[str, str], number: int) -> int:
        retry = {"num_retry": str(number)} if number else {}
        status = await self._post(self.url, body, {**headers, **retry})
        self.attempts.append(Attempt(body, headers, number, status, self._clock()))
        return status

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        assert self._client is not None, "the fake is not started"
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with (
                asyncio.timeout(self.patience),
                self._client.post(url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                await response.read()
                return response.status
        return 0


def mac(app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """The signature of C2: SHA-256 over the four, one after the other. Lowercase hex."""
    return sha256(app_id.encode() + body + timestamp.encode() + secret.encode()).hexdigest()


def _timestamp(body: bytes) -> str:
    return _text_of(body, "timestamp")


def _app_id(body: bytes) -> str:
    return _text_of(body, "app_id")


def _text_of(body: bytes, name: str) -> str:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    value = fields.get(name) if isinstance(fields, dict) else None
    return value if isinstance(value, str) else ""

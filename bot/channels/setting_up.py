"""Setting an account up in the background, again and again until its platform is there."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import structlog

from bot.channels.base import Misconfigured, Rejected, SendError

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 60.0
"""How often a platform is asked what it says of our webhook."""

Backoff = Callable[[int], float]
"""Seconds to wait after so many failures in a row."""


def patiently(failures: int) -> float:
    """1, 2, 4 … 60 seconds."""
    return min(60.0, 2.0 ** min(failures - 1, 6))


def secret_of(token: str) -> str:
    """The webhook's secret when none is set: the same at every start, and telling nothing of the token."""
    return hmac.new(token.encode(), b"webhook secret", "sha256").hexdigest()


class SettingUp:
    """Does `work` until it succeeds: that is `ready`. `state` says in words how the account is."""

    def __init__(self, channel: str, work: Callable[[], Awaitable[str]], backoff: Backoff) -> None:
        """*work* returns the account's name and raises SendError."""
        self.ready = asyncio.Event()
        self.state = "not started"
        self.username = ""
        self._channel, self._work, self._backoff = channel, work, backoff
        self._task: asyncio.Task[None] | None = None

    def start(self, watch: Callable[[], Awaitable[None]] | None = None) -> None:
        """Begin; once the account is ready, *watch* is awaited from time to time. It may raise SendError."""
        self._task = asyncio.create_task(self._run(watch))

    def leave_to_others(self) -> None:
        """Another process sets the account up: sending works all the same."""
        self.state = "ready"

    async def close(self) -> None:
        """Leave off. What was set up stays: what people write meanwhile waits at the platform."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self, watch: Callable[[], Awaitable[None]] | None) -> None:
        failures = 0
        while not self.ready.is_set():
            try:
                self.username = await self._work()
            except SendError as exc:
                failures += 1
                refused = isinstance(exc, Misconfigured | Rejected)
                self.state = f"{'refused, check the token' if refused else 'cannot be reached'}: {exc.reason}"
                log.warning("an account is not ready", channel=self._channel, state=self.state, failures=failures)
                await asyncio.sleep(self._backoff(failures))
                continue
            self.state = "ready"
            self.ready.set()
            log.info("an account is ready", channel=self._channel, username=self.username)
        while watch is not None:
            with suppress(SendError):
                await watch()
            await asyncio.sleep(LOOK_SECONDS)

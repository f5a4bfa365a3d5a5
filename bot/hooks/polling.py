"""Asking a platform for updates again and again, which outlives whatever one of them brings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import structlog

from bot.channels.base import SendError, Throttled
from bot.channels.setting_up import Backoff, SettingUp
from bot.services.conversation import Unavailable

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Polling:
    """Does `poll` until it is stopped, once the account is set up (a webhook would forbid it)."""

    def __init__(self, channel: str, account: SettingUp, poll: Callable[[], Awaitable[None]], backoff: Backoff) -> None:
        self.is_stopping = False
        self._channel, self._account, self._poll, self._backoff = channel, account, poll, backoff
        self._task: asyncio.Task[None] | None = None
        self._waiting: asyncio.Task[Any] | None = None

    def start(self) -> None:
        """Poll in the background."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Let the poll finish what it has in hand, and stop."""
        self.is_stopping = True
        if self._waiting is not None:
            self._waiting.cancel()
        if self._task is not None:
            await self._task

    async def unless_stopped(self, waiting: Coroutine[Any, Any, T]) -> T | None:
        """The result, or None when `stop` cut the waiting short."""
        task = asyncio.create_task(waiting)
        self._waiting = task
        if self.is_stopping:
            task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            if self.is_stopping:
                return None
            raise
        finally:
            self._waiting = None

    async def _run(self) -> None:
        failures = 0
        await self.unless_stopped(self._account.ready.wait())
        while not self.is_stopping:
            try:
                await self._poll()
                failures = 0
            except Exception as exc:  # the loop must outlive whatever one batch brings
                failures += 1
                self._report(exc, failures)
                pause = exc.retry_after if isinstance(exc, Throttled) else self._backoff(failures)
                await self.unless_stopped(asyncio.sleep(pause))

    def _report(self, exc: Exception, failures: int) -> None:
        reason = exc.reason if isinstance(exc, SendError) else type(exc).__name__
        self._account.state = f"polling failed: {reason}"
        expected = isinstance(exc, SendError | Unavailable)
        log.warning(
            "polling failed", channel=self._channel, reason=reason, failures=failures,
            exc_info=None if expected else exc,
        )  # fmt: skip

"""One Telegram bot as a channel: encodes, sends, and sets itself up in the background until Telegram is there."""

from __future__ import annotations

import asyncio
import hmac
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

import msgspec
import structlog

from bot.channels.base import Capabilities, Misconfigured, Payload, Rejected, SendError
from bot.channels.telegram.account import Account, Commands
from bot.channels.telegram.encode import closing_of, payloads_of
from bot.channels.telegram.markup import MAX_TEXT
from bot.channels.telegram.send import PUBLIC_API, READ_SECONDS, BotApi
from bot.channels.telegram.wire import ALLOWED_UPDATES, CHANNEL
from bot.messages import Address, Outgoing

log = structlog.get_logger(__name__)

LOOK_SECONDS = 60.0
"""How often Telegram is asked what it says of our webhook."""

Backoff = Callable[[int], float]
"""Seconds to wait after so many failures in a row."""


def patiently(failures: int) -> float:
    """1, 2, 4 … 60 seconds."""
    return min(60.0, 2.0 ** min(failures - 1, 6))


def secret_of(token: str) -> str:
    """The webhook's secret when none is set: the same at every start, and telling nothing of the token."""
    return hmac.new(token.encode(), b"webhook secret", "sha256").hexdigest()


class TelegramChannel:
    """One bot account. With `webhook` (a full URL) updates are sent there, without it they are polled for.

    `listens` false: another process takes in what people write, and this one leaves webhook and polling alone.
    """

    name = CHANNEL

    def __init__(
        self,
        token: str,
        *,
        api: str = PUBLIC_API,
        webhook: str = "",
        secret: str = "",
        commands: Commands | None = None,
        rate: float = 25,
        chat_gap: timedelta = timedelta(seconds=1),
        read_seconds: float = READ_SECONDS,
        backoff: Backoff = patiently,
        listens: bool = True,
    ) -> None:
        self.capabilities = Capabilities(edits=True, buttons=True, max_text=MAX_TEXT, rate=rate, chat_gap=chat_gap)
        self.secret = secret or secret_of(token)
        self.ready = asyncio.Event()
        self.counts: Counter[str] = Counter()
        self._api = BotApi(token, api, read_seconds=read_seconds)
        self._webhook = webhook
        self._commands = commands or {}
        self._backoff = backoff
        self._listens = listens
        self._state = "not started"
        self._username = ""
        self._pending: Mapping[str, object] = {}
        self._setting_up: asyncio.Task[None] | None = None

    def encode(self, to: Address, message: Outgoing) -> list[Payload]:
        """See Channel. An over-long text becomes several messages; `replaces` makes the first of them an edit."""
        return payloads_of(to, message)

    async def send(self, payload: Payload) -> str:
        """See Channel."""
        return await self._api.send(payload)

    def closing(self, to: Address, message_id: str) -> Payload | None:
        """See Channel."""
        return closing_of(to, message_id) if message_id else None

    async def start(self) -> None:
        """See Channel. Sending works at once; the rest is set up in the background, again and again until it is."""
        if self._listens:
            self._setting_up = asyncio.create_task(self._keep_set_up())
        else:
            self._state = "ready"

    async def close(self) -> None:
        """See Channel. The webhook stays set: what people write meanwhile waits at Telegram."""
        if self._setting_up is not None:
            self._setting_up.cancel()
            with suppress(asyncio.CancelledError):
                await self._setting_up
        await self._api.close()

    def health(self) -> Mapping[str, object]:
        """See Channel. `state` is in words; `updates` counts what came in and what we left aside, by kind."""
        return {
            "ok": self._state == "ready",
            "state": self._state,
            "username": self._username,
            "webhook": bool(self._webhook),
            "updates": dict(self.counts),
            **self._pending,
        }

    def report(self, state: str) -> None:
        """Have the health page say *state* (the poller's troubles)."""
        self._state = state

    async def updates(self, offset: int, seconds: int) -> list[msgspec.Raw]:
        """The updates from *offset* on, each as raw JSON; waits up to *seconds* for one. Raises SendError.

        Raw, because one update that can't be read would hold up all behind it.
        """
        body = msgspec.json.encode({"offset": offset, "timeout": seconds, "allowed_updates": ALLOWED_UPDATES})
        result = await self._api.call("getUpdates", body, read_seconds=seconds + self._api.read_seconds)
        return msgspec.json.decode(result, type=list[msgspec.Raw])

    async def acknowledge(self, receipt: str) -> None:
        """Take the waiting sign off a tapped button. Its failure is nothing that anyone need act on."""
        with suppress(SendError):
            await self._api.call("answerCallbackQuery", acknowledgement(receipt))

    async def _keep_set_up(self) -> None:
        failures = 0
        account = Account(self._api)
        while not self.ready.is_set():
            try:
                await self._set_up(account)
            except SendError as exc:
                failures += 1
                refused = isinstance(exc, Misconfigured | Rejected)
                self._state = f"{'refused, check the token' if refused else 'cannot be reached'}: {exc.reason}"
                log.warning("telegram is not ready", state=self._state, failures=failures)
                await asyncio.sleep(self._backoff(failures))
        while self._webhook:
            with suppress(SendError):
                self._pending = await account.webhook_info()
            await asyncio.sleep(LOOK_SECONDS)

    async def _set_up(self, account: Account) -> None:
        self._username = await account.introduce()
        await account.set_commands(self._commands)
        if self._webhook:
            await account.set_webhook(self._webhook, self.secret)
        else:
            await account.delete_webhook()
        self._state = "ready"
        self.ready.set()
        log.info("telegram is ready", username=self._username)


def acknowledgement(receipt: str, **more: str) -> bytes:
    """The parameters of answerCallbackQuery."""
    return msgspec.json.encode({**more, "callback_query_id": receipt})

"""One Telegram bot as a channel: encodes, sends, and sets itself up in the background until Telegram is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

import msgspec

from bot.channels.base import Capabilities, Payload, SendError
from bot.channels.bot_api import READ_SECONDS, BotApi
from bot.channels.media import Read, nothing
from bot.channels.setting_up import Backoff, SettingUp, patiently, secret_of
from bot.channels.telegram.account import Account, Commands
from bot.channels.telegram.encode import closing_of, payloads_of
from bot.channels.telegram.errors import error_in
from bot.channels.telegram.markup import MAX_TEXT
from bot.channels.telegram.media import Carrier
from bot.channels.telegram.send import PUBLIC_API, send
from bot.channels.telegram.wire import ALLOWED_UPDATES, CHANNEL
from bot.messages import Address, Outgoing


class TelegramChannel:
    """One bot account. With `webhook` (a full URL) updates are sent there, without it they are polled for.

    `listens` false: another process takes in what people write, and this one leaves webhook and polling alone. `read`
    brings the bytes of pictures and files.
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
        read: Read = nothing,
    ) -> None:
        self.capabilities = Capabilities(edits=True, buttons=True, max_text=MAX_TEXT, rate=rate, chat_gap=chat_gap)
        self.secret = secret or secret_of(token)
        self.setting_up = SettingUp(CHANNEL, self._set_up, backoff)
        self.counts: Counter[str] = Counter()
        self._api = BotApi(token, api, error_in, read_seconds=read_seconds)
        self._carrier = Carrier(self._api, read)
        self._account = Account(self._api)
        self._webhook = webhook
        self._commands = commands or {}
        self._listens = listens
        self._pending: Mapping[str, object] = {}

    def encode(self, to: Address, message: Outgoing) -> list[Payload]:
        """See Channel. An over-long text becomes several messages; `replaces` makes the first of them an edit."""
        return payloads_of(to, message)

    async def send(self, payload: Payload) -> str:
        """See Channel."""
        return await send(self._api, payload, self._carrier)

    def closing(self, to: Address, message_id: str) -> Payload | None:
        """See Channel."""
        return closing_of(to, message_id) if message_id else None

    async def start(self) -> None:
        """See Channel. Sending works at once; the rest is set up in the background, again and again until it is."""
        if self._listens:
            self.setting_up.start(self._look if self._webhook else None)
        else:
            self.setting_up.leave_to_others()

    async def close(self) -> None:
        """See Channel. The webhook stays set: what people write meanwhile waits at Telegram."""
        await self.setting_up.close()
        await self._api.close()

    def health(self) -> Mapping[str, object]:
        """See Channel. `state` is in words; `updates` counts what came in and what we left aside, by kind."""
        return {
            "ok": self.setting_up.state == "ready",
            "state": self.setting_up.state,
            "username": self.setting_up.username,
            "webhook": bool(self._webhook),
            "updates": dict(self.counts),
            **self._pending,
        }

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

    async def _set_up(self) -> str:
        username = await self._account.introduce()
        await self._account.set_commands(self._commands)
        if self._webhook:
            await self._account.set_webhook(self._webhook, self.secret)
        else:
            await self._account.delete_webhook()
        return username

    async def _look(self) -> None:
        self._pending = await self._account.webhook_info()


def acknowledgement(receipt: str, **more: str) -> bytes:
    """The parameters of answerCallbackQuery."""
    return msgspec.json.encode({**more, "callback_query_id": receipt})

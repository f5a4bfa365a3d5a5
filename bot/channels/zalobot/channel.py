"""One bot of the Zalo Bot Platform as a channel: small, without buttons, and with a month's number of messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Final

import msgspec
from msgspec import Raw, Struct

from bot.channels.base import Capabilities, Payload
from bot.channels.bot_api import READ_SECONDS, BotApi
from bot.channels.media import carried
from bot.channels.setting_up import Backoff, SettingUp, patiently, secret_of
from bot.channels.zalobot.account import Account
from bot.channels.zalobot.encode import MAX_TEXT, PHOTO, in_words, payloads_of
from bot.channels.zalobot.errors import QuotaExceeded, TimedOut, WebhookIsSet, error_in
from bot.channels.zalobot.wire import CHANNEL, Id
from bot.messages import Address, Outgoing

PUBLIC_API: Final = "https://bot-api.zaloplatforms.com"


class _Sent(Struct, gc=False):
    message_id: Id = ""


_sent = msgspec.json.Decoder(_Sent)


class ZaloBotChannel:
    """One bot account. With `webhook` (a full URL) updates are sent there, without it they are polled for.

    `quota` is how many messages a month its plan allows (0: any number). The platform alone refuses; `used`, which
    others count, is for the health page. `listens` false: another process takes in what people write. `media_at` is
    where the world finds our pictures and files.
    """

    name = CHANNEL

    def __init__(
        self,
        token: str,
        *,
        api: str = PUBLIC_API,
        webhook: str = "",
        secret: str = "",
        rate: float = 5,
        quota: int = 3000,
        read_seconds: float = READ_SECONDS,
        backoff: Backoff = patiently,
        listens: bool = True,
        media_at: str = "",
    ) -> None:
        # Of a limit for one chat nothing is known.
        self.capabilities = Capabilities(
            edits=False, buttons=False, max_text=MAX_TEXT, rate=rate, chat_gap=timedelta(), a_month=quota
        )  # fmt: skip
        self.secret = secret or secret_of(token)
        self.setting_up = SettingUp(CHANNEL, self._set_up, backoff)
        self.counts: Counter[str] = Counter()
        self.used = 0
        self._is_used_up = False
        self._api = BotApi(token, api, error_in, read_seconds=read_seconds)
        self._account = Account(self._api)
        self._webhook, self._media_at = webhook, media_at
        self._listens = listens

    def encode(self, to: Address, message: Outgoing) -> list[Payload]:
        """See Channel."""
        return payloads_of(to, message, self._media_at)

    async def send(self, payload: Payload) -> str:
        """See Channel."""
        try:
            result = await self._sent(payload)
        except QuotaExceeded:
            self._is_used_up = True
            raise
        self._is_used_up = False
        return _message_id(result)

    def closing(self, to: Address, message_id: str) -> Payload | None:
        """See Channel. There are no buttons to take off."""
        return None

    async def start(self) -> None:
        """See Channel. Sending works at once; the rest is set up in the background, again and again until it is."""
        if self._listens:
            self.setting_up.start()
        else:
            self.setting_up.leave_to_others()

    async def close(self) -> None:
        """See Channel. The webhook stays set."""
        await self.setting_up.close()
        await self._api.close()

    def health(self) -> Mapping[str, object]:
        """See Channel. `state` is in words; `updates` counts what came in and what we left aside, by kind."""
        is_ready = self.setting_up.state == "ready"
        return {
            "ok": is_ready and not self._is_used_up,
            "state": "the month's messages are used up" if is_ready and self._is_used_up else self.setting_up.state,
            "username": self.setting_up.username,
            "webhook": bool(self._webhook),
            "updates": dict(self.counts),
            "month": {"sent": self.used, "allowed": self.capabilities.a_month},
        }

    async def updates(self, seconds: int) -> list[bytes]:
        """What has come, one update as a rule, as raw JSON; waits up to *seconds* for it. Raises SendError.

        Nothing confirms an update: it may come again, and one that we lose does not.
        """
        body = msgspec.json.encode({"timeout": str(seconds)})
        try:
            result = await self._api.call("getUpdates", body, read_seconds=seconds + self._api.read_seconds)
        except TimedOut:
            return []
        except WebhookIsSet:
            await self._account.delete_webhook()
            raise
        return _updates_in(bytes(result))

    async def _sent(self, payload: Payload) -> Raw:
        words = in_words(payload.body) if payload.method == PHOTO else None
        told = self._api.call(payload.method, payload.body)
        return await carried(told, partial(self._api.call, "sendMessage", words) if words is not None else None)

    async def _set_up(self) -> str:
        username = await self._account.introduce()
        if self._webhook:
            await self._account.set_webhook(self._webhook, self.secret)
        else:
            await self._account.delete_webhook()
        return username


def _message_id(result: Raw) -> str:
    """The id of a message that was taken; "" when the answer doesn't tell: it was taken all the same."""
    try:
        return str(_sent.decode(result).message_id)[:64]
    except msgspec.MsgspecError:
        return ""


def _updates_in(result: bytes) -> list[bytes]:
    """One object as a rule; a list, as others of its kind answer, is taken as well."""
    if result.startswith(b"["):
        return [bytes(one) for one in msgspec.json.decode(result, type=list[Raw])]
    return [result] if result not in (b"", b"{}", b"null") else []

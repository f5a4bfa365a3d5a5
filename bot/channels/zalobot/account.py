"""What sets a bot of the Zalo Bot Platform up: who we are, and the webhook."""

from __future__ import annotations

from contextlib import suppress

from msgspec import Struct

from bot.channels.base import Misconfigured, Rejected, Unknown
from bot.channels.bot_api import BotApi


class _Me(Struct):
    account_name: str = ""


class _Verification(Struct):
    ok: bool = True
    outcome: str | None = ""
    hint: str | None = ""


class _Webhook(Struct):
    url: str | None = ""
    verification: _Verification | None = None


class Account:
    """One bot's account. Every call raises SendError."""

    def __init__(self, api: BotApi) -> None:
        self._api = api

    async def introduce(self) -> str:
        """Our account's name, from getMe."""
        return (await self._api.ask("getMe", _Me)).account_name

    async def set_webhook(self, url: str, secret: str) -> None:
        """Have updates sent to *url*. `Unknown` when the platform tried it and was not answered."""
        told = await self._api.ask("setWebhook", _Webhook, url=url, secret_token=secret)
        if told.verification is not None and not told.verification.ok:
            why = told.verification.hint or told.verification.outcome or "no reason given"
            raise Unknown(f"the webhook was not answered when it was tried: {why}")

    async def delete_webhook(self) -> None:
        """Make way for polling. Where there is no webhook the platform answers "Not Found": that is as well."""
        with suppress(Misconfigured, Rejected):
            await self._api.call("deleteWebhook", b"{}")

    async def webhook(self) -> str:
        """Where updates are sent to; "" when nowhere."""
        with suppress(Misconfigured, Rejected):
            return (await self._api.ask("getWebhookInfo", _Webhook)).url or ""
        return ""

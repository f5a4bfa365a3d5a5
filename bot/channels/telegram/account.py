"""What sets an account up: who we are, the webhook, the menu of commands. Five calls, made as the hot ones are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from bot.channels.bot_api import BotApi
from bot.channels.telegram.wire import ALLOWED_UPDATES

Commands = Mapping[str, Sequence[tuple[str, str]]]
"""Language -> (command, description); language "" is for everyone whose own isn't there."""

MAX_WEBHOOK_CONNECTIONS: Final = 40


class _User(Struct):
    id: int
    username: str = ""


class WebhookInfo(Struct):
    """Where Telegram sends updates ("": they are polled), and how that goes."""

    pending_update_count: int
    url: str = ""
    last_error_message: str = ""


class Account:
    """One bot's account at Telegram. Every call raises SendError."""

    def __init__(self, api: BotApi) -> None:
        self._api = api

    async def introduce(self) -> str:
        """Our username, from getMe."""
        return (await self._api.ask("getMe", _User)).username

    async def set_commands(self, commands: Commands) -> None:
        """Put *commands* into the menu beside the text field."""
        for language, listed in commands.items():
            menu = [{"command": command, "description": description} for command, description in listed]
            await self._api.ask("setMyCommands", bool, commands=menu, language_code=language)

    async def set_webhook(self, url: str, secret: str) -> None:
        """Have updates sent to *url*. What is pending stays pending: people wrote it."""
        await self._api.ask(
            "setWebhook", bool, url=url, secret_token=secret, allowed_updates=ALLOWED_UPDATES,
            max_connections=MAX_WEBHOOK_CONNECTIONS,
        )  # fmt: skip

    async def delete_webhook(self) -> None:
        """Make way for polling; what is pending stays pending."""
        await self._api.ask("deleteWebhook", bool, drop_pending_updates=False)

    async def webhook(self) -> WebhookInfo:
        """What Telegram says of our webhook."""
        return await self._api.ask("getWebhookInfo", WebhookInfo)

    async def webhook_info(self) -> dict[str, object]:
        """As `webhook`, for the health page: how many updates are pending, and the last error."""
        info = await self.webhook()
        return {"pending": info.pending_update_count, "last_error": info.last_error_message}

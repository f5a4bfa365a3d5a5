"""What sets an account up: who we are, the webhook, the menu of commands. Five calls, made as the hot ones are.

No library for them: python-telegram-bot and its HTTP client cost each process 18 MB, a seventh of all it had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from bot.channels.base import Unknown
from bot.channels.telegram.send import BotApi
from bot.channels.telegram.wire import ALLOWED_UPDATES

Commands = Mapping[str, Sequence[tuple[str, str]]]
"""Language -> (command, description); language "" is for everyone whose own isn't there."""

MAX_WEBHOOK_CONNECTIONS: Final = 40

T = TypeVar("T")


class _User(Struct):
    id: int
    username: str = ""


class _WebhookInfo(Struct):
    pending_update_count: int
    last_error_message: str = ""


class Account:
    """One bot's account at Telegram. Every call raises SendError."""

    def __init__(self, api: BotApi) -> None:
        self._api = api

    async def introduce(self) -> str:
        """Our username, from getMe."""
        return (await self._ask("getMe", _User)).username

    async def set_commands(self, commands: Commands) -> None:
        """Put *commands* into the menu beside the text field."""
        for language, listed in commands.items():
            menu = [{"command": command, "description": description} for command, description in listed]
            await self._ask("setMyCommands", bool, commands=menu, language_code=language)

    async def set_webhook(self, url: str, secret: str) -> None:
        """Have updates sent to *url*. What is pending stays pending: people wrote it."""
        await self._ask(
            "setWebhook", bool, url=url, secret_token=secret, allowed_updates=ALLOWED_UPDATES,
            max_connections=MAX_WEBHOOK_CONNECTIONS,
        )  # fmt: skip

    async def delete_webhook(self) -> None:
        """Make way for polling; what is pending stays pending."""
        await self._ask("deleteWebhook", bool, drop_pending_updates=False)

    async def webhook_info(self) -> dict[str, object]:
        """What Telegram says of our webhook: how many updates are pending, and its last error."""
        info = await self._ask("getWebhookInfo", _WebhookInfo)
        return {"pending": info.pending_update_count, "last_error": info.last_error_message}

    async def _ask(self, method: str, kind: type[T], **parameters: Any) -> T:
        result = await self._api.call(method, msgspec.json.encode(parameters))
        try:
            return msgspec.json.decode(result, type=kind)
        except msgspec.MsgspecError as error:
            reason = str(error)  # names a field of the answer, never the URL
        raise Unknown(f"{method}: {reason}")

"""Which channels are on, as the settings say; where the people were made up, none of them leads out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.channels.base import Channel
from bot.channels.pretend import Pretend
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.webchat import WebChat
from bot.config import Settings
from bot.engine.state import Library
from bot.hooks.telegram import PATH as TELEGRAM_PATH
from bot.library.load import load_commands

NOBODY = "0:synthetic"
"""The token of no account: what stands in for Telegram never shows it to anybody."""


@dataclass(frozen=True, slots=True)
class Platforms:
    """`telegram` is the account itself, None where Telegram is off or pretended; `channels` are those that send."""

    webchat: WebChat
    telegram: TelegramChannel | None
    channels: Mapping[str, Channel]


def platforms_of(
    settings: Settings, library: Library, *, is_synthetic: bool = False, listens: bool = True
) -> Platforms:  # fmt: skip
    """What is on, in the order in which a broadcast prefers it: a closed page of the web chat tells nobody of anything.

    None of it is started. In a database of made-up people Telegram stays off, whatever the settings say.
    """
    webchat = WebChat()
    if is_synthetic:
        return Platforms(webchat, None, _by_name(Pretend(TelegramChannel(NOBODY)), webchat))
    telegram = _telegram(settings, library, listens=listens)
    return Platforms(webchat, telegram, _by_name(*((telegram, webchat) if telegram else (webchat,))))


def _by_name(*channels: Channel) -> Mapping[str, Channel]:
    return {channel.name: channel for channel in channels}


def _telegram(settings: Settings, library: Library, *, listens: bool) -> TelegramChannel | None:
    token = settings.telegram_token
    if token is None:
        return None
    listed = [(c.slash[0], c.description) for c in load_commands(settings.dialogs) if c.slash and c.description]
    english = [(command, library.translate("en", description)) for command, description in listed]
    return TelegramChannel(
        token.get_secret_value(),
        api=settings.telegram_api,
        webhook=settings.public_url + TELEGRAM_PATH if settings.public_url else "",
        secret=settings.telegram_secret.get_secret_value() if settings.telegram_secret else "",
        commands={"": listed, "en": english},
        rate=settings.telegram_rate,
        chat_gap=timedelta(seconds=settings.telegram_chat_gap),
        listens=listens,
    )

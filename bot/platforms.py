"""Which channels are on, as the settings say; where the people were made up, none of them leads out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING, Final

from bot.channels.base import Channel, Misconfigured, Reach
from bot.channels.pretend import Pretend
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.webchat import MEDIA_AT, WebChat
from bot.config import Settings, prices_in
from bot.engine.state import Library
from bot.hooks.telegram import PATH as TELEGRAM_PATH
from bot.library.load import load_commands
from bot.library.media import MediaFiles

if TYPE_CHECKING:  # what isn't on isn't loaded
    from bot.channels.zalo.api import Token
    from bot.channels.zalo.channel import ZaloChannel
    from bot.channels.zalobot.channel import ZaloBotChannel
    from bot.services.zalo_tokens import ZaloTokens

NOBODY = "0:synthetic"
"""The token of no account: what stands in for Telegram never shows it to anybody."""
CARD_IMAGE: Final = "/static/webchat/card/card.png"
"""The picture of the card on which people of Zalo share their phone number: Zalo fetches it from us. What stands for
the version of the files is no real one (bot/web/assets.py): so the address stays when they change."""
FREE, PAID = timedelta(hours=48), timedelta(days=7)
"""How long after somebody did something Zalo lets us answer for free, and for money."""
NIGHT, MORNING = time(22), time(6, 5)
"""When Zalo takes no promotion: until 6:00; five minutes more, for its clock is not ours."""


@dataclass(frozen=True, slots=True)
class Platforms:
    """`telegram`, `zalo` and `zalobot` are the accounts themselves, None where one is off or pretended; `channels` are
    those that send."""

    webchat: WebChat
    telegram: TelegramChannel | None
    zalo: ZaloChannel | None
    zalobot: ZaloBotChannel | None
    channels: Mapping[str, Channel]


def platforms_of(
    settings: Settings, library: Library, *, is_synthetic: bool = False, listens: bool = True,
    tokens: ZaloTokens | None = None,
) -> Platforms:  # fmt: skip
    """What is on, in the order in which a broadcast prefers it: a closed page of the web chat tells nobody of anything.

    None of it is started. In a database of made-up people no account is on, whatever the settings say. Without *tokens*
    Zalo's can plan and encode, and sends nothing.
    """
    webchat = WebChat()
    zalo, zalobot = _zalo(settings, tokens), _zalobot(settings, listens=listens)
    if is_synthetic:
        pretended = (Pretend(one) if one else None for one in (TelegramChannel(NOBODY), zalo, zalobot))
        return Platforms(webchat, None, None, None, _by_name(*pretended, webchat))
    telegram = _telegram(settings, library, listens=listens)
    return Platforms(webchat, telegram, zalo, zalobot, _by_name(telegram, zalo, zalobot, webchat))


class NoTokens:
    """Stands where nobody keeps tokens: what only plans never sends."""

    async def current(self) -> Token:
        raise Misconfigured("nobody keeps tokens here")

    async def renew(self, seen: Token) -> Token:
        raise Misconfigured("nobody keeps tokens here")


def _by_name(*channels: Channel | None) -> Mapping[str, Channel]:
    return {channel.name: channel for channel in channels if channel is not None}


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
        read=MediaFiles(settings.content).read,
    )


def _zalo(settings: Settings, tokens: ZaloTokens | None) -> ZaloChannel | None:
    if not settings.zalo_app_id:
        return None
    from bot.channels.zalo.api import ZaloApi
    from bot.channels.zalo.channel import ZaloChannel

    secret = settings.zalo_app_secret
    api = ZaloApi(
        tokens or NoTokens(), api=settings.zalo_api, template_api=settings.zalo_template_api,
        proof_secret=secret.get_secret_value() if secret and settings.zalo_proof else "",
    )  # fmt: skip
    return ZaloChannel(
        api,
        keeper=tokens.health if tokens is not None else lambda: {"ok": True},
        reach=reach_of(settings),
        tries_buttons=settings.zalo_buttons,
        card_image=settings.public_url + CARD_IMAGE if settings.public_url else "",
        rate=settings.zalo_rate,
        chat_gap=timedelta(seconds=settings.zalo_chat_gap),
        read=MediaFiles(settings.content).read,
    )


def _zalobot(settings: Settings, *, listens: bool) -> ZaloBotChannel | None:
    if settings.zalobot_token is None:
        return None
    from bot.channels.zalobot.channel import ZaloBotChannel
    from bot.hooks.zalobot import PATH as ZALOBOT_PATH

    return ZaloBotChannel(
        settings.zalobot_token.get_secret_value(),
        api=settings.zalobot_api,
        webhook=settings.public_url + ZALOBOT_PATH if settings.public_url else "",
        secret=settings.zalobot_secret.get_secret_value() if settings.zalobot_secret else "",
        rate=settings.zalobot_rate,
        quota=settings.zalobot_quota,
        listens=listens,
        media_at=settings.public_url + MEDIA_AT if settings.public_url else "",
    )


def reach_of(settings: Settings) -> Reach:
    """Whom Zalo lets us write to, and for how much."""
    prices = prices_in(settings.zalo_prices)
    return Reach(
        free=FREE,
        paid=PAID,
        prices={"free": 0, "paid": prices["paid"], "template": prices["template"], "phone": prices["phone"]},
        night=NIGHT,
        morning=MORNING,
        by_day=frozenset() if settings.zalo_phone_at_night else frozenset(("phone",)),
    )

"""The ways in of a process that takes in: the webhooks of platforms that are on, or asking them, and the web chat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.config import Settings, web_secret
from bot.hooks.media import add_media_routes
from bot.hooks.telegram import Poller as TelegramPoller
from bot.hooks.telegram import add_telegram_routes
from bot.hooks.webchat import add_webchat_routes
from bot.library.media import MediaFiles
from bot.library.shelf import Shelf
from bot.platforms import Platforms
from bot.services.conversation import Conversation
from bot.services.talk import Talk

if TYPE_CHECKING:  # what isn't on isn't loaded
    from bot.channels.zalo.channel import ZaloChannel
    from bot.hooks.zalobot import Poller as ZaloBotPoller

    Poller = TelegramPoller | ZaloBotPoller


def add_entrances(
    application: web.Application, settings: Settings, database: AsyncEngine, shelf: Shelf, platforms: Platforms,
    conversation: Conversation, now: Callable[[], datetime], *, is_synthetic: bool,
) -> None:  # fmt: skip
    """Serve them all. *is_synthetic*: the people in the database were made up, and no platform's account is on."""
    telegram, zalo, zalobot = platforms.telegram, platforms.zalo, platforms.zalobot
    if telegram is not None and settings.public_url:
        add_telegram_routes(application, telegram, conversation.receive, conversation.dead_letter)
    if zalobot is not None and settings.public_url:
        from bot.hooks.zalobot import add_zalobot_routes

        add_zalobot_routes(application, zalobot, conversation.receive, conversation.dead_letter)
    if zalo is not None:
        _add_zalo(application, settings, database, conversation, zalo, now)
    add_media_routes(application, MediaFiles(settings.content).read)
    if settings.zalo_site_code:
        from bot.hooks.zalo import add_site_proof

        add_site_proof(application, settings.zalo_site_code)
    add_webchat_routes(
        application,
        channel=platforms.webchat,
        conversations=Talk(conversation, database, platforms.webchat),
        secret=web_secret(settings),
        secure=bool(settings.public_url and settings.public_url.startswith("https:")),
        trusted_proxy=settings.trusted_proxy,
        translate=lambda language, text: shelf.library.translate(language, text),
        is_synthetic=is_synthetic,
        site_code=settings.zalo_site_code,
    )


def pollers_of(settings: Settings, platforms: Platforms, conversation: Conversation) -> Mapping[str, Poller]:
    """Who asks a platform for updates, by channel: where the world can't reach us, nobody brings them."""
    telegram, zalobot = platforms.telegram, platforms.zalobot
    if settings.public_url:
        return {}
    pollers: dict[str, Poller] = {}
    if telegram is not None:
        pollers[telegram.name] = TelegramPoller(telegram, conversation.receive, conversation.dead_letter)
    if zalobot is not None:
        from bot.hooks.zalobot import Poller as ZaloBotPoller

        pollers[zalobot.name] = ZaloBotPoller(zalobot, conversation.receive, conversation.dead_letter)
    return pollers


def _add_zalo(
    application: web.Application, settings: Settings, database: AsyncEngine, conversation: Conversation,
    channel: ZaloChannel, now: Callable[[], datetime],
) -> None:  # fmt: skip
    from bot.hooks.zalo import Keys, ZaloHook, add_zalo_routes
    from bot.services.news import News

    secret, app_secret = settings.zalo_oa_secret, settings.zalo_app_secret
    keys = Keys(
        settings.zalo_app_id, settings.zalo_oa_id, secret.get_secret_value() if secret else "",
        app_secret.get_secret_value() if app_secret else "", is_soaking=settings.zalo_soak,
    )  # fmt: skip
    news = News(database, channel.name, now=now, forget=conversation.changed_elsewhere)
    hook = ZaloHook(keys, conversation.receive, conversation.dead_letter, news, now=now, counts=channel.counts)
    add_zalo_routes(application, hook)

"""The composition root: settings to database, library, channels, services and the web application."""

from __future__ import annotations

import asyncio
import gc
import secrets
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.announcing import announcement
from bot.channels.base import Channel
from bot.config import Settings, data_folder, web_secret
from bot.entrances import add_entrances, pollers_of
from bot.hooks.health import Health, add_health_routes
from bot.library.shelf import Shelf
from bot.platforms import platforms_of
from bot.services.allowance import Allowance
from bot.services.conversation import Conversation
from bot.services.courier import Courier
from bot.services.fact_checking import FactDesk, FactWatch
from bot.services.insight.follower import Follower
from bot.services.office_hours import Absence, office_hours_in
from bot.services.pacing import Pace, SharedPace, SharedRow
from bot.services.recovery import Recovery
from bot.services.sending.broadcaster import Broadcaster
from bot.store import markers, rates
from bot.store.db import (
    is_sqlite,
    is_up_to_date,
    make_folder,
    migrate,
    open_database,
    open_sqlite,
    owning,
    reading,
)
from bot.store.ids import WORKERS, Ids
from bot.store.ledger import enlist_worker
from bot.store.turns import Turns
from bot.store.turns_postgres import PostgresTurns
from bot.store.turns_sqlite import SqliteTurns
from bot.web.later import Later

if TYPE_CHECKING:
    from bot.entrances import Poller
    from bot.services.zalo_tokens import ZaloTokens

log = structlog.get_logger()
Only = Literal["all", "courier", "hooks"]
"""What a process does: everything, only sending, or only taking in (its own replies go out all the same)."""
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
SWITCH = 0.05
"""Seconds before the thread that writes SQLite may interrupt the event loop, which gives way at every poll anyway."""
QUEUED = 1024
"""Connections that may wait to be accepted: a burst after a restart is Telegram's 40 and some hundred pages."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that runs, for the web application and for tests."""

    settings: Settings
    database: AsyncEngine
    shelf: Shelf
    channels: Mapping[str, Channel]
    conversation: Conversation
    courier: Courier
    facts: FactWatch
    recovery: Recovery
    broadcaster: Broadcaster | None
    follower: Follower | None
    pollers: Mapping[str, Poller]
    allowance: Allowance | None
    tokens: ZaloTokens | None
    application: web.Application
    is_synthetic: bool


def day_of(settings: Settings, now: Callable[[], datetime]) -> Callable[[], date]:
    """Today in Hà Nội, or the fixed day of BOT_TODAY."""
    fixed = settings.today
    return (lambda: fixed) if fixed is not None else (lambda: now().astimezone(HANOI).date())


async def _turns(settings: Settings, database: AsyncEngine, now: Callable[[], datetime]) -> Turns:
    if is_sqlite(settings.database_url):
        return SqliteTurns(open_sqlite(settings.database_url), now)
    return PostgresTurns(database, now)


async def _is_synthetic(database: AsyncEngine) -> bool:
    """Whether the people in it were made up: then nothing leaves for a real platform."""
    async with reading(database).connect() as db:
        return await markers.is_synthetic(db)


async def _enlist(database: AsyncEngine, now: Callable[[], datetime]) -> int:
    """This process's number among those that share the database."""
    async with database.begin() as db:
        return await enlist_worker(db, now=now(), numbers=secrets.SystemRandom().sample(range(WORKERS), WORKERS))


async def _paces(database: AsyncEngine, channels: Mapping[str, Channel]) -> Mapping[str, Pace]:
    """Send times of each account: kept by the process that owns it, or in a row that all workers share."""
    if database.dialect.name == "sqlite":
        return {name: Pace(channel.capabilities) for name, channel in channels.items()}
    async with database.begin() as db:
        for name in channels:
            await rates.ensure(db, name)
    return {name: SharedPace(one.capabilities, SharedRow(database, name)) for name, one in channels.items()}


def _tokens(settings: Settings, database: AsyncEngine, now: Callable[[], datetime]) -> ZaloTokens | None:
    """Who keeps Zalo's tokens. What isn't on isn't loaded: a bot without Zalo does without 2 MB."""
    if not settings.zalo_app_id:
        return None
    from bot.accounts import tokens_of

    return tokens_of(settings, database, now)


async def _opened(settings: Settings, stack: AsyncExitStack) -> AsyncEngine:
    """The database, ours alone where it is a file, with its tables as this version wants them."""
    make_folder(settings.database_url)
    stack.enter_context(owning(settings.database_url))
    database = open_database(settings.database_url)
    stack.push_async_callback(database.dispose)
    await migrate(database)
    return database


async def assemble(
    settings: Settings, *, now: Callable[[], datetime], stack: AsyncExitStack, only: Only = "all",
    shelf: Shelf | None = None,
) -> Parts:  # fmt: skip
    """Build and start everything, or one part of the work; *stack* closes it again, in the right order. *shelf*, if it
    was read already, is that of the settings.

    Raises `DatabaseUnfit` or `LibraryError`, with nothing started and nothing changed.
    """
    listens = only != "courier"
    shelf = shelf or Shelf(settings.dialogs, settings.content, settings.locales, understands=listens)
    database = await _opened(settings, stack)
    turns = await _turns(settings, database, now)
    stack.push_async_callback(turns.close)
    is_synthetic = await _is_synthetic(database)
    tokens = None if is_synthetic else _tokens(settings, database, now)
    platforms = platforms_of(settings, shelf.library, is_synthetic=is_synthetic, listens=listens, tokens=tokens)
    zalobot, channels, alone = platforms.zalobot, platforms.channels, is_sqlite(settings.database_url)
    worker = 0 if alone else await _enlist(database, now)
    paces, ids, today = await _paces(database, channels), Ids(worker, now), day_of(settings, now)
    courier = Courier(channels, paces)
    conversation = Conversation(
        turns, library=lambda: shelf.library, channels=channels, ids=ids, now=now, today=today, owe=courier.owe,
        away=Absence(office_hours_in(settings.office_hours), lambda: shelf.library, now), give_up=courier.give_up,
    )  # fmt: skip
    facts = FactWatch(FactDesk(database, lambda: shelf.library, shelf.rule, now=now, today=today))
    recovery = Recovery(database, worker, alone=alone, now=now, owe=courier.owe)
    allowance = Allowance(database, zalobot, now) if zalobot is not None else None
    broadcaster = follower = None
    if only != "hooks":
        follower = Follower(database, library=lambda: shelf.library, now=now, turns=lambda: conversation.taken_in)
        broadcaster = Broadcaster(
            database, library=lambda: shelf.library, channels=channels, paces=paces, talks=conversation, ids=ids,
            now=now, today=today, alone=alone,
        )  # fmt: skip
    pollers = pollers_of(settings, platforms, conversation) if listens else {}
    application = _application(database, channels, courier)
    if listens:
        add_entrances(application, settings, database, shelf, platforms, conversation, now, is_synthetic=is_synthetic)
        _add_console(application, settings, database, shelf, conversation, channels, ids, now, tokens, is_synthetic)
    parts = Parts(
        settings, database, shelf, channels, conversation, courier, facts, recovery, broadcaster, follower, pollers,
        allowance, tokens, application, is_synthetic,
    )  # fmt: skip
    await _start(parts, stack)
    return parts


async def _start(parts: Parts, stack: AsyncExitStack) -> None:
    """Start from the inside out; closing goes the other way, so that what is in flight is still marked."""
    await parts.facts.start()  # before anything is said
    stack.push_async_callback(parts.facts.close)
    await parts.recovery.start()
    stack.push_async_callback(parts.recovery.close)  # after the last marks: what has none is then the others'
    parts.conversation.start()
    stack.push_async_callback(parts.conversation.close)
    if parts.tokens is not None:
        await parts.tokens.start()
        stack.push_async_callback(parts.tokens.close)
    for channel in parts.channels.values():
        await channel.start()
        stack.push_async_callback(channel.close)
    parts.courier.start(parts.conversation)
    stack.push_async_callback(parts.courier.close)
    if parts.broadcaster is not None:
        await parts.broadcaster.start()
        stack.push_async_callback(parts.broadcaster.close)
    if parts.follower is not None:
        await parts.follower.start()
        stack.push_async_callback(parts.follower.close)
    if parts.allowance is not None:
        await parts.allowance.start()
        stack.push_async_callback(parts.allowance.close)
    for poller in parts.pollers.values():
        await poller.start()
        stack.push_async_callback(poller.stop)


def _application(database: AsyncEngine, channels: Mapping[str, Channel], courier: Courier) -> web.Application:
    application = web.Application(client_max_size=1 << 20)
    health = Health(database, channels, waiting=courier.waiting, is_up_to_date=lambda: is_up_to_date(database))
    add_health_routes(application, health)
    return application


def _add_console(
    application: web.Application, settings: Settings, database: AsyncEngine, shelf: Shelf, conversation: Conversation,
    channels: Mapping[str, Channel], ids: Ids, now: Callable[[], datetime], tokens: ZaloTokens | None,
    is_synthetic: bool,
) -> None:  # fmt: skip
    def make() -> web.Application:
        from bot.accounts import account_of, consent_of
        from bot.console.app import console_of
        from bot.console.site import Site

        site = Site(
            database, lambda: shelf.library, channels, now, day_of(settings, now), ids, web_secret(settings),
            is_secure=bool(settings.public_url and settings.public_url.startswith("https:")),
            trusts_proxy=settings.trusted_proxy, public_url=settings.public_url or "", is_synthetic=is_synthetic,
            exports_folder=data_folder(settings) / "exports", rule=shelf.rule, forget=conversation.changed_elsewhere,
            hours=office_hours_in(settings.office_hours),
            zalo=consent_of(settings, database, now, tokens),
            zalo_account=partial(account_of, settings), soaks=settings.zalo_soak,
        )  # fmt: skip
        return console_of(site)

    console = Later("/console", make)
    application.router.register_resource(console)
    application.on_shutdown.append(console.close)


async def serve(
    settings: Settings, *, now: Callable[[], datetime], announce: Callable[[str], None], only: Only = "all",
    shelf: Shelf | None = None,
) -> None:  # fmt: skip
    """Run everything, or one part, until SIGTERM or SIGINT; SIGHUP reads dialogs and content again.

    Raises `DatabaseUnfit`, `LibraryError`, or OSError when the port is taken.
    """
    stopped = asyncio.Event()
    async with AsyncExitStack() as stack:
        parts = await assemble(settings, now=now, stack=stack, only=only, shelf=shelf)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: _reload(parts.shelf))
        runner = web.AppRunner(parts.application, access_log=None, shutdown_timeout=5)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, settings.host, settings.port, backlog=QUEUED).start()
        _settle_memory()
        for line in announcement(settings, runner.addresses[0][1], parts.is_synthetic):
            announce(line)
        await stopped.wait()


def _reload(shelf: Shelf) -> None:
    problems = shelf.reload()
    for problem in problems:
        log.error("the last good library stays in use", problem=str(problem))
    if not problems:
        log.info("dialogs and content were read again")


def _settle_memory() -> None:
    """What is loaded stays: keep the collector from walking through it at every turn."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)
    sys.setswitchinterval(SWITCH)

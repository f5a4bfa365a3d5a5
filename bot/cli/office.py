"""What the commands for officers have in common: the database, the library and the desk, opened and closed again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.cli.desk import opened, refusals_told
from bot.cli.shell import now_of, settings_of, told_plainly
from bot.speech import _

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.config import Settings
    from bot.services.broadcasting.drafting import World
    from bot.services.broadcasting.release import Desk

T = TypeVar("T")
Number = Annotated[int, typer.Argument(help=_("Số của đợt gửi."))]
Login = Annotated[str, typer.Option("--as", help=_("Tên đăng nhập của cán bộ làm việc này; nhật ký ghi lại."))]
AsJson = Annotated[bool, typer.Option("--json", help=_("In JSON, cho chương trình đọc."))]
VIA = "cli"
"""How the audit log says that an officer was taken at their word: whoever can run this can also read the database."""


@dataclass(frozen=True, slots=True)
class Office:
    """Everything that a command works with, while it is open."""

    database: AsyncEngine
    desk: Desk
    world: Callable[[], World]
    now: Callable[[], datetime]


def at_the_desk(context: typer.Context, work: Callable[[Office], Awaitable[T]], day: date | None = None) -> T:
    """Do *work*, as on *day* if that is given; what is refused or broken is told in plain lines, with exit code 1."""
    import asyncio

    settings = settings_of(context)

    from bot.engine.segments import SegmentError

    async def done() -> T:
        async with _opened(settings, now_of(context), day) as office:
            return await work(office)

    with refusals_told(), told_plainly(SegmentError):
        return asyncio.run(done())


@asynccontextmanager
async def _opened(settings: Settings, now: Callable[[], datetime], day: date | None) -> AsyncIterator[Office]:
    from bot.app import day_of
    from bot.engine.rulings import ruled
    from bot.library.load import load_library
    from bot.platforms import platforms_of
    from bot.services.broadcasting.drafting import World
    from bot.services.broadcasting.release import Desk
    from bot.store import markers, rulings
    from bot.store.db import reading

    library = load_library(settings.dialogs, settings.content, settings.locales, understands=False)
    told_today = day_of(settings, now)
    async with opened(settings) as database:
        async with reading(database).connect() as db:
            is_synthetic = await markers.is_synthetic(db)
            library = ruled(library, rulings.as_rulings(await rulings.latest(db)))
        channels = platforms_of(settings, library, is_synthetic=is_synthetic).channels
        desk = Desk(database, lambda: library, channels, now, today=told_today, via=VIA)
        yield Office(database, desk, lambda: World(library, channels, now(), day or told_today()), now)

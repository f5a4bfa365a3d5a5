"""What commands for officers share: an open, up-to-date database, and how a refusal is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from bot.cli.log import is_there
from bot.cli.shell import told_plainly
from bot.speech import _

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bot.config import Settings


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """The database; ValueError when it isn't there, or of an older version."""
    from bot.store import db

    if not is_there(settings.database_url):
        raise ValueError(_("Chưa có cơ sở dữ liệu: chạy lệnh migrate trước."))
    engine = db.open_database(settings.database_url)
    try:
        if not await db.is_up_to_date(engine):
            raise ValueError(_("Cơ sở dữ liệu chưa ở bản mới nhất: chạy lệnh migrate trước."))
        yield engine
    finally:
        await engine.dispose()


@contextmanager
def refusals_told() -> Iterator[None]:
    """Print a refusal, or what is wrong with database or library, and end the command with code 1."""
    from bot.library.source import LibraryError
    from bot.services.broadcasting.rights import Refused
    from bot.store.db import DatabaseUnfit

    with told_plainly(Refused, DatabaseUnfit, LibraryError, OSError, ValueError):
        yield

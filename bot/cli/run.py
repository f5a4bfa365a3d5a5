"""`bot run` and `bot migrate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.shell import now_of, settings_of, told_plainly
from bot.speech import _

if TYPE_CHECKING:
    from bot.app import Only
    from bot.config import Settings
    from bot.library.shelf import Shelf


def run(
    context: typer.Context,
    only: Annotated[
        str, typer.Option(help=_("Chỉ một phần việc: courier (chỉ gửi tin) hay hooks (chỉ nhận tin và trả lời)."))
    ] = "all",
) -> None:
    """Run everything in this process, or one part of it, until it is told to stop."""
    settings = settings_of(context)
    with told_plainly(ValueError):
        part = _part(only, settings)

    log_from(settings.log)
    shelf = _shelf(settings, part)

    import uvloop

    from bot.app import serve
    from bot.store.db import DatabaseUnfit

    with told_plainly(DatabaseUnfit, OSError):
        uvloop.run(serve(settings, now=now_of(context), announce=announce, only=part, shelf=shelf))


def _shelf(settings: Settings, part: Only) -> Shelf:
    """The library, read before the program itself is loaded: that then uses the 4 MB which reading gives back."""
    from bot.library.shelf import Shelf
    from bot.library.source import LibraryError

    with told_plainly(LibraryError):
        return Shelf(settings.dialogs, settings.content, settings.locales, understands=part != "courier")


def _part(only: str, settings: Settings) -> Only:
    from bot.store.db import is_sqlite

    if only == "all":
        return "all"
    if is_sqlite(settings.database_url):
        raise ValueError(_("--only cần PostgreSQL: trên SQLite một tiến trình làm mọi việc. Đặt BOT_DATABASE_URL."))
    if only == "courier":
        return "courier"
    if only == "hooks":
        return "hooks"
    raise ValueError(_("--only {part}: chỉ có courier hoặc hooks.").format(part=only))


def announce(line: str) -> None:
    """Print at once, also into a pipe: whoever started us waits for it."""
    print(line, flush=True)


def log_from(level: str) -> None:
    """Log on stderr from *level* on: in colour to a terminal, as JSON lines to anything else."""
    import logging
    import sys

    sys.modules["rich"] = None  # type: ignore[assignment]  # structlog loads it where it is: 4 MB, for nothing drawn
    import structlog

    del sys.modules["rich"]

    number = logging.getLevelNamesMapping()[level.upper()]
    plain = structlog.dev.plain_traceback  # the default draws every local: tokens, people's words, a whole library
    terminal = structlog.dev.ConsoleRenderer(exception_formatter=plain)
    shown = terminal if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=max(number, logging.WARNING), stream=sys.stderr)


def migrate(context: typer.Context) -> None:
    """Bring the database up to date."""
    import asyncio

    settings = settings_of(context)

    from bot.store.db import DatabaseUnfit

    with told_plainly(DatabaseUnfit, OSError):
        print(asyncio.run(_migrate(settings)))


async def _migrate(settings: Settings) -> str:
    from bot.store import db

    db.make_folder(settings.database_url)
    engine = db.open_database(settings.database_url)
    try:
        await db.migrate(engine)
        shown = engine.url.render_as_string(hide_password=True)
        return _("Cơ sở dữ liệu {url} đã ở bản mới nhất.").format(url=shown)
    finally:
        await engine.dispose()

"""What tests of services share: an office to release broadcasts in, and a log that is shown plainly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.conftest import Clock
from tests.services.office import Office


@pytest.fixture(autouse=True)
def _plain_log() -> Iterator[None]:
    """The default draws every local of every frame, a whole library among them."""
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, plain], cache_logger_on_first_use=False)
    yield
    structlog.reset_defaults()


@pytest.fixture
async def office(database: AsyncEngine, clock: Clock) -> Office:
    """The desk on a database with officers and people, on SQLite and PostgreSQL."""
    return await Office(database, clock).open()

"""The console on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.conftest import Clock
from tests.console.office import Console
from tests.services.office import Office


@pytest.fixture
async def console(database: AsyncEngine, clock: Clock, tmp_path: Path) -> AsyncIterator[Console]:
    """The console, its officers and a few people."""
    opened = await Console(await Office(database, clock).open(), clock, folder=tmp_path / "exports").open()
    yield opened
    await opened.client.close()

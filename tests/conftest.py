"""What every test may ask for: a real database of either kind, copied from a migrated template, and a clock to move."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.db import migrate, open_database
from tests import postgres


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-transcripts", action="store_true", help="rewrite what the bot says in tests/transcripts")


LONGEST = (
    "test_bench_smoke.py", "browser/test_pages.py", "library/test_learning.py", "hooks/test_zalo_transcripts.py",
    "services/test_zalo_tokens_killed.py", "browser/test_story.py", "services/test_insight.py", "cli/test_broadcast.py",
    "library/test_dangers.py",
)  # fmt: skip
"""Files that are begun first, or one process would work on the last of them for minutes while the others are done."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; with `--no-loadscope-reorder` xdist keeps to that."""
    here = Path(__file__).parent
    rank = {here / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


class Clock:
    """The time, as the tests set it. Called, it tells it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, *, days: float = 0, seconds: float = 0) -> None:
        self.at += timedelta(days=days, seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    """23 November 2026, ten in the morning in Hanoi."""
    return Clock(datetime(2026, 11, 23, 3, tzinfo=UTC))


async def _migrated(url: str) -> None:
    engine = open_database(url)
    await migrate(engine)
    await engine.dispose()


def run_apart(work: Coroutine[object, object, None]) -> None:
    """Run *work* to its end in a loop of its own, whatever loop the test is in."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "bot.db"
    run_apart(_migrated(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: postgres.Server) -> str:
    name = postgres_server.create()
    run_apart(_migrated(postgres_server.url(name)))
    return name


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of this test's own."""
    return f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path / 'bot.db')}"


@pytest.fixture
def postgres_url(postgres_server: postgres.Server, postgres_template: str) -> Iterator[str]:
    """A migrated PostgreSQL database of this test's own."""
    with postgres_server.lend(postgres_template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of this test's own, once of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of this test's own, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with server.lend() as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a migrated database, once of each kind."""
    engine = open_database(database_url)
    yield engine
    await engine.dispose()

"""A database copied into one of either kind: all of it or nothing, and what was copied is looked at again."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import copying
from bot.store.copying import Content, CopyRefused, copy_database, counts_of, open_source, require_current, snapshot
from bot.store.db import open_database
from bot.store.models import addresses, audit, contacts, workers
from bot.store.schema import metadata
from tests import postgres
from tests.store.rows import LAST, ROWS, fill


async def copied(source: str, target: AsyncEngine) -> Mapping[str, Content]:
    """What `bot copy-database` does, without the terminal."""
    origin = open_source(source)
    try:
        await require_current(origin)
        async with snapshot(origin) as db:
            return await copy_database(db, target, told=lambda _table, _rows: None)
    finally:
        await origin.dispose()


async def everything_in(database: AsyncEngine) -> Mapping[str, set[tuple[Any, ...]]]:
    async with database.connect() as db:
        return {t.name: {tuple(row) for row in await db.execute(select(t))} for t in metadata.sorted_tables}


@pytest.fixture(params=["sqlite", "postgres"])
def target_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database that is not there yet, or has nothing at all in it."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'copy.db'}"
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with server.lend() as url:
        yield url


@pytest.fixture
async def target(target_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(target_url)
    yield engine
    await engine.dispose()


@pytest.fixture
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "PAGE", 7)


@pytest.mark.usefixtures("_small_pages")
async def test_every_row_of_every_table_arrives_whichever_way(
    database: AsyncEngine, database_url: str, target: AsyncEngine
) -> None:
    await fill(database)
    before = await everything_in(database)
    result = await copied(database_url, target)
    assert await everything_in(target) == before
    assert await everything_in(database) == before
    assert {name: content.rows for name, content in result.items()} == dict.fromkeys(metadata.tables, ROWS)


async def test_there_and_back_is_the_same(sqlite_url: str, postgres_url: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        urls = (sqlite_url, postgres_url, f"sqlite+aiosqlite:///{tmp_path / 'back.db'}")
        first, middle, last = (open_database(url) for url in urls)
        for engine in (first, middle, last):
            stack.push_async_callback(engine.dispose)
        await fill(first)
        assert await copied(sqlite_url, middle) == await copied(postgres_url, last)
        assert await everything_in(last) == await everything_in(first)


async def test_numbers_go_on_after_those_copied(database: AsyncEngine, database_url: str, target: AsyncEngine) -> None:
    entry = {"at": LAST, "actor": "a", "action": "b", "subject": "c", "outcome": "done", "previous": "", "digest": "d"}
    async with database.begin() as db:
        await db.execute(insert(audit), [{**entry, "id": 41}])
    await copied(database_url, target)
    async with target.begin() as db:
        await db.execute(insert(audit).values(entry))
        assert await db.scalar(select(func.max(audit.c.id))) == 42
        made = await db.execute(insert(metadata.tables["handoffs"]).values(contact_id=1, queue="q", asked_at=LAST))
        assert made.inserted_primary_key == (1,)


async def test_a_target_that_holds_anything_is_refused(
    database: AsyncEngine, database_url: str, target: AsyncEngine
) -> None:
    await fill(database)
    await copied(database_url, target)
    before = await everything_in(target)
    with pytest.raises(CopyRefused, match=r"officers|contacts|workers|audit|segments"):
        await copied(database_url, target)
    assert await everything_in(target) == before


TAMPERING = {
    "sqlite": (
        "CREATE TRIGGER tamper AFTER INSERT ON contacts WHEN NEW.id = 5"
        " BEGIN UPDATE contacts SET name = name || ' ' WHERE id = 5; END",
    ),
    "postgresql": (
        "CREATE FUNCTION tamper() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF NEW.id = 5 THEN NEW.name := NEW.name || ' '; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER tamper BEFORE INSERT ON contacts FOR EACH ROW EXECUTE FUNCTION tamper()",
    ),
}


async def test_one_letter_more_in_the_target_is_seen_and_nothing_stays(
    database: AsyncEngine, sqlite_template: Path, tmp_path: Path
) -> None:
    """The target changes one value as it is written: what is found there is then not what was copied."""
    source = f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path / 'source.db')}"
    origin = open_database(source)
    await fill(origin)
    await origin.dispose()
    async with database.begin() as db:
        for statement in TAMPERING[database.dialect.name]:
            await db.execute(text(statement))
    with pytest.raises(CopyRefused, match="contacts"):
        await copied(source, database)
    assert not any((await everything_in(database)).values())


async def test_an_interrupted_copy_leaves_nothing(
    database: AsyncEngine, database_url: str, target: AsyncEngine
) -> None:
    await fill(database)
    origin = open_source(database_url)

    def interrupt(table: str, _rows: int) -> None:
        if table == "interactions":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        async with snapshot(origin) as db:
            await copy_database(db, target, told=interrupt)
    await origin.dispose()
    assert not any((await everything_in(target)).values())
    await copied(database_url, target)


async def test_the_copy_is_of_one_moment(database: AsyncEngine, database_url: str, target: AsyncEngine) -> None:
    """What is written while it is copied comes after that moment, also in a table not read yet."""
    origin = open_source(database_url)
    async with snapshot(origin) as seen:
        assert set((await counts_of(seen)).values()) == {0}
        await fill(database)
        assert set((await copy_database(seen, target, told=lambda _table, _rows: None)).values()) == {Content()}
    await origin.dispose()


async def test_a_source_cannot_be_written(database: AsyncEngine, database_url: str) -> None:
    origin = open_source(database_url)
    with pytest.raises(Exception, match=r"read-?only"):
        async with snapshot(origin) as db:
            await db.execute(insert(workers).values(id=1, started_at=LAST, seen_at=LAST))
    await origin.dispose()


async def test_text_that_postgresql_does_not_take_is_named(sqlite_url: str, postgres_url: str) -> None:
    source, target = open_database(sqlite_url), open_database(postgres_url)
    async with source.begin() as db:
        await db.execute(insert(contacts), [{"id": n, "created_at": LAST, "source": "x" * n} for n in (3, 70)])
    with pytest.raises(CopyRefused, match=r"contacts.*id=70.*source.*64"):
        await copied(sqlite_url, target)
    async with source.begin() as db:
        await db.execute(contacts.update().values(source="", name="a\0b"))
        address = {"channel": "telegram", "external_id": "1", "contact_id": 3, "changed_at": LAST}
        await db.execute(insert(addresses).values(address))
    with pytest.raises(CopyRefused, match=r"contacts.*id=3.*name"):
        await copied(sqlite_url, target)
    await source.dispose()
    await target.dispose()


async def test_an_older_source_is_refused_and_a_foreign_target_stays_as_it_is(sqlite_url: str, tmp_path: Path) -> None:
    old, foreign = tmp_path / "old.db", tmp_path / "foreign.db"
    for path in (old, foreign):
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE notes (id INTEGER)")
        connection.close()
    before = foreign.read_bytes()
    target = open_database(f"sqlite+aiosqlite:///{foreign}")
    with pytest.raises(Exception, match="not ours"):
        await copied(sqlite_url, target)
    assert foreign.read_bytes() == before
    with pytest.raises(CopyRefused, match="migrate"):
        await copied(f"sqlite+aiosqlite:///{old}", target)
    await target.dispose()


def test_a_digest_tells_values_apart_and_not_their_order() -> None:
    class Fake(tuple[Any, ...]):
        """A row is a tuple."""

    def content(*rows: tuple[Any, ...]) -> Content:
        return Content().plus([Fake(row) for row in rows])  # type: ignore[misc]

    assert content((1, "a"), (2, "b")) == content((2, "b"), (1, "a"))
    different = [(1,), (True,), ("1",), (b"1",), (None,), ("",), (1.0,), (1, None), ("a", ""), ("", "a")]
    assert len({content(row) for row in different}) == len(different)
    at = datetime(2026, 11, 23, 3, tzinfo=UTC)
    assert content((at,)) == content((at.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")),))

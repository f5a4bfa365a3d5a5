"""The door to the database, on SQLite and PostgreSQL: migrations, and databases that must not be touched."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, delete, insert, inspect, select
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.db import MIGRATIONS, REVISIONS, DatabaseUnfit, is_up_to_date, make_folder, migrate, open_database
from bot.store.models import contacts
from bot.store.schema import metadata
from tests.conftest import run_apart


async def test_an_empty_database_gets_every_table(empty_database_url: str) -> None:
    engine = open_database(empty_database_url)
    try:
        assert not await is_up_to_date(engine)
        await migrate(engine)
        assert await is_up_to_date(engine)
        async with engine.connect() as connection:
            names = await connection.run_sync(lambda c: set(inspect(c).get_table_names()))
        assert names == {*metadata.tables, "alembic_version"}
    finally:
        await engine.dispose()


async def test_migrating_again_changes_nothing(database: AsyncEngine, clock: Callable[[], datetime]) -> None:
    async with database.begin() as connection:
        await connection.execute(insert(contacts).values(id=1, created_at=clock()))
    await migrate(database)
    async with database.connect() as connection:
        assert (await connection.execute(select(contacts.c.id))).scalars().all() == [1]


async def test_the_migrations_make_exactly_the_models(database: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        defaults = connection.dialect.name != "sqlite"  # Alembic reads SQLite's empty strings as a difference
        context = MigrationContext.configure(connection, opts={"compare_server_default": defaults})
        return list(compare_metadata(context, metadata))

    async with database.connect() as connection:
        assert await connection.run_sync(differences) == []


async def _migrate_file(path: Path) -> None:
    engine = open_database(f"sqlite+aiosqlite:///{path}")
    try:
        await migrate(engine)
    finally:
        await engine.dispose()


def _refused(path: Path) -> str:
    """What `migrate` says of the file; its bytes must stay as they were."""
    before = path.read_bytes()
    with pytest.raises(DatabaseUnfit) as caught:
        run_apart(_migrate_file(path))
    assert path.read_bytes() == before
    message = str(caught.value)
    assert "\n" not in message
    return message


def _altered(path: Path, statement: str) -> Path:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
    return path


@pytest.fixture
def sqlite_file(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite+aiosqlite:///"))


def test_a_newer_database_is_left_alone(sqlite_file: Path) -> None:
    assert "newer" in _refused(_altered(sqlite_file, "UPDATE alembic_version SET version_num = '9999'"))


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    assert "not ours" in _refused(_altered(tmp_path / "theirs.db", "CREATE TABLE contacts (id INTEGER)"))


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    _refused(_altered(tmp_path / "photos.db", "CREATE TABLE photos (id INTEGER)"))


@pytest.mark.parametrize("damage", ["text", "header", "middle", "cut"])
def test_a_damaged_database_is_left_alone(sqlite_file: Path, damage: str) -> None:
    content = sqlite_file.read_bytes()
    damaged = {
        "text": b"this is a letter, not a database\n" * 400,
        "header": b"\xff" * 100 + content[100:],
        "middle": content[:100] + b"\xff" * 4000 + content[4100:],
        "cut": content[: len(content) // 2 + 100],
    }[damage]
    sqlite_file.write_bytes(damaged)
    assert "damaged" in _refused(sqlite_file)


async def test_a_newer_postgres_is_left_alone(postgres_url: str) -> None:
    engine = open_database(postgres_url)
    try:
        async with engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(DatabaseUnfit, match="newer"):
            await migrate(engine)
    finally:
        await engine.dispose()


async def test_times_come_back_aware_and_in_utc(database: AsyncEngine) -> None:
    moment = datetime(2026, 11, 23, 10, 30, 0, 123456, tzinfo=timezone(timedelta(hours=7)))
    async with database.begin() as connection:
        await connection.execute(insert(contacts).values(id=1, created_at=moment, stopped_until=None))
        created, stopped = (await connection.execute(select(contacts.c.created_at, contacts.c.stopped_until))).one()
    assert (created, created.tzinfo, stopped) == (moment, UTC, None)


async def test_a_time_without_a_zone_is_refused(database: AsyncEngine) -> None:
    naive = datetime(2026, 11, 23, 10, 30)  # noqa: DTZ001 - the fault under test
    with pytest.raises(StatementError, match="without a zone"):
        async with database.begin() as connection:
            await connection.execute(insert(contacts).values(id=1, created_at=naive))


async def test_a_transaction_that_fails_leaves_nothing(database: AsyncEngine, clock: Callable[[], datetime]) -> None:
    row = insert(contacts).values(id=1, created_at=clock())
    with pytest.raises(IntegrityError):  # noqa: PT012 - the second of two statements fails
        async with database.begin() as connection:
            await connection.execute(row)
            await connection.execute(row)
    async with database.begin() as connection:
        assert (await connection.execute(delete(contacts))).rowcount == 0


def test_the_folder_of_a_new_sqlite_file_is_made(tmp_path: Path) -> None:
    make_folder(f"sqlite+aiosqlite:///{tmp_path}/var/deep/bot.db")
    assert (tmp_path / "var/deep").is_dir()
    make_folder("postgresql+asyncpg://postgres@/bot")


def test_the_newest_version_that_we_name_is_alembics_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [REVISIONS[-1]]

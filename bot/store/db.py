"""The door to the database: engines whose transactions mean the same on SQLite as on PostgreSQL."""

from __future__ import annotations

import asyncio
import fcntl
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, create_engine, event, inspect
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import DatabaseError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.store.schema import metadata

LOCK = 269_2022
"""Our advisory lock on PostgreSQL; any number that no other program there uses."""
MIGRATIONS = Path(__file__).parent / "migrations"
REVISIONS = sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
"""Every version of the schema, the newest last. Alembic itself is loaded only to migrate: it takes 11 MB."""
READS = "only_reads"
SERVER = {"random_page_cost": "1.1", "jit": "off"}
"""How PostgreSQL plans for us: for disks without a moving head (its own guess is of 4, for those with one), and without
compiling queries that take milliseconds."""
FAULTS = (DBAPIError, NoConnectionFree, OSError)
"""What a database that is away, or refuses, raises."""
FOREIGN = "The database holds tables that are not ours: it is not ours to change. Use another one."


class DatabaseUnfit(Exception):
    """The database can't be used as it is: corrupt, of a newer version, or not ours. The text says what to do."""


def is_sqlite(url: str) -> bool:
    """Whether *url* names an SQLite file."""
    return make_url(url).get_backend_name() == "sqlite"


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # pysqlite's own BEGIN comes too late: see _begin_at_once
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_at_once(connection: Connection) -> None:
    """With sqlite3's deferred BEGIN, of 20 concurrent read-then-write bumps 19 were lost; with this none is."""
    reads = connection.get_execution_options().get(READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _listen(engine: Engine) -> None:
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_at_once)


def open_database(url: str) -> AsyncEngine:
    """The asynchronous engine, for all that isn't hot. *url* is `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`."""
    arguments = {} if is_sqlite(url) else {"server_settings": SERVER}
    engine = create_async_engine(url, hide_parameters=True, connect_args=arguments)  # what people wrote is in no log
    if is_sqlite(url):
        _listen(engine.sync_engine)
    return engine


def reading(engine: AsyncEngine) -> AsyncEngine:
    """The same database for those who only read: on SQLite they then don't take the lock that turns wait for."""
    return engine.execution_options(**{READS: True})


_queues: WeakKeyDictionary[AsyncEngine, asyncio.Lock] = WeakKeyDictionary()


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction of those who write often. On SQLite they queue here: its own way to wait is to look again after 1,
    2, 5, 10 ms and more, which cost a courier a third of its time. Others may write beside them; never nest two."""
    if engine.dialect.name != "sqlite":
        async with engine.begin() as db:
            yield db
        return
    async with _queues.setdefault(engine, asyncio.Lock()), engine.begin() as db:
        yield db


def open_sqlite(url: str) -> Engine:
    """A synchronous engine on the same SQLite file, for the one thread that writes turns."""
    plain = make_url(url).set(drivername="sqlite")
    engine = create_engine(plain, connect_args={"check_same_thread": False}, hide_parameters=True)
    _listen(engine)
    return engine


def _foreign(connection: Connection, tables: set[str]) -> set[str]:
    """Tables of somebody else's: in an SQLite file any at all, in PostgreSQL those named like ours."""
    return tables - {"alembic_version"} if connection.dialect.name == "sqlite" else tables & set(metadata.tables)


def _look_before_writing(path: Path) -> None:
    """Our pragmas write to a file (WAL): one in another mode, so not last opened by us, is first read only."""
    if not path.exists():
        return
    with path.open("rb") as file:
        header = file.read(20)
    if header[:16] != b"SQLite format 3\0" or header[18:20] != b"\1\1":
        return
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if tables and "alembic_version" not in tables:
        raise DatabaseUnfit(FOREIGN)


def _migrate(connection: Connection) -> None:
    current = _revision(connection)
    if current is None and _foreign(connection, set(inspect(connection).get_table_names())):
        raise DatabaseUnfit(FOREIGN)
    if current is not None and current not in REVISIONS:
        raise DatabaseUnfit(f"The database is of a newer version ({current}). Start the newer program, or restore.")
    if current == REVISIONS[-1]:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    """The schema's version, as Alembic keeps it; None where it has never been."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none()
    return found


async def migrate(engine: AsyncEngine) -> None:
    """Bring the schema up to date; a database that is corrupt, foreign or newer raises `DatabaseUnfit` untouched."""
    try:
        if engine.dialect.name == "sqlite":
            await asyncio.to_thread(_look_before_writing, Path(engine.url.database or ":memory:"))
        async with engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                await connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
            else:  # several processes may start at once: one migrates, the others wait and find it done
                await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            await connection.run_sync(_migrate)
    except (DatabaseError, sqlite3.DatabaseError) as error:
        told = str(getattr(error, "orig", error))
        if "malformed" in told or "not a database" in told:
            raise DatabaseUnfit("The database file is damaged. Put it aside and restore the last backup.") from None
        raise


def make_folder(url: str) -> None:
    """Create the folder of an SQLite file, if it is not there."""
    path = make_url(url).database if is_sqlite(url) else None
    if path and path != ":memory:" and not path.startswith("file:"):
        Path(path).parent.mkdir(parents=True, exist_ok=True)


@contextmanager
def owning(url: str) -> Iterator[None]:
    """Be the only bot on an SQLite file, whose leases and send times are in the memory of one process: a second one
    would take the first for dead, and send again what it is sending. `DatabaseUnfit` when there is one already.

    A file of its own is locked: closing any handle of the database's would drop SQLite's locks on it.
    """
    path = make_url(url).database if is_sqlite(url) else None
    if not path or path == ":memory:" or path.startswith("file:"):
        yield
        return
    with Path(f"{path}-owner").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DatabaseUnfit(f"Another bot runs on {path}. On SQLite there is one; stop it first.") from None
        yield


async def is_up_to_date(engine: AsyncEngine) -> bool:
    """Whether the schema is at the newest version that this program knows."""
    async with reading(engine).connect() as connection:
        return await connection.run_sync(_revision) == REVISIONS[-1]

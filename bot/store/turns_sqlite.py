"""Turns on SQLite: one process, one thread that writes, contacts cached between turns."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.exc import OperationalError

from bot.messages import Address
from bot.store.turns import (
    LOAD,
    LOAD_TOPICS,
    Away,
    Conflict,
    Known,
    Plan,
    Rows,
    acted_on_query,
    compile_all,
    held_query,
    known_from,
)
from bot.store.wide import MARK, write_many

Asked = TypeVar("Asked")
Found = TypeVar("Found")
CACHED = 50_000
"""Contacts kept in memory, about 1 KB each: the most that talk within an hour in a city, and no bound on a city."""


class SqliteTurns:
    """Only one process may own the file: its cache is right because nobody else writes sessions."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine, self._now = engine, now
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="turns")
        self._compiled = {**compile_all(engine.dialect), "mark": MARK}
        self._writer: PoolProxiedConnection | None = None
        self._cache: OrderedDict[Address, Known] = OrderedDict()

    def stamp(self, moment: datetime) -> str:
        """As SQLAlchemy stores a datetime in SQLite: text, in UTC."""
        return moment.astimezone(UTC).isoformat(" ", "microseconds")[:26]  # without the zone's "+00:00"

    async def transact(self, wanted: Sequence[Address], plan: Plan) -> None:
        """Plan on what is cached, reading only who is not, and write in the thread: one hop a batch."""
        run = asyncio.get_running_loop().run_in_executor
        missing = [address for address in wanted if address not in self._cache]
        known = {address: self._cache[address] for address in wanted if address in self._cache}
        if missing:
            known.update(await self._read(self._load, missing))
        rows = plan(known)
        if rows.of:
            await run(self._thread, self._write, rows)

    async def acted_on(self, ids: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Which of these (channel, external id) are in the inbox already."""
        return await self._read(self._acted_on, ids)

    async def held(self, ids: Sequence[int]) -> set[int]:
        """Which of these deliveries are in the ledger."""
        return await self._read(self._held, ids)

    async def _read(self, read: Callable[[Asked], Found], asked: Asked) -> Found:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, read, asked)
        except OperationalError as error:
            raise Away(str(error)) from error

    def keep(self, known: Known) -> None:
        """Remember *known*; the one not heard for longest makes room."""
        cache = self._cache
        cache[known.address] = known
        cache.move_to_end(known.address)
        if len(cache) > CACHED:
            cache.popitem(last=False)

    def drop(self, address: Address) -> None:
        """Forget what is cached of *address*."""
        self._cache.pop(address, None)

    def cached(self, address: Address) -> Known | None:
        """What is remembered of *address*, if anything."""
        return self._cache.get(address)

    async def close(self) -> None:
        """Finish what is being written, and let go of the file."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._let_go)
        self._thread.shutdown()

    def _load(self, wanted: Sequence[Address]) -> Mapping[Address, Known]:
        found: dict[Address, Known] = {}
        now = self._now()
        with self._engine.connect() as connection:
            for address in wanted:
                row = connection.execute(LOAD, {"channel": address.channel, "key": address.id}).first()
                if row is not None:
                    topics = connection.execute(LOAD_TOPICS, {"key": row.contact_id}).scalars().all()
                    found[address] = known_from(address, row, topics, now)
        return found

    def _acted_on(self, ids: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        with self._engine.connect() as connection:
            return {(row[0], row[1]) for row in connection.execute(acted_on_query(ids))}

    def _held(self, ids: Sequence[int]) -> set[int]:
        with self._engine.connect() as connection:
            return {row[0] for row in connection.execute(held_query(ids))}

    def _write(self, rows: Rows) -> None:
        """One transaction on the thread's own connection, past SQLAlchemy's layers (they cost a fifth of it all)."""
        connection = self._connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            for name, statement in self._compiled.items():
                batch = rows.of.get(name)
                if batch:
                    write_many(connection, statement, batch)
            connection.execute("COMMIT")
        except Exception as error:  # text that UTF-8 can't hold breaks the driver with an error of its own
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise _meaning_of(error) from error
            raise

    def _connection(self) -> sqlite3.Connection:
        if self._writer is None:
            self._writer = self._engine.raw_connection()
        driver: sqlite3.Connection = self._writer.driver_connection  # type: ignore[assignment]
        return driver

    def _let_go(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._engine.dispose()


def _meaning_of(error: sqlite3.Error) -> Exception:
    if isinstance(error, sqlite3.IntegrityError) and "UNIQUE" in str(error):
        return Conflict(str(error))
    return Away(str(error)) if isinstance(error, sqlite3.OperationalError) else error

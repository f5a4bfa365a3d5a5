"""Turns on PostgreSQL: any number of processes; sessions are locked while a batch is planned, nothing is cached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, select, tuple_
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.messages import Address
from bot.store.db import FAULTS
from bot.store.models import addresses
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

UNIQUE_VIOLATION, DEADLOCK, SERIALISATION = "23505", "40P01", "40001"
"""What planning anew can cure (PostgreSQL, appendix A)."""
AWAY = ("08", "53", "57")
"""Classes of errors that are the server's own state: connection lost, out of resources, starting or shutting down."""


class PostgresTurns:
    """The address row is the lock of a contact: two processes never plan on the same session."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._engine, self._now = engine, now
        self._compiled = compile_all(engine.dialect)

    def stamp(self, moment: datetime) -> datetime:
        """asyncpg takes aware datetimes as they are."""
        return moment

    async def transact(self, wanted: Sequence[Address], plan: Plan) -> None:
        """Lock, read, plan and write in one transaction. Locks are taken in one order, so that none deadlock."""
        try:
            async with self._engine.begin() as connection:
                known: dict[Address, Known] = {}
                for address in await _locked(connection, wanted) if wanted else ():
                    found = await self._known(connection, address)
                    if found is not None:
                        known[address] = found
                await self._write(connection, plan(known))
        except FAULTS as error:
            raise _meaning_of(error) from error

    async def _known(self, connection: AsyncConnection, address: Address) -> Known | None:
        row = (await connection.execute(LOAD, {"channel": address.channel, "key": address.id})).first()
        if row is None:
            return None
        topics = (await connection.execute(LOAD_TOPICS, {"key": row.contact_id})).scalars().all()
        return known_from(address, row, topics, self._now())

    async def _write(self, connection: AsyncConnection, rows: Rows) -> None:
        for name, statement in self._compiled.items():
            batch = rows.of.get(name)
            if batch:
                await connection.exec_driver_sql(statement, batch)

    async def acted_on(self, ids: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Which of these (channel, external id) are in the inbox already."""
        return {(row[0], row[1]) for row in await self._read(acted_on_query(ids))}

    async def held(self, ids: Sequence[int]) -> set[int]:
        """Which of these deliveries are in the ledger."""
        return {row[0] for row in await self._read(held_query(ids))}

    async def _read(self, query: Executable) -> Sequence[Any]:
        try:
            async with self._engine.connect() as connection:
                return (await connection.execute(query)).all()
        except FAULTS as error:
            raise _meaning_of(error) from error

    def keep(self, known: Known) -> None:
        """Nothing is remembered: another process may change it."""

    def drop(self, address: Address) -> None:
        """Nothing is remembered."""

    def cached(self, address: Address) -> Known | None:
        """Nothing is remembered."""
        return None

    async def close(self) -> None:
        """The engine is closed by who opened it."""


async def _locked(connection: AsyncConnection, wanted: Sequence[Address]) -> Sequence[Address]:
    """Locks the addresses, always in one order; those that are there. A statement of its own: one that waits for a lock
    goes on with the sessions as they were before it waited, and would plan on what the other process has just changed.

    Whom another process makes known a moment later isn't among them, and stays a stranger: their row, not locked, may
    be changing, and to make it once more is a conflict that is planned anew.
    """
    channel, key = addresses.c.channel, addresses.c.external_id
    here = tuple_(channel, key).in_([(address.channel, address.id) for address in wanted])
    rows = await connection.execute(select(channel, key).where(here).order_by(channel, key).with_for_update())
    return [Address(*row) for row in rows]


def _meaning_of(error: DBAPIError | NoConnectionFree | OSError) -> Exception:
    if not isinstance(error, DBAPIError) or isinstance(error, OperationalError | InterfaceError):
        return Away(str(error))
    state = getattr(error.orig, "sqlstate", None) or ""
    if error.connection_invalidated or state.startswith(AWAY):
        return Away(str(error))
    return Conflict(str(error.orig)) if state in (UNIQUE_VIOLATION, DEADLOCK, SERIALISATION) else error

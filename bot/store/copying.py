"""A whole database copied into an empty one, of its own kind or the other, and compared afterwards.

The source is opened so that it can't be written, and read as it was at one moment. The target gets everything in one
transaction that is committed only once both sides hold the same: whatever interrupts it leaves the target empty.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Row, String, Table, func, inspect, select, tuple_
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.speech import _
from bot.store.db import is_sqlite, is_up_to_date, migrate, open_database
from bot.store.schema import metadata

PAGE = 2_000
"""Rows read and written at a time: enough that a statement's cost is lost among them, a few MB at the most."""
DIGESTS = 1 << 256
Told = Callable[[str, int], None]
"""Called with the name of a table and how many more of its rows were copied."""
_encoded = msgspec.msgpack.Encoder().encode


class CopyRefused(Exception):
    """Nothing was copied, and the target is as empty as it was. The text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds, so that two can be compared: how many rows, and the sum of a digest of each.

    A sum doesn't depend on the order of rows: databases sort text differently.
    """

    rows: int = 0
    digest: int = 0

    def plus(self, rows: Sequence[Row[Any]]) -> Content:
        """With *rows* as well. MessagePack has one form for each value: a time is its instant, 1 is not true."""
        digests = (int.from_bytes(blake2b(_encoded(tuple(row)), digest_size=32).digest()) for row in rows)
        return Content(self.rows + len(rows), (self.digest + sum(digests)) % DIGESTS)


def open_source(url: str) -> AsyncEngine:
    """An engine on the database at *url* that reads one snapshot in each transaction, and can't write."""
    if not is_sqlite(url):
        whole = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        return open_database(url).execution_options(**whole)
    parts = make_url(url)
    file = Path(str(parts.database)).absolute().as_uri()
    return create_async_engine(parts.set(database=file, query={"mode": "ro", "uri": "true"}), hide_parameters=True)


@contextlib.asynccontextmanager
async def snapshot(source: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection of *source* (`open_source`) that goes on seeing the database as it is now."""
    async with source.connect() as db:
        if db.dialect.name == "sqlite":
            await db.exec_driver_sql("BEGIN")
        yield db


async def copy_database(origin: AsyncConnection, target: AsyncEngine, *, told: Told) -> Mapping[str, Content]:
    """Copy all that *origin* (`snapshot`) sees into *target*, and what each table then holds; or `CopyRefused`."""
    await _prepare(target)
    async with target.begin() as goal:
        await _require_empty(goal)
        copied = {table.name: await _copy(origin, goal, table, told) for table in metadata.sorted_tables}
        for table in metadata.sorted_tables:
            await _compare(goal, table, copied[table.name])
        await _continue_ids(goal)
    return copied


async def counts_of(db: AsyncConnection) -> Mapping[str, int]:
    """How many rows each table has, in the order in which they are copied."""
    counted = {t.name: await db.scalar(select(func.count()).select_from(t)) for t in metadata.sorted_tables}
    return {name: count or 0 for name, count in counted.items()}


async def require_current(source: AsyncEngine) -> None:
    """`CopyRefused` when *source* isn't of this program's version: bringing it up to date would change it."""
    if not await is_up_to_date(source):
        raise CopyRefused(_("Cơ sở dữ liệu nguồn chưa ở bản mới nhất: chạy lệnh migrate với nó trước."))


async def _prepare(target: AsyncEngine) -> None:
    """Bring an empty *target* up to date; one that holds anything is left at the version that it has."""
    looked = open_source(target.url.render_as_string(hide_password=False))
    try:
        if is_there(target.url):
            async with snapshot(looked) as db:
                await _require_empty(db)
    finally:
        await looked.dispose()
    await migrate(target)


def is_there(url: URL) -> bool:
    """Whether there is a database to look into: a file of SQLite's may not be made yet."""
    return url.get_backend_name() != "sqlite" or Path(str(url.database)).exists()


async def _require_empty(db: AsyncConnection) -> None:
    """On PostgreSQL also keeps others from writing until the transaction ends, where it may write itself."""
    there = await db.run_sync(_tables_there)
    if db.dialect.name == "postgresql" and there and not await _only_reads(db):
        await db.exec_driver_sql(f"LOCK TABLE {', '.join(table.name for table in there)} IN EXCLUSIVE MODE")
    for table in there:
        if (await db.execute(select(table).limit(1))).first() is not None:
            told = _("Nơi đến đã có dữ liệu (bảng {table}): chỉ chép vào cơ sở dữ liệu trống. Hãy chọn nơi khác.")
            raise CopyRefused(told.format(table=table.name))


def _tables_there(connection: Connection) -> list[Table]:
    names = set(inspect(connection).get_table_names())
    return [table for table in metadata.sorted_tables if table.name in names]


async def _only_reads(db: AsyncConnection) -> bool:
    return bool(await db.scalar(select(func.current_setting("transaction_read_only"))) == "on")


async def _pages(db: AsyncConnection, table: Table) -> AsyncIterator[Sequence[Row[Any]]]:
    """All rows, in pages by primary key: each page starts after the last key of the one before."""
    key = list(table.primary_key.columns)
    page = select(table).order_by(*key).limit(PAGE)
    rows = (await db.execute(page)).all()
    while rows:
        yield rows
        if len(rows) < PAGE:
            return
        last = rows[-1]._mapping
        rows = (await db.execute(page.where(tuple_(*key) > tuple_(*[last[column] for column in key])))).all()


async def _copy(origin: AsyncConnection, goal: AsyncConnection, table: Table, told: Told) -> Content:
    content = Content()
    async for rows in _pages(origin, table):
        values = [dict(row._mapping) for row in rows]
        try:
            await goal.execute(table.insert(), values)
        except DBAPIError as error:
            raise CopyRefused(_fault(table, values, error)) from error
        content = content.plus(rows)
        told(table.name, len(rows))
    return content


async def _compare(goal: AsyncConnection, table: Table, copied: Content) -> None:
    """`CopyRefused` when *table* doesn't hold what was *copied* into it."""
    found = Content()
    async for rows in _pages(goal, table):
        found = found.plus(rows)
    if found != copied:
        told = _("Bảng {table}: nơi đến không giữ đúng những gì đã chép ({found} dòng, nguồn {rows} dòng). Đã bỏ hết.")
        raise CopyRefused(told.format(table=table.name, found=found.rows, rows=copied.rows))


def _fault(table: Table, values: Sequence[Mapping[str, Any]], error: DBAPIError) -> str:
    """Which row the target refused: SQLite keeps text that PostgreSQL doesn't take."""
    for row in values:
        for column in table.columns:
            if (why := _unfit(column, row[column.name])) is not None:
                key = ", ".join(f"{part.name}={row[part.name]}" for part in table.primary_key.columns)
                told = _("Bảng {table}, dòng {key}, cột {column}: {why}. Sửa ở nguồn rồi chép lại.")
                return told.format(table=table.name, key=key, column=column.name, why=why)
    return _("Bảng {table}: nơi đến từ chối: {error}").format(table=table.name, error=str(error.orig).splitlines()[0])


def _unfit(column: Column[Any], value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    if "\0" in value:
        return _("có ký tự NUL")
    most = column.type.length if isinstance(column.type, String) else None
    return _("dài quá {most} ký tự").format(most=most) if most is not None and len(value) > most else None


async def _continue_ids(goal: AsyncConnection) -> None:
    """Numbers that PostgreSQL gives go on after those copied; SQLite does that by itself."""
    if goal.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        last = func.max(column)
        await goal.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))

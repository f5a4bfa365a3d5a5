"""What a fold reads and changes: the cursor, the marks of some contacts, counters, and groups not understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import TextClause, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.insight.given import Type, encoded, list_given, sorted_rows, stamp, table_given
from bot.store.insight_models import EVERYWHERE, cursors, departures, marks, misses, tallies
from bot.store.upserts import insert_into

NAME = "log"
"""The one row of cursors."""
DEPARTING = 200
"""Forgotten contacts whose marks are taken away in one step."""
TallyKey = tuple[str, str, str, date, str]
"""(metric, subject, commune, day, key)."""
MarkKey = tuple[int, str, str]
"""(contact, metric, key)."""
FormKey = tuple[str, str]
"""(folded form, commune)."""
_TALLY: Mapping[str, Type] = {
    "metric": "text", "subject": "text", "commune": "text", "day": "date", "key": "text", "n": "integer",
}  # fmt: skip
_MARK: Mapping[str, Type] = {
    "contact_id": "bigint", "metric": "text", "key": "text", "day": "date", "commune": "text", "value": "text",
    "n": "integer",
}  # fmt: skip
_OF_MARK = ", ".join(f"m.{name}" for name in _MARK)
_MISS: Mapping[str, Type] = {
    "folded": "text", "commune": "text", "n": "integer", "people": "integer", "first_at": "timestamptz",
    "last_at": "timestamptz", "sample": "text", "sample_of": "bigint",
}  # fmt: skip


class Cursor(Struct, frozen=True):
    """How far the fold came. `version` counts its writes."""

    version: int
    interaction_id: int
    answer_id: int
    at: datetime | None
    counted_at: datetime | None


class Mark(Struct, frozen=True):
    """What is known of a contact under one metric and key; `day` and `commune` are those of the last time."""

    day: date
    commune: str
    value: str = ""
    n: int = 0


class Missed(Struct):
    """Messages with one form: how many, when, and the first of them with whose it is."""

    n: int
    first_at: datetime
    last_at: datetime
    sample: str
    sample_of: int


@dataclass(slots=True)
class Changes:
    """What one step writes. `departed` are contacts whose marks go, `unsaid` forms that they typed."""

    tallies: Counter[TallyKey] = field(default_factory=Counter)
    marks: dict[MarkKey, Mark] = field(default_factory=dict)
    misses: dict[FormKey, Missed] = field(default_factory=dict)
    people: Counter[FormKey] = field(default_factory=Counter)
    departed: Sequence[int] = ()
    unsaid: Set[str] = frozenset()


async def ensure_cursor(db: AsyncConnection) -> None:
    """Make the cursor's row, if it is not there."""
    await db.execute(insert_into(cursors, db.dialect).values(name=NAME).on_conflict_do_nothing())


async def read_cursor(db: AsyncConnection, *, lock: bool = False, wait: bool = False) -> Cursor | None:
    """The cursor; None where it was never made, or *lock* (PostgreSQL) is another's and we don't *wait* for it."""
    c = cursors.c
    query = select(c.version, c.interaction_id, c.answer_id, c.at, c.counted_at).where(c.name == NAME)
    if lock:
        query = query.with_for_update(skip_locked=not wait)
    found = (await db.execute(query)).first()
    return None if found is None else Cursor(*found)


async def move_cursor(
    db: AsyncConnection, seen: Cursor, *, interaction_id: int, answer_id: int, at: datetime | None
) -> bool:  # fmt: skip
    """Move the cursor on from where it was *seen*; false when somebody else has written since: then nothing holds."""
    moved = (
        update(cursors)
        .where(cursors.c.name == NAME, cursors.c.version == seen.version)
        .values(version=seen.version + 1, interaction_id=interaction_id, answer_id=answer_id, at=at)
    )
    return bool((await db.execute(moved)).rowcount)


async def departing(db: AsyncConnection) -> Sequence[int]:
    """Contacts that were forgotten, and whose marks are still there."""
    query = select(departures.c.contact_id).order_by(departures.c.contact_id).limit(DEPARTING)
    return (await db.execute(query)).scalars().all()


async def marks_at(db: AsyncConnection, keys: Collection[MarkKey]) -> dict[MarkKey, Mark | None]:
    """The marks at *keys*; None where there is none. Of people who have talked for long there are hundreds more."""
    if not keys:
        return {}
    given = table_given(db, {"contact_id": "bigint", "metric": "text", "key": "text"})
    joined = "m.contact_id = given.contact_id AND m.metric = given.metric AND m.key = given.key"
    query = text(f"SELECT {_OF_MARK} FROM ({given}) AS given CROSS JOIN marks AS m WHERE {joined}")
    return dict.fromkeys(keys) | await _marks(db, query, {"rows": encoded(sorted(keys))})


async def marks_of(db: AsyncConnection, contacts: Collection[int]) -> dict[MarkKey, Mark]:
    """All marks of *contacts*."""
    if not contacts:
        return {}
    query = text(f"SELECT {_OF_MARK} FROM marks AS m WHERE contact_id IN {list_given(db)}")
    return await _marks(db, query, {"list": encoded(contacts)})


async def _marks(db: AsyncConnection, query: TextClause, given: Mapping[str, str]) -> dict[MarkKey, Mark]:
    found = await db.execute(query.columns(*marks.columns), given)
    return {(row[0], row[1], row[2]): Mark(*row[3:]) for row in found}


async def write(db: AsyncConnection, changes: Changes) -> None:
    """Write *changes*: the cursor that was moved in the same transaction makes it once."""
    await _write_tallies(db, changes.tallies)
    await _write_marks(db, changes.marks)
    await _write_misses(db, changes)
    if changes.departed:
        gone = {"list": encoded(changes.departed)}
        for table in ("marks", "departures"):
            await db.execute(text(f"DELETE FROM {table} WHERE contact_id IN {list_given(db)}"), gone)


async def _write_tallies(db: AsyncConnection, changed: Counter[TallyKey]) -> None:
    rows = {key: (n,) for key, n in changed.items() if n}
    if rows:
        statement = text(
            f"INSERT INTO tallies ({', '.join(_TALLY)}) {table_given(db, _TALLY)} WHERE true"
            " ON CONFLICT (metric, subject, commune, day, key) DO UPDATE SET n = tallies.n + excluded.n"
        )
        await db.execute(statement, {"rows": encoded(sorted_rows(rows))})


async def _write_marks(db: AsyncConnection, changed: Mapping[MarkKey, Mark]) -> None:
    rows = {key: (mark.day, mark.commune, mark.value, mark.n) for key, mark in changed.items()}
    if rows:
        told = ", ".join(f"{name} = excluded.{name}" for name in ("day", "commune", "value", "n"))
        statement = text(
            f"INSERT INTO marks ({', '.join(_MARK)}) {table_given(db, _MARK)} WHERE true"
            f" ON CONFLICT (contact_id, metric, key) DO UPDATE SET {told}"
        )
        await db.execute(statement, {"rows": encoded(sorted_rows(rows))})


async def _write_misses(db: AsyncConnection, changes: Changes) -> None:
    """Groups grow first: whose people are counted has its row then."""
    rows = {
        key: (one.n, 0, stamp(db, one.first_at), stamp(db, one.last_at), one.sample, one.sample_of)
        for key, one in changes.misses.items()
    }
    least, most = ("min", "max") if db.dialect.name == "sqlite" else ("least", "greatest")
    if rows:
        statement = text(
            f"INSERT INTO misses ({', '.join(_MISS)}) {table_given(db, _MISS)} WHERE true"
            " ON CONFLICT (folded, commune) DO UPDATE SET n = misses.n + excluded.n,"
            f" first_at = {least}(misses.first_at, excluded.first_at),"
            f" last_at = {most}(misses.last_at, excluded.last_at)"
        )
        await db.execute(statement, {"rows": encoded(sorted_rows(rows))})
    people = {key: (n,) for key, n in changes.people.items() if n}
    if people:
        given = table_given(db, {"folded": "text", "commune": "text", "n": "integer"})
        statement = text(
            f"UPDATE misses SET people = misses.people + given.n FROM ({given}) AS given"
            " WHERE misses.folded = given.folded AND misses.commune = given.commune"
        )
        await db.execute(statement, {"rows": encoded(sorted_rows(people))})
    if changes.unsaid:
        await _unsay(db, changes)


async def _unsay(db: AsyncConnection, changes: Changes) -> None:
    """Words of who was forgotten: a group of nobody else goes, in others their sample gives way to the folded form."""
    forms, whose = encoded(list(changes.unsaid)), encoded(changes.departed)
    listed = f"folded IN {list_given(db, 'text', 'forms')}"
    empty = f"SELECT folded FROM misses WHERE {listed} AND commune = '{EVERYWHERE}' AND people <= 0"
    await db.execute(text(f"DELETE FROM misses WHERE folded IN ({empty})"), {"forms": forms})
    await db.execute(
        text(f"UPDATE misses SET sample = folded, sample_of = 0 WHERE {listed} AND sample_of IN {list_given(db)}"),
        {"forms": forms, "list": whose},
    )


async def empty(db: AsyncConnection) -> None:
    """Begin anew: no counters, no marks, the cursor before the first row. Decisions and departures stay."""
    await ensure_cursor(db)
    seen = await read_cursor(db, lock=db.dialect.name != "sqlite", wait=True)
    if seen is None:
        raise AssertionError("the cursor that was just made is gone")
    for table in (tallies, marks, misses):
        if db.dialect.name == "sqlite":
            await db.execute(delete(table))  # without a condition SQLite gives the pages back at once
        else:
            await db.exec_driver_sql(f"TRUNCATE {table.name}")
    await move_cursor(db, seen, interaction_id=0, answer_id=0, at=None)

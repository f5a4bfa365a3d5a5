"""What a file of contacts would change, and changing it: in one transaction, and only when every line is good.

Nobody's own words are overwritten: a known contact's empty fields are filled, and whoever stopped or refused stays
exactly as they are. An SQLite bot keeps the contacts it talks with in memory and writes them back whole, so that what
another process fills in would be lost with their next message: while it may be running, known contacts are kept as
they are, and the report says so. New contacts are safe: a bot remembers only those it found or made. On PostgreSQL
nothing is kept in memory, and known contacts are locked, last and for a short time, as turns lock them.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Literal

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.services.importing.reading import Entry, Fault, read_contacts
from bot.services.importing.values import Values
from bot.speech import _
from bot.store import audit, importing, ledger, officers
from bot.store.db import reading
from bot.store.ids import WORKERS, Ids
from bot.store.importing import Imported, Standing
from bot.store.turns_postgres import DEADLOCK, SERIALISATION, UNIQUE_VIOLATION

BATCH = 1_000
FAULTS = 1_000
"""Faults that are kept to be shown; the others are only counted."""
ATTEMPTS = 3
"""How often it is begun: somebody of the file may write to the bot for the first time just then."""
IMPORTER = 1
"""The worker number for ids on SQLite. The bot there is always 0; imports wait for each other to write, and only make
ids once they may: so no other process gives ids of this number at the same time."""
HELD = timedelta(days=1)
"""How long a number is ours on PostgreSQL, whatever happens: an import sends no heartbeat."""
MAY_IMPORT = ("admin", "officer")
Kept = Literal["stopped", "refused", "complete", "running"]


class Refused(Exception):
    """Nothing was changed, and the audit log says that it was tried. The text is for the officer."""


@dataclass(slots=True)
class Report:
    """What a file does: line numbers of people who are new, who get gaps filled, and who are kept as they are."""

    file: str
    sha256: str
    new: int = 0
    filled: int = 0
    kept: dict[Kept, list[int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    applied: bool = False

    def counts(self) -> dict[str, object]:
        """The numbers alone, as the audit log keeps them."""
        kept = {reason: len(lines) for reason, lines in self.kept.items()}
        return {"new": self.new, "filled": self.filled, "kept": kept, "faults": self.fault_count}


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was read: what is checked is then what is stored, whatever becomes of it on the disk."""

    name: str
    content: bytes

    def report(self) -> Report:
        """A report on it that says nothing yet."""
        return Report(self.name, sha256(self.content).hexdigest())


async def examine(database: AsyncEngine, file: File, values: Values, *, now: datetime) -> Report:
    """What *file* would change. Nothing is written."""
    report = _checked(file, values)
    async with reading(database).connect() as db:
        await _Import(db, report, now, None).run(_entries(file, values))
    return report


async def apply(
    database: AsyncEngine, file: File, values: Values, *, login: str, now: Callable[[], datetime]
) -> Report:  # fmt: skip
    """Store *file* for the officer *login*, whole or not at all: a report with faults says that nothing was stored.

    Raises `Refused` when the officer may not.
    """
    await _authorise(database, file, login, now())
    report = _checked(file, values)
    if report.fault_count:
        await _record_refusal(database, report, login, now(), "faults")
        return report
    async with _own_number(database, now) as worker:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await _apply_once(database, file, values, login, Ids(worker, now), now())
            except DBAPIError as error:
                if attempt == ATTEMPTS or not _is_passing(error):
                    raise
    raise AssertionError


async def _apply_once(
    database: AsyncEngine, file: File, values: Values, login: str, ids: Ids, at: datetime
) -> Report:  # fmt: skip
    report = file.report()
    async with database.begin() as db:
        await _Import(db, report, at, ids).run(_entries(file, values))
        await audit.record(
            db, at=at, actor=login, action="contacts.import", subject=_subject(report), detail=_detail(report)
        )
    report.applied = True
    return report


class _Import:
    """One pass over a file in one transaction. Without *ids* it only looks."""

    def __init__(self, db: AsyncConnection, report: Report, at: datetime, ids: Ids | None) -> None:
        self._db, self._report, self._at, self._ids = db, report, at, ids
        self._frozen = False

    async def run(self, entries: Iterable[Entry]) -> None:
        """New people first; those known last and in one order, so that no turn waits long for their rows."""
        self._frozen = self._db.dialect.name == "sqlite" and await importing.may_be_running(self._db)
        known: list[Entry] = []
        for batch in _batches(entries):
            there = await importing.standing_at(self._db, [entry.key for entry in batch], now=self._at)
            await self._add([entry for entry in batch if entry.key not in there])
            known += [entry for entry in batch if entry.key in there]
        known.sort(key=lambda entry: entry.key)
        for batch in _batches(known):
            await self._fill(batch)

    async def _add(self, entries: Sequence[Entry]) -> None:
        self._report.new += len(entries)
        if self._ids is not None:
            newcomers = {entry.key: _newcomer(entry, self._ids.next()) for entry in entries}
            await importing.add(self._db, newcomers, at=self._at)

    async def _fill(self, entries: Sequence[Entry]) -> None:
        keys, writes = [entry.key for entry in entries], self._ids is not None
        there = await importing.standing_at(self._db, keys, now=self._at, lock=writes)
        await self._add([entry for entry in entries if entry.key not in there])  # forgotten since we looked
        filled: list[Imported] = []
        for entry in entries:
            standing = there.get(entry.key)
            change = merged(entry, standing, self._frozen) if standing is not None else None
            if isinstance(change, Imported):
                filled.append(change)
            elif change is not None:
                self._report.kept.setdefault(change, []).append(entry.line)
        self._report.filled += len(filled)
        if writes:
            await importing.fill(self._db, filled, at=self._at)


def merged(entry: Entry, standing: Standing, frozen: bool) -> Imported | Kept:
    """A known contact with the gaps filled that *entry* fills, or why they are kept as they are. Pure."""
    if standing.stop != "none":
        return "stopped"
    if standing.fields.get("dong-y", "co") != "co":
        return "refused"
    told = {**entry.fields, "dong-y": "co"}
    gaps = {name: value for name, value in told.items() if _is_gap(standing.fields, name)}
    topics = () if standing.has_chosen else entry.topics
    if not gaps and not topics:
        return "complete"
    if frozen:
        return "running"
    return Imported(standing.contact_id, {**standing.fields, **gaps}, gaps, topics, entry.evidence)


def _is_gap(fields: Mapping[str, str], name: str) -> bool:
    """Nothing is there, nor did the person decline to tell it (`ho-khong-noi`)."""
    return not fields.get(name) and not fields.get(f"{name}-khong-noi")


def _newcomer(entry: Entry, contact_id: int) -> Imported:
    fields = {**entry.fields, "dong-y": "co"}
    return Imported(contact_id, fields, fields, entry.topics, entry.evidence)


def _checked(file: File, values: Values) -> Report:
    """A report of what is wrong with *file*."""
    report = file.report()
    for one in read_contacts(file.content, values):
        if isinstance(one, Fault):
            report.fault_count += 1
            if len(report.faults) < FAULTS:
                report.faults.append(one)
    return report


def _entries(file: File, values: Values) -> Iterator[Entry]:
    return (one for one in read_contacts(file.content, values) if isinstance(one, Entry))


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    rest = iter(entries)
    while batch := list(islice(rest, BATCH)):
        yield batch


@contextlib.asynccontextmanager
async def _own_number(database: AsyncEngine, now: Callable[[], datetime]) -> AsyncIterator[int]:
    """A number for ids that no other process has."""
    if database.dialect.name == "sqlite":
        yield IMPORTER
        return
    numbers = secrets.SystemRandom().sample(range(WORKERS), WORKERS)
    async with database.begin() as db:
        worker = await ledger.enlist_worker(db, now=now() + HELD, numbers=numbers)
    try:
        yield worker
    finally:
        async with database.begin() as db:
            await ledger.retire_worker(db, worker=worker)


def _is_passing(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in (UNIQUE_VIOLATION, DEADLOCK, SERIALISATION)


async def _authorise(database: AsyncEngine, file: File, login: str, at: datetime) -> None:
    async with reading(database).connect() as db:
        officer = await officers.find(db, login)
    if officer is not None and officer.is_active and officer.role in MAY_IMPORT:
        return
    await _record_refusal(database, file.report(), login, at, "officer")
    if officer is None:
        raise Refused(_("Không có cán bộ {login}: ghi đúng tên đăng nhập sau --as.").format(login=login))
    if not officer.is_active:
        raise Refused(_("Tài khoản {login} đã ngừng dùng.").format(login=login))
    told = _("{login} không được nhập danh bạ: việc này của cán bộ soạn tin hoặc người quản trị.")
    raise Refused(told.format(login=login))


async def _record_refusal(database: AsyncEngine, report: Report, login: str, at: datetime, reason: str) -> None:
    detail = {**_detail(report), "reason": reason}
    async with database.begin() as db:
        await audit.record(
            db, at=at, actor=login, action="contacts.import", subject=_subject(report), outcome="refused", detail=detail
        )


def _subject(report: Report) -> str:
    return f"import:{report.sha256[:16]}"


def _detail(report: Report) -> Mapping[str, object]:
    return {"file": report.file, "sha256": report.sha256, "via": "cli", **report.counts()}

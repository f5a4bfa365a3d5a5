"""What segments cost: counting, and freezing an audience in pages, for audiences of every size."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct, to_builtins
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.config import ROOT
from bot.engine.segments import Segment, names_of, parse
from bot.engine.state import Library
from bot.library.load import load_library
from bot.services.sending.audience import PAGE
from bot.store import segments
from bot.store.db import migrate, reading
from tests.bench import machine
from tests.bench.broadcasting import opened
from tests.bench.report import Report
from tests.bench.segments_crowd import AT, CHANNELS, QUERIES, SPACING, fill

DEAREST = 4.0
"""How many times what everybody costs a person, in the same run, a person of a smaller audience may cost …"""
ALLOWED = 0.25
"""… beyond these seconds for the audience as such: a million contacts may have to be passed over."""
GROWTH = 1.5
"""How much more than its people an audience's cost may grow, when the database grows to four times its size."""
STEP = 4


class Options(Struct, frozen=True):
    """*url* empty is a new SQLite file."""

    contacts: int
    url: str = ""


class Cost(Struct, frozen=True):
    """Seconds of one segment in a database of `contacts` people; `rows` of them are its audience."""

    query: str
    contacts: int
    rows: int
    count: float
    freeze: float

    def per_thousand(self) -> float:
        """Milliseconds of freezing for each thousand people."""
        return 1e6 * self.freeze / max(self.rows, 1)


async def measure(options: Options, report: Report) -> int:
    """Fill the database to a quarter and whole, and cost every query at both sizes; 1 when one costs too much."""
    library = load_library(*(ROOT / part for part in ("dialogs", "content", "locales")))
    with TemporaryDirectory() as folder:
        engine = opened(options.url or f"sqlite:///{Path(folder, 'bot.db')}")
        try:
            await migrate(engine)
            few = await _costs(engine, library, range(1, options.contacts // STEP + 1), report)
            many = await _costs(engine, library, range(options.contacts // STEP + 1, options.contacts + 1), report)
        finally:
            await engine.dispose()
    faults = faults_of(few, many)
    _tell(many, few, faults, report)
    told = [to_builtins(cost) for cost in (*few, *many)]
    report.finish(f"{len(machine.allowed())} cores", costs=told, faults=faults, database=engine.dialect.name)
    return 1 if faults else 0


async def _costs(engine: AsyncEngine, library: Library, people: range, report: Report) -> list[Cost]:
    """The costs once *people* are there as well as those before them."""
    names, contacts = names_of(library), people.stop - 1
    started = time.perf_counter()
    await fill(engine, library, people.start, contacts)
    report.line(f"{contacts:,} contacts in the database after {time.perf_counter() - started:.0f} s more")
    async with reading(engine).connect() as db:
        return [await _cost(db, query, parse(query, names), contacts) for query in QUERIES]


async def _cost(db: AsyncConnection, query: str, segment: Segment, contacts: int) -> Cost:
    counted, took = await _timed(lambda: segments.count(db, segment, at=AT, channels=CHANNELS))
    rows, freezing = await _timed(lambda: _freeze(db, segment, contacts * SPACING))
    if rows != counted:
        raise AssertionError(f"{query}: {counted} were counted, {rows} frozen")
    return Cost(query, contacts, rows, took, freezing)


async def _timed(work: Callable[[], Awaitable[int]]) -> tuple[int, float]:
    """The better of two: the first one warms the caches for all."""
    best = float("inf")
    for _ in range(2):
        started = time.perf_counter()
        found = await work()
        best = min(best, time.perf_counter() - started)
    return found, best


async def _freeze(db: AsyncConnection, segment: Segment, ceiling: int) -> int:
    """Read the whole audience as the planner does, page by page; how many they are."""
    after, rows = 0, 0
    while True:
        page = await segments.page(
            db, segment, at=AT, channels=CHANNELS, after=after, ceiling=ceiling, limit=PAGE
        )  # fmt: skip
        rows += len(page)
        if len(page) < PAGE:
            return rows
        after = page[-1].contact_id


def faults_of(few: Sequence[Cost], many: Sequence[Cost]) -> list[str]:
    """What costs more than its audience accounts for: beside everybody, and beside itself among fewer people."""
    faults: list[str] = []
    everybody = many[-1]
    for before, cost in zip(few, many, strict=True):
        share = cost.rows / everybody.rows
        for name in ("count", "freeze"):
            took, whole, earlier = getattr(cost, name), getattr(everybody, name), getattr(before, name)
            told = f"{cost.query}: {name} took {took:.2f} s for {cost.rows}"
            if took > ALLOWED + DEAREST * share * whole:
                faults.append(f"{told}; everybody, {everybody.rows}, took {whole:.2f} s")
            if took > ALLOWED + GROWTH * earlier * cost.rows / max(before.rows, 1):
                faults.append(f"{told}; {earlier:.2f} s when it was {before.rows}")
    return faults


def _tell(many: Sequence[Cost], few: Sequence[Cost], faults: Sequence[str], report: Report) -> None:
    rows = [
        (cost.query, cost.rows, cost.count, cost.freeze, cost.per_thousand(), before.per_thousand())
        for before, cost in zip(few, many, strict=True)
    ]
    title = f"Segments among {many[0].contacts:,} contacts, frozen in pages of {PAGE}"
    columns = ("query", "audience", "count, s", "freeze, s", "ms per 1,000", f"at 1/{STEP} the contacts")
    report.table(title, columns, rows)
    report.line("\n".join(faults) or "nothing costs more than its audience accounts for")

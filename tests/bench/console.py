"""What a page of the console costs with a long log and with a short one: the same, since pages read roll-ups."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.config import ROOT
from bot.console.app import ROUTES
from bot.engine.state import Library
from bot.library.load import load_library
from bot.services.insight.follower import catch_up, sections_of
from bot.store import officers
from bot.store.db import migrate
from tests.bench import machine
from tests.bench.broadcasting import opened
from tests.bench.console_crowd import AT, SPACING, fill
from tests.bench.report import Report
from tests.conftest import Clock
from tests.console.office import Console
from tests.services.office import Office

GROWTH = 1.5
"""How much more a page may cost with the long log."""
NOISE = 0.002
"""Seconds that one page or another may take longer for no reason of ours: a page is built in some ten milliseconds."""
TRIES = 15
"""Of which the best counts: the first ones warm the caches."""
LOGIN = "dung"
ONE_OF_MANY = ("/dialogs/vay-von", "/dialogs/menu", f"/log/{SPACING}", "/broadcasts/1", "/broadcasts/1/recipients",
               "/users/dung", "/compare?broadcast=1&broadcast=2", "/?days=90", "/dialogs?days=90")  # fmt: skip
"""Pages of one thing, and pages asked for the longest that they show."""
NO_PAGES = ("/sign-in", "/channels/zalo/")
"""Only for who is not signed in, and ways to a platform and back."""


class Options(Struct, frozen=True):
    """Interactions of the long log and of the short one; *urls* of two empty databases, empty: new SQLite files."""

    many: int
    few: int
    urls: tuple[str, str] = ("", "")


class Filled(Struct, frozen=True):
    """A database with so many interactions, folded at so many rows a second, and the console on it."""

    interactions: int
    folded_a_second: float
    console: Console


async def measure(options: Options, report: Report) -> int:
    """Fill and fold both logs, and look at every page of both in turns; 1 when one costs too much with the long log."""
    library = load_library(*(ROOT / part for part in ("dialogs", "content", "locales")))
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        filled: list[Filled] = []
        for size, url in zip((options.few, options.many), options.urls, strict=True):
            engine = opened(url or f"sqlite:///{Path(folder, f'{size}.db')}")
            stack.push_async_callback(engine.dispose)
            filled.append(await _filled(engine, library, size, report))
            stack.push_async_callback(filled[-1].console.client.close)
        costs = {path: await _costs([one.console for one in filled], path) for path in paths()}
    faults = [told for path, both in costs.items() if (told := _fault(path, *both))]
    sizes = [one.interactions for one in filled]
    _tell(sizes, costs, faults, report)
    report.finish(
        f"{len(machine.allowed())} cores", database=engine.dialect.name, interactions=sizes, faults=faults,
        seconds=costs, folded_a_second=[one.folded_a_second for one in filled],
    )  # fmt: skip
    return 1 if faults else 0


def _fault(path: str, before: float, took: float) -> str:
    if took <= GROWTH * before + NOISE:
        return ""
    return f"{path}: {took * 1000:.1f} ms with the long log, {before * 1000:.1f} ms with the short one"


async def _filled(engine: AsyncEngine, library: Library, size: int, report: Report) -> Filled:
    await migrate(engine)
    with report.progress("interactions", size) as progress:
        task = progress.task_ids[0]
        rows = await fill(engine, library, interactions=size, told=lambda n: progress.advance(task, n))
    await _settle(engine)
    started = time.perf_counter()
    with report.progress("folded", rows) as progress:
        task = progress.task_ids[0]
        sections = sections_of(library)
        await catch_up(engine, now=AT, sections=sections, told=lambda n: progress.advance(task, n))
    rate = rows / (time.perf_counter() - started)
    await _settle(engine)
    report.line(f"{rows:,} interactions, folded at {rate:,.0f} a second")
    async with engine.begin() as db:
        await officers.add(db, login=LOGIN, role="admin", at=AT)
    clock = Clock(AT)
    return Filled(rows, rate, await Console(Office(engine, clock), clock, library).open())


async def _settle(engine: AsyncEngine) -> None:
    """As PostgreSQL's own housekeeping does; nobody does it on SQLite."""
    if engine.dialect.name == "postgresql":
        async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as db:
            await db.exec_driver_sql("VACUUM ANALYZE")


def paths() -> Sequence[str]:
    """Every page that can be asked for without knowing anything, and some of those of one thing."""
    plain = [route.path for route in ROUTES if route.method == "GET" and "{" not in route.path]
    return [path for path in plain if not path.startswith(NO_PAGES)] + list(ONE_OF_MANY)


async def _costs(consoles: Sequence[Console], path: str) -> tuple[float, float]:
    """Seconds that the page took on each, in turns: what else the machine does then falls on both.

    With SQLite all of it is done by this process, so that its own time tells it, whoever else is busy.
    """
    is_sqlite = consoles[0].database.dialect.name == "sqlite"
    clock = time.process_time if is_sqlite else time.perf_counter
    best = [float("inf")] * 2
    for _ in range(TRIES):
        for index, console in enumerate(consoles):
            started = clock()
            page = await console.get(path, LOGIN)
            best[index] = min(best[index], clock() - started)
            if page.status >= 400:
                raise AssertionError(f"{path} was answered with {page.status}")
    return best[0], best[1]


def _tell(
    sizes: Sequence[int], costs: Mapping[str, tuple[float, float]], faults: Sequence[str], report: Report
) -> None:
    rows = [
        (path, 1000 * few, 1000 * many, many / few)
        for path, (few, many) in sorted(costs.items(), key=lambda one: -one[1][1])
    ]
    title = f"Pages of the console, best of {TRIES}, in milliseconds"
    report.table(title, ("page", *(f"{size:,}" for size in sizes), "ratio"), rows)
    report.line("\n".join(faults) or "no page costs more for a longer log")

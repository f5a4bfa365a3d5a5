"""Durable messages a second of one courier, beside a bare aiohttp loop that records nothing, in alternating rounds."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.db import is_sqlite
from tests.bench import broadcast_floor, machine
from tests.bench.broadcast_api import Account
from tests.bench.broadcast_floor import Job
from tests.bench.broadcast_left import left_of, until_ended
from tests.bench.broadcasting import FIRST_CHAT, MESSAGES, Plan, opened, populate, release
from tests.bench.process import TOKEN, Process, free_port, our_bot
from tests.bench.report import Report

FLOOR, OURS = "floor", "ours"
LEAST = {"postgresql": 0.60, "sqlite": 0.45}
"""Bars: ours / floor."""
MOST_MEMORY = 120.0
"""MiB that the worker may ever hold while very many are pending."""
PENDING_RATE, PENDING_SECONDS = 50.0, 40.0
SECONDS_EACH = 600.0
"""The longest that a round may take."""


class Options(Struct, frozen=True):
    """What `broadcast` is asked to do. *pending*: so many recipients for the memory (0: not measured)."""

    recipients: int = 20_000
    rounds: int = 3
    pending: int = 1_000_000
    database: str = ""
    database_of_pending: str = ""


class Round(Struct):
    """Messages a second from the first to the last, microseconds of CPU each, share of a core of the driver.

    `start` is the seconds from the release to the first message: looking for work, and planning the first page.
    """

    peer: str
    rate: float
    cpu: float
    driver: float
    start: float
    sent: int


class Stage(Struct):
    """What all rounds share."""

    options: Options
    folder: Path
    account: Account
    url: str
    engine: AsyncEngine
    worker: Process
    core: int
    fields: dict[str, object] = {}


async def measure(options: Options, report: Report) -> int:
    """Play all rounds, then the memory; the exit status: 1 when a bar is missed."""
    where = machine.cores()
    os.sched_setaffinity(0, {where.driver})
    rounds: list[tuple[Round, Round]] = []
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        progress = stack.enter_context(report.progress("rounds", options.rounds + 2))
        stage = await _set(folder, options, where.bot, stack)
        for number in range(options.rounds + 1):  # the first one warms up, and shows what is said
            order = (_ours, _floor) if number % 2 == 0 else (_floor, _ours)
            found = {one.peer: one for one in [await play(stage) for play in order]}
            rounds += [(found[FLOOR], found[OURS])] if number else []
            progress.advance(progress.task_ids[0])
        memory = machine.peak_memory(stage.worker.pid)
        await stage.worker.stop()
        pending = await _pending(folder, options, where.bot, stack) if options.pending else 0.0
        kind = stage.engine.dialect.name
    return _tell(report, options, rounds, kind, (memory, pending), str(where))


async def _set(folder: Path, options: Options, core: int, stack: AsyncExitStack) -> Stage:
    database = options.database or f"sqlite:///{folder}/bot.db"
    engine = opened(database)
    stack.push_async_callback(engine.dispose)
    await populate(engine, options.recipients)
    account = Account(keeps=False)
    stack.callback(account.close)
    url = await account.open()
    worker = await _worker(folder / OURS, database, url, core, stack, rate="1000000")
    return Stage(options, folder, account, url, engine, worker, core)


async def _worker(home: Path, database: str, url: str, core: int, stack: AsyncExitStack, *, rate: str) -> Process:
    """A courier; on SQLite, where one process does all, the whole bot."""
    home.mkdir()  # noqa: ASYNC240 -- nothing runs yet that could wait
    only = "" if is_sqlite(database) else "courier"
    worker = our_bot(home, port=free_port(), api=url, database=database, core=core, only=only, BOT_TELEGRAM_RATE=rate)
    stack.push_async_callback(worker.kill)
    await worker.spawn()
    await worker.ready()
    return worker


async def _ours(stage: Stage) -> Round:
    """One broadcast to all; every row of it must be there and sent."""
    stage.account.reset()
    before, drove = machine.usage(stage.worker.pid), time.process_time()
    number = await release(stage.engine, Plan(MESSAGES[0], "ask"))
    released = time.perf_counter()
    await until_came(stage.account, stage.options.recipients)
    used, drives = machine.usage(stage.worker.pid).since(before), time.process_time()
    if not await until_ended(stage.engine, [number], 60.0):
        raise RuntimeError("the broadcast did not end")
    left = await left_of(stage.engine, number, {})
    stage.fields = msgspec.json.decode(stage.account.last_body, type=dict[str, object])
    sent = sum(row.status == "sent" for row in left.rows)
    return _round_of(OURS, stage, used.ran, drives - drove, stage.account.first_at - released, sent)


async def _floor(stage: Stage) -> Round:
    """The same calls, by a new process."""
    stage.account.reset()
    fields = {name: value for name, value in stage.fields.items() if name != "chat_id"}
    file = stage.folder / "job.json"
    file.write_bytes(msgspec.json.encode(Job(FIRST_CHAT + 1, stage.options.recipients, fields)))
    command = (sys.executable, "-m", broadcast_floor.__name__, str(file), f"{stage.url}/bot{TOKEN}/sendMessage")
    floor = Process(command, {}, stage.folder, sign=broadcast_floor.POSTING, core=stage.core)
    await floor.spawn()
    try:
        await floor.ready()
        before, drove = machine.usage(floor.pid), time.process_time()
        await until_came(stage.account, stage.options.recipients)
        used, drives = machine.usage(floor.pid).since(before), time.process_time()
    finally:
        await floor.kill()
    return _round_of(FLOOR, stage, used.ran, drives - drove, 0.0, stage.account.count)


def _round_of(peer: str, stage: Stage, ran: float, drove: float, start: float, sent: int) -> Round:
    account = stage.account
    seconds = max(1e-9, account.last_at - account.first_at)
    return Round(peer, (account.count - 1) / seconds, ran / account.count * 1e6, drove / seconds, start, sent)


async def until_came(account: Account, count: int) -> None:
    """Wait for so many messages. TimeoutError: they did not come."""
    async with asyncio.timeout(SECONDS_EACH):
        while account.count < count:  # noqa: ASYNC110 -- another process's calls: it can't tell us
            await asyncio.sleep(0.01)


async def _pending(folder: Path, options: Options, core: int, stack: AsyncExitStack) -> float:
    """Peak memory (MiB) of a worker that has begun with very many recipients, in a database of its own."""
    database = options.database_of_pending or f"sqlite:///{folder}/pending.db"
    engine = opened(database)
    stack.push_async_callback(engine.dispose)
    await populate(engine, options.pending)
    account = Account(keeps=False)
    stack.callback(account.close)
    await release(engine, Plan())
    worker = await _worker(folder / "pending", database, await account.open(), core, stack, rate=str(PENDING_RATE))
    await until_came(account, int(PENDING_RATE * PENDING_SECONDS))
    memory = machine.peak_memory(worker.pid)
    await worker.stop()
    return memory


def problems_of(
    options: Options, rounds: Sequence[tuple[Round, Round]], ratio: float, kind: str, pending: float
) -> list[str]:
    """Which bars were missed."""
    problems = []
    if ratio < LEAST[kind]:
        problems.append(f"{ratio:.3f} of the floor: at least {LEAST[kind]:.2f} on {kind} must be reached")
    if pending > MOST_MEMORY:
        problems.append(f"{pending:.0f} MiB with {options.pending} pending: at most {MOST_MEMORY:.0f} may be")
    missing = sum(options.recipients - one.sent for pair in rounds for one in pair)
    if missing:
        problems.append(f"{missing} messages are not sent in the ledger")
    return problems


def _tell(
    report: Report, options: Options, rounds: Sequence[tuple[Round, Round]], kind: str, memory: tuple[float, float],
    where: str,
) -> int:  # fmt: skip
    both = [one for pair in rounds for one in pair]
    rows = [[one.peer, f"{one.rate:.0f}", f"{one.cpu:.0f}", f"{one.driver:.0%}", one.start, one.sent] for one in both]
    report.table(f"{options.recipients} messages a round, {kind}", COLUMNS, rows)
    ratio = median(ours.rate / base.rate for base, ours in rounds)
    cpu = median(ours.cpu / base.cpu for base, ours in rounds)
    peak, pending = memory
    report.line(f"ours / floor, medians of the rounds' ratios: messages/s {ratio:.3f} · CPU {cpu:.3f}")
    told = f"; with {options.pending} pending {pending:.0f} MiB" if options.pending else ""
    report.line(f"peak memory of the worker: {peak:.0f} MiB{told}")
    problems = problems_of(options, rounds, ratio, kind, pending)
    for problem in problems:
        report.line(f"problem: {problem}")
    settings = {f: getattr(options, f) for f in options.__struct_fields__ if not f.startswith("database")}
    played = [{f: getattr(one, f) for f in one.__struct_fields__} for one in both]
    server = "" if is_sqlite(options.database or "sqlite://") else ", PostgreSQL on any core"
    report.finish(
        where + server, **settings, database=kind, ratio=ratio, cpu_ratio=cpu, peak=peak, pending_peak=pending,
        rounds_played=played, problems=problems,
    )  # fmt: skip
    return 1 if problems else 0


COLUMNS = ("peer", "messages/s", "CPU µs each", "driver", "start s", "sent")

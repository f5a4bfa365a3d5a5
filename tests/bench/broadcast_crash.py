"""A broadcast under processes that are killed, asked to stop, lost for good, or suspended past their lease."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Literal

import msgspec
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.services.sending.window import window_of
from tests.bench import machine
from tests.bench.broadcast_api import Account
from tests.bench.broadcast_left import left_of, times_of, until_ended
from tests.bench.broadcast_verdict import Left, Verdict, judge, overdrawn, strays
from tests.bench.broadcasting import MESSAGES, Plan, opened, populate, release
from tests.bench.process import Process, free_port, our_bot
from tests.bench.report import Report

How = Literal["kill", "sigterm", "takeover", "zombie"]
LATENCY = (0.02, 0.05)
WHILE_STARTING = 0.2
"""Share of the kills that hit a process which is still starting."""
STARTS = 2.0
"""About how long a start takes, in seconds: kills while starting come within it."""
JITTER = 0.1
"""Seconds within which a kill comes after so many messages came: not always at the same step."""
STALLED = 45.0
"""Seconds to wait for the next messages: the chunk of a dead worker is the others' after 30."""
LEASE = 30.0
MARGIN = 8.0
ENDS_WITHIN = 120.0


class Options(Struct, frozen=True):
    """What `crash-broadcast` is asked to do. *recipients* get two broadcasts: one asks, one sends again."""

    recipients: int = 5000
    kills: int = 20
    seed: int = 1
    rate: float = 500.0
    how: How = "kill"
    database: str = ""


class Scene(Struct):
    """All that plays together. *doors* has each worker's own URL of the account."""

    account: Account
    workers: list[Process]
    engine: AsyncEngine
    total: int
    stopped_at: list[float]
    random: Random


async def crash(options: Options, report: Report) -> int:
    """Stop it again and again, wait for its end, judge; the exit status: 1 when anybody was lost or told untruly."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        database = options.database or f"sqlite:///{folder}/bot.db"
        engine = opened(database)
        stack.push_async_callback(engine.dispose)
        people = await populate(engine, options.recipients)
        plans = [Plan(MESSAGES[0], "ask"), Plan(MESSAGES[1], "resend")]
        numbers = [await release(engine, plan) for plan in plans]
        account = Account(latency=LATENCY, seed=options.seed)
        stack.callback(account.close)
        workers = [await _worker(n, options, folder, database, account, stack) for n in range(_workers(options))]
        scene = Scene(account, workers, engine, len(people) * len(plans), [], Random(options.seed))
        for worker in workers:
            await worker.spawn()
            await worker.ready()
        began = time.perf_counter()
        resumed = await _play(scene, options, report)
        has_ended = await until_ended(engine, numbers, ENDS_WITHIN + scene.total / options.rate)
        seconds = time.perf_counter() - began
        for worker in workers:
            await worker.stop()
        came = times_of(account.came)
        lefts = [await left_of(engine, number, came) for number in numbers]
        verdicts = [judge(left, people, came, scene.stopped_at) for left in lefts]
        problems = [] if has_ended else ["the broadcasts did not end in time"]
        problems += strays(lefts, came) + _bounds(options, verdicts, len(scene.stopped_at))
        late = _late(scene, lefts, resumed) if options.how == "zombie" else 0
        if late > window_of(options.rate):
            problems.append(f"the suspended worker sent {late} more of chunks that it had lost")
        errors = [line for worker in workers for line in _errors_in(worker)]
    return _tell(report, options, verdicts, problems, errors, seconds=seconds, late=late)


def _workers(options: Options) -> int:
    return 2 if options.how in ("takeover", "zombie") else 1


async def _worker(
    number: int, options: Options, folder: Path, database: str, account: Account, stack: AsyncExitStack
) -> Process:
    """A whole bot when it is the only one, else a courier; each with its own door."""
    home = folder / f"worker-{number}"
    home.mkdir()
    only = "courier" if _workers(options) > 1 else ""
    worker = our_bot(
        home, port=free_port(), api=await account.open(), database=database, only=only,
        BOT_TELEGRAM_RATE=str(options.rate),
    )  # fmt: skip
    stack.push_async_callback(worker.kill)
    return worker


async def _play(scene: Scene, options: Options, report: Report) -> float:
    """Stop workers as the options say; when the suspended one went on (`time.perf_counter`)."""
    if options.how in ("kill", "sigterm"):
        with report.progress("stops", options.kills) as progress:
            for number in range(options.kills):
                await _stop_once(scene, options, number)
                progress.advance(progress.task_ids[0])
        return 0.0
    first = scene.workers[0]
    await _until_came(scene, int(scene.total * scene.random.uniform(0.2, 0.5)))
    await asyncio.sleep(scene.random.uniform(0, JITTER))
    scene.stopped_at.append(time.perf_counter())
    if options.how == "takeover":
        await first.kill()
        return 0.0
    os.kill(first.pid, signal.SIGSTOP)
    await asyncio.sleep(LEASE + MARGIN)
    resumed = time.perf_counter()
    os.kill(first.pid, signal.SIGCONT)
    return resumed


async def _stop_once(scene: Scene, options: Options, number: int) -> None:
    """Stop the worker at a random moment of its slice of the work, and start the next one at once."""
    [worker], random = scene.workers, scene.random
    if random.random() < WHILE_STARTING:
        await asyncio.sleep(random.uniform(0, STARTS))
    else:
        await _until_came(scene, int(scene.total * (number + random.random()) / (options.kills + 1)))
        await asyncio.sleep(random.uniform(0, JITTER))
    scene.stopped_at.append(time.perf_counter())
    await (worker.stop() if options.how == "sigterm" else worker.kill())
    await worker.spawn()


async def _until_came(scene: Scene, count: int) -> None:
    """Wait until so many messages came, and some since the start; or until nothing comes any more."""
    count = max(count, scene.account.count + 1)
    before, moved_at = scene.account.count, time.perf_counter()
    while scene.account.count < count and time.perf_counter() - moved_at < STALLED:
        await asyncio.sleep(0.005)
        if scene.account.count != before:
            before, moved_at = scene.account.count, time.perf_counter()


def _bounds(options: Options, verdicts: list[Verdict], stops: int) -> list[str]:
    """A kill may leave W in doubt; a polite end none."""
    return overdrawn(verdicts, stops, 0 if options.how == "sigterm" else window_of(options.rate))


def _late(scene: Scene, lefts: list[Left], resumed: float) -> int:
    """What the suspended worker sent after it went on, of chunks in which the other one had sent by then."""
    chunk_of = {row.key: row.chunk for left in lefts for row in left.rows}
    chunks = [(one, chunk_of.get((one.chat, one.method, one.body))) for one in scene.account.came]
    taken = {chunk for one, chunk in chunks if one.door == 1 and one.at <= resumed}
    return sum(one.door == 0 and one.at > resumed and chunk in taken for one, chunk in chunks)


def _errors_in(worker: Process) -> list[str]:
    log = worker.errors.read_text(encoding="utf-8", errors="replace")
    return [line for line in log.splitlines() if '"level": "error"' in line or line.startswith("Traceback")]


def _tell(
    report: Report, options: Options, verdicts: list[Verdict], problems: list[str], errors: list[str], *,
    seconds: float, late: int,
) -> int:  # fmt: skip
    window = window_of(options.rate)
    stops = max((len(verdict.by_stop) for verdict in verdicts), default=0)
    report.line(f"{options.how}: {stops} stops, window {window} at {options.rate:g}/s, {seconds:.0f} s in all")
    columns = ("policy", "audience", "lost", "repeated", "tried again", "doubtful", "unlisted", "statuses")
    report.table(
        "broadcasts", columns,
        [[v.policy, v.audience, v.lost, v.repeated, v.resent, v.doubtful, v.unlisted, v.statuses] for v in verdicts],
    )  # fmt: skip
    by_stop = [sum(counts) for counts in zip(*(verdict.by_stop for verdict in verdicts), strict=True)]
    report.line(f"came, and in doubt after each stop: {by_stop}")
    if options.how == "zombie":
        report.line(f"sent by the suspended worker of chunks it had lost: {late}")
    problems = [*problems, *(f"{v.policy}: {problem}" for v in verdicts for problem in v.problems)]
    for problem in problems[:20]:
        report.line(f"problem: {problem}")
    for line in errors[:5]:
        report.line(f"logged: {line[:300]}")
    settings = {f: getattr(options, f) for f in options.__struct_fields__ if f != "database"}
    found = [msgspec.to_builtins(verdict) for verdict in verdicts]
    report.finish(
        f"bot and driver on any of {len(machine.allowed())} cores", **settings, window=window, verdicts=found,
        late=late, by_stop=by_stop, seconds=seconds, problems=problems, errors=len(errors),
    )  # fmt: skip
    return 1 if problems else 0

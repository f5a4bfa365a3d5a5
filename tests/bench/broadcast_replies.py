"""How soon people are answered while a broadcast takes all of the account's rate, beside how soon when idle."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from msgspec import Struct

from tests.bench import machine
from tests.bench.botapi import BotApi, Shown
from tests.bench.broadcasting import FIRST_CHAT, Plan, opened, populate, release
from tests.bench.crowd import Crowd
from tests.bench.delivery import Delivery
from tests.bench.people import Talker
from tests.bench.process import free_port, our_bot
from tests.bench.report import Report
from tests.bench.turns import HOOK

THINK = 7.5
"""Seconds between an answer and the next act, plus or minus a half: nobody meets the gap of their own chat."""
LATENCY = 0.03
CHAT_GAP = 1.0
FLOWS = 100
"""Messages of the broadcast that must have come before anything is measured: seconds, in which all chats are free."""
STARTS_WITHIN = 60.0
MOST_SECONDS, MOST_TIMES = 1.0, 3.0
"""Bars of p99: at most so long, and at most so many times that of idle."""
TAKEN = 0.9
"""Share of the account's rate that replies and broadcast must have taken together, or it was not under load."""


class Options(Struct, frozen=True):
    """What `replies` is asked to do."""

    recipients: int = 50_000
    rate: float = 30.0
    seconds: float = 60.0
    people: int = 20
    database: str = ""


class Answers(Struct):
    """One window: latencies in milliseconds, messages of the broadcast that came in it."""

    name: str
    turns: int
    p50: float
    p95: float
    p99: float
    slowest: float
    unanswered: int
    wrong: int
    broadcast: int
    seconds: float

    @property
    def sent(self) -> float:
        """Messages a second, of both kinds."""
        return (self.turns + self.broadcast) / self.seconds


class Stage(Struct):
    """The crowd, and how many messages of the broadcast came so far."""

    crowd: Crowd
    broadcast: int = 0


async def measure(options: Options, report: Report) -> int:
    """Talk when idle, then under a broadcast; the exit status: 1 when a bar is missed."""
    where = machine.cores()
    os.sched_setaffinity(0, {where.driver})
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        database = options.database or f"sqlite:///{folder}/bot.db"
        engine = opened(database)
        stack.push_async_callback(engine.dispose)
        await populate(engine, options.recipients)
        stage = await _set(folder, options, database, where.bot, stack)
        progress = stack.enter_context(report.progress("windows", 2))
        idle = await _window("idle", stage, options)
        progress.advance(progress.task_ids[0])
        await release(engine, Plan())
        await _flowing(stage)
        loaded = await _window("broadcast", stage, options)
    return _tell(report, options, idle, loaded, str(where))


async def _set(folder: Path, options: Options, database: str, core: int, stack: AsyncExitStack) -> Stage:
    api, port = BotApi(latency=LATENCY), free_port()
    await api.start()
    stack.callback(api.close)
    bot = our_bot(
        folder, port=port, api=api.url, database=database, core=core, BOT_TELEGRAM_RATE=str(options.rate),
        BOT_TELEGRAM_CHAT_GAP=str(CHAT_GAP),
    )  # fmt: skip
    stack.push_async_callback(bot.kill)
    await bot.spawn()
    await bot.ready()
    first = time.time_ns() // 1000
    people = [Talker(first + number, number) for number in range(options.people)]
    delivery = Delivery(port, HOOK, first)
    stack.callback(delivery.close)
    stage = Stage(Crowd(people, api, delivery, THINK))
    to_crowd = api.on_message

    def count(shown: Shown, at: float) -> None:
        stage.broadcast += FIRST_CHAT <= shown.chat.id < FIRST_CHAT + 1_000_000_000
        to_crowd(shown, at)

    api.on_message = count
    return stage


async def _flowing(stage: Stage) -> None:
    async with asyncio.timeout(STARTS_WITHIN):
        while stage.broadcast < FLOWS:  # noqa: ASYNC110 -- another process's calls: it can't tell us
            await asyncio.sleep(0.1)


async def _window(name: str, stage: Stage, options: Options) -> Answers:
    edges: list[tuple[int, float]] = []
    turns = max(2, round(options.seconds * options.people / THINK))
    at_edge = lambda: edges.append((stage.broadcast, time.perf_counter()))  # noqa: E731
    window = await stage.crowd.window(turns, at_edge, limit=120 + 4 * options.seconds)
    times = sorted(1000 * latency for latency in window.latencies)
    cuts = quantiles(times or [0.0, 0.0], n=100, method="inclusive")
    (before, began), (after, ended) = edges
    return Answers(
        name, turns, cuts[49], cuts[94], cuts[98], max(times, default=0.0), window.unanswered, len(window.faults),
        after - before, ended - began,
    )  # fmt: skip


def problems_of(options: Options, idle: Answers, loaded: Answers) -> list[str]:
    """Which bars were missed."""
    problems = []
    if loaded.p99 > MOST_SECONDS * 1000:
        problems.append(f"p99 is {loaded.p99:.0f} ms: at most {MOST_SECONDS * 1000:.0f} may be")
    if loaded.p99 > MOST_TIMES * idle.p99:
        problems.append(f"p99 is {loaded.p99 / idle.p99:.2f} times that of idle: at most {MOST_TIMES:g} may be")
    if loaded.sent < TAKEN * options.rate:
        problems.append(f"only {loaded.sent:.1f} messages a second went out: that is no load")
    lost = idle.unanswered + loaded.unanswered
    if lost:
        problems.append(f"{lost} people were not answered")
    return problems


def _tell(report: Report, options: Options, idle: Answers, loaded: Answers, where: str) -> int:
    columns = ("", "turns", "p50 ms", "p95 ms", "p99 ms", "slowest", "unanswered", "broadcast/s", "all/s")
    rows = [
        [a.name, a.turns, a.p50, a.p95, a.p99, a.slowest, a.unanswered, a.broadcast / a.seconds, a.sent]
        for a in (idle, loaded)
    ]
    report.table(f"{options.people} people, answered at {options.rate:g}/s", columns, rows)
    report.line(f"p99 under load / idle: {loaded.p99 / idle.p99:.2f}")
    problems = problems_of(options, idle, loaded)
    for problem in problems:
        report.line(f"problem: {problem}")
    settings = {f: getattr(options, f) for f in options.__struct_fields__ if f != "database"}
    windows = [{f: getattr(one, f) for f in one.__struct_fields__} for one in (idle, loaded)]
    report.finish(where, **settings, windows=windows, times_idle=loaded.p99 / idle.p99, problems=problems)
    return 1 if problems else 0

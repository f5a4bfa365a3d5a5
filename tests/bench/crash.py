"""kill -9 at random moments under people who tap and type; Telegram brings again what was not accepted."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.services.recovery import BEAT, DEAD_AFTER
from bot.store.db import is_sqlite, open_database
from bot.store.models import deliveries
from tests.bench import machine, verdict
from tests.bench.botapi import BotApi
from tests.bench.crowd import Crowd
from tests.bench.delivery import Delivery
from tests.bench.people import Wanderer
from tests.bench.process import Process, free_port, our_bot
from tests.bench.report import Report
from tests.bench.turns import HOOK

THINK = 0.05
PATIENCE = (0.0, 0.1, 3.0)
"""Seconds for which people wait for an answer: some act again at once."""
WHILE_STARTING = 0.2
"""Share of the kills that hit a process which is still starting."""
LIVES = 2.0
"""The longest that a process serves before it is killed, in seconds."""
STARTS = 2.0
"""About how long a start takes, in seconds: kills while starting come within it."""
DRAINS_WITHIN = 60.0
TAKEN_OVER_WITHIN = (DEAD_AFTER + 2 * BEAT).total_seconds()
"""How long it may take on PostgreSQL until a process takes another for dead, and sends what that one owed."""


class Options(Struct, frozen=True):
    """What `crash` is asked to do. *latency* is the Bot API's, in seconds."""

    people: int = 200
    kills: int = 20
    seed: int = 1
    database: str = ""
    latency: float = 0.02


class Scene(Struct):
    """All that plays together."""

    bot: Process
    api: BotApi
    crowd: Crowd
    people: list[Wanderer]
    killed_at: list[float]


async def crash(options: Options, report: Report) -> int:
    """Kill, wait for what is owed, judge; the exit status: 1 when anything was lost or acted on twice."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        database = options.database or f"sqlite:///{folder}/bot.db"
        scene = await _set(folder, options, database, stack)
        await scene.bot.spawn()
        await scene.bot.ready()
        scene.crowd.go(1_000_000_000)
        with report.progress("kills", options.kills) as progress:
            random = Random(options.seed)
            for _ in range(options.kills):
                await _kill_once(scene, random)
                progress.advance(progress.task_ids[0])
        await scene.bot.ready()
        engine = _open(database)
        stack.push_async_callback(engine.dispose)
        await _drain(scene, engine, report)
        await scene.bot.stop()
        told = scene.bot.errors.read_text(encoding="utf-8", errors="replace")
        judged = await verdict.judge(
            engine, people=scene.people, accepted=scene.crowd.accepted, arrivals=scene.api.arrivals,
            killed_at=scene.killed_at,
        )  # fmt: skip
    return _tell(report, options, judged, told)


async def _set(folder: Path, options: Options, database: str, stack: AsyncExitStack) -> Scene:
    api, port = BotApi(keeps=True, latency=options.latency), free_port()
    await api.start()
    stack.callback(api.close)
    bot = our_bot(folder, port=port, api=api.url, database=database)
    stack.push_async_callback(bot.kill)
    first = time.time_ns() // 1000
    seeds = Random(options.seed)
    people = [Wanderer(first + n, seeds.randrange(1 << 30), PATIENCE) for n in range(options.people)]
    delivery = Delivery(port, HOOK, first)
    stack.callback(delivery.close)
    return Scene(bot, api, Crowd(people, api, delivery, THINK), people, [])


async def _kill_once(scene: Scene, random: Random) -> None:
    """Kill at a random moment of the process's life, and start the next one at once."""
    if random.random() >= WHILE_STARTING:
        await scene.bot.ready()
        await asyncio.sleep(random.uniform(0, LIVES))
    else:
        await asyncio.sleep(random.uniform(0, STARTS))
    scene.killed_at.append(time.perf_counter())
    await scene.bot.kill()
    await scene.bot.spawn()


def _open(database: str) -> AsyncEngine:
    kind = "sqlite+aiosqlite" if is_sqlite(database) else "postgresql+asyncpg"
    return open_database(kind + "://" + database.partition("://")[2])


async def _drain(scene: Scene, engine: AsyncEngine, report: Report) -> None:
    """Let what was begun come to its end: every update accepted, every message of the ledger sent or given up."""
    scene.crowd.stop()
    async with asyncio.timeout(DRAINS_WITHIN):
        await scene.crowd.quiet()
    dead = 0.0 if engine.dialect.name == "sqlite" else TAKEN_OVER_WITHIN
    with report.progress("draining", 1):
        try:
            async with asyncio.timeout(DRAINS_WITHIN + dead):
                while await _owed(engine):  # noqa: ASYNC110 -- the ledger is another process's: it can't tell us
                    await asyncio.sleep(0.25)
        except TimeoutError:
            report.line("messages are still owed: see the verdict")


async def _owed(engine: AsyncEngine) -> int:
    owed = select(func.count()).where(deliveries.c.status.in_(("queued", "claimed")))
    async with engine.connect() as db:
        return int((await db.execute(owed)).scalar_one())


def _tell(report: Report, options: Options, judged: verdict.Verdict, log: str) -> int:
    report.line(
        f"kills={options.kills} updates={judged.updates} answered={judged.answered} lost={judged.lost} "
        f"acted twice={judged.acted_twice} repeated messages={judged.repeated} (max per kill {judged.most_at_once})"
    )
    report.line(
        f"repeats per kill {judged.per_kill}, of which edits (seen once all the same) {judged.repeated_edits}; first "
        f"sent at most {judged.oldest_repeat * 1000:.0f} ms before the kill; without a kill {judged.unexplained}; "
        f"messages in the ledger {judged.messages}, dead letters {judged.dead_letters}, at the wrong place "
        f"{judged.misplaced}, silent on purpose {judged.silent}"
    )
    for problem in judged.problems[:20]:
        report.line(f"problem: {problem}")
    errors = [line for line in log.splitlines() if '"level": "error"' in line or line.startswith("Traceback")]
    for line in errors[:5]:
        report.line(f"logged: {line[:300]}")
    settings = {f: getattr(options, f) for f in options.__struct_fields__ if f != "database"}
    found = {f: getattr(judged, f) for f in judged.__struct_fields__}
    report.finish(f"bot and driver on any of {len(machine.allowed())} cores", **settings, **found, errors=len(errors))
    return 1 if judged.is_bad else 0

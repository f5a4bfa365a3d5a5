"""How close two workers come to an account's limit without ever crossing it, and how they keep silent when told to."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.models import deliveries
from tests.bench import machine
from tests.bench.broadcast_api import Account, Came, Limits, Turned
from tests.bench.broadcast_left import until_ended
from tests.bench.broadcasting import Plan, clock, on_the_web, opened, populate, release
from tests.bench.process import free_port, our_bot
from tests.bench.report import Report

WORKERS = 2
CHAT_GAP = 1.0
LEAST = 0.95
"""Share of the limit that must be reached."""
UNDER = 0.96
"""Share of the limit that is asked for when nothing else is. So the 31st message of 30/s has 42 ms to come early: at
29/s it had 34, and a worker that was busy sending to the web chat as well used them up in one run of four."""
WEB_RATE = 1000
"""The web chat's messages a second: they go on while Telegram is silent."""
LATENCY = (0.02, 0.05)
SETTLES = 0.25
"""Seconds after a 429 within which calls may still come: in flight, or taken by the other worker before it can know."""
LATE = 1.0
"""Seconds by which the silence may be longer than asked for."""


class Options(Struct, frozen=True):
    """What `rate` is asked to do. *unprovoked*: also one 429 out of the blue, with so many seconds to wait."""

    limit: int = 30
    recipients: int = 10_000
    rate: float = 0.0
    unprovoked: int = 0
    database: str = ""

    @property
    def asked(self) -> float:
        return self.rate or round(self.limit * UNDER, 1)


class Paced(Struct):
    """How messages came: a second's most, and the share of the time in which an account that may send did not."""

    messages: int
    rate: float
    most: int
    idle: float
    by_door: dict[int, int]


class Silence(Struct):
    """An unprovoked 429: seconds until the next call, calls still under way and for how long, and what else went on."""

    asked: float
    lasted: float
    stragglers: int
    settled: float
    others: int


async def measure(options: Options, report: Report) -> int:
    """Send one broadcast with two workers on one account; the exit status: 1 when a bar is missed."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        engine = opened(options.database)
        stack.push_async_callback(engine.dispose)
        await populate(engine, options.recipients)
        if options.unprovoked:
            await populate(engine, WEB_RATE * (options.unprovoked + 10), where=on_the_web)
        account = Account(latency=LATENCY, limits=Limits(options.limit, CHAT_GAP))
        stack.callback(account.close)
        for worker in range(WORKERS):
            await _spawn(folder, worker, options, account, stack)
        number = await release(engine, Plan())  # now that both are there: else one starts while the other sends
        silence = await _follow(options, report, account, engine)
        has_ended = await until_ended(engine, [number], 60.0)
        paced = paced_of(account.came, options.limit)
        problems = problems_of(options, paced, account.turned, silence)
        problems += [] if has_ended else ["the broadcast did not end"]
    return _tell(report, options, paced, account.turned, silence, problems)


async def _spawn(folder: Path, number: int, options: Options, account: Account, stack: AsyncExitStack) -> None:
    home = folder / f"worker-{number}"
    home.mkdir()
    worker = our_bot(
        home, port=free_port(), api=await account.open(), database=options.database, only="courier",
        BOT_TELEGRAM_RATE=str(options.asked), BOT_TELEGRAM_CHAT_GAP=str(CHAT_GAP),
    )  # fmt: skip
    stack.push_async_callback(worker.kill)
    await worker.spawn()
    await worker.ready()


async def _follow(options: Options, report: Report, account: Account, engine: AsyncEngine) -> Silence | None:
    """Wait until all came; on the way, the 429 out of the blue."""
    limit = 60 + 2 * options.unprovoked + 1.5 * options.recipients / options.asked
    until, silence = time.perf_counter() + limit, None
    with report.progress("messages", options.recipients) as progress:
        while account.count < options.recipients and time.perf_counter() < until:
            await asyncio.sleep(0.1)
            progress.update(progress.task_ids[0], completed=account.count)
            if options.unprovoked and silence is None and account.count >= options.recipients // 3:
                silence = await _silence(options.unprovoked, account, engine)
    return silence


async def _silence(seconds: float, account: Account, engine: AsyncEngine) -> Silence:
    """Throttle the account, and see when it sends again, and how much the web chat did meanwhile."""
    before = len(account.turned)
    account.throttle(seconds)
    while len(account.turned) == before:  # noqa: ASYNC110 -- other processes' calls: they can't tell us
        await asyncio.sleep(0.001)
    began, at = clock(), account.turned[before].at
    await asyncio.sleep(seconds - SETTLES)
    ended = clock()
    while account.last_at < at + SETTLES and time.perf_counter() < at + 2 * seconds + 10:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    return silence_of(seconds, at, account.came, account.turned, await _web_between(engine, began, ended))


async def _web_between(engine: AsyncEngine, began: datetime, ended: datetime) -> int:
    row = deliveries.c
    sent = select(func.count()).where(row.channel == "webchat", row.sent_at > began, row.sent_at <= ended)
    async with engine.connect() as db:
        return int((await db.execute(sent)).scalar_one())


def silence_of(seconds: float, at: float, came: Sequence[Came], turned: Sequence[Turned], others: int) -> Silence:
    """What calls there were after the 429 at *at*: accepted or not, they are calls."""
    calls = [one.at for one in came] + [one.at for one in turned]
    after = sorted(one - at for one in calls if one > at)
    early = [offset for offset in after if offset <= SETTLES]
    later = [offset for offset in after if offset > SETTLES]
    return Silence(seconds, later[0] if later else float("inf"), len(early), early[-1] if early else 0.0, others)


def paced_of(came: Sequence[Came], limit: int) -> Paced:
    """The pace of what came, from the first to the last."""
    times = [one.at for one in came]
    if len(times) < 2:
        return Paced(len(times), 0.0, len(times), 1.0, dict(Counter(one.door for one in came)))
    seconds = times[-1] - times[0]
    idle = sum(max(0.0, gap - 2 / limit) for gap in (after - before for before, after in pairwise(times)))
    doors = dict(Counter(one.door for one in came))
    return Paced(len(times), (len(times) - 1) / seconds, most_in_a_second(times), idle / seconds, doors)


def most_in_a_second(times: Sequence[float]) -> int:
    """The most of *times* (ascending) in any window of a second."""
    window: deque[float] = deque()
    most = 0
    for at in times:
        window.append(at)
        while window[0] <= at - 1:
            window.popleft()
        most = max(most, len(window))
    return most


def problems_of(options: Options, paced: Paced, turned: Sequence[Turned], silence: Silence | None) -> list[str]:
    """Which bars were missed."""
    problems = []
    if paced.messages < options.recipients:
        problems.append(f"{paced.messages} messages came of {options.recipients}")
    if silence is None:
        if paced.rate < LEAST * options.limit:
            problems.append(f"{paced.rate:.2f}/s: at least {LEAST * options.limit:g} must be reached")
        if turned:
            problems.append(f"{len(turned)} messages were answered with 429: none may be")
        return problems
    if not silence.asked <= silence.lasted <= silence.asked + LATE:
        problems.append(f"the account was silent for {silence.lasted:.2f} s: it was told {silence.asked:g}")
    if len(turned) > 1 + silence.stragglers:
        problems.append(f"{len(turned) - 1 - silence.stragglers} more were answered with 429, for coming too fast")
    if silence.others == 0:
        problems.append("the web chat was silent as well")
    return problems


def _tell(
    report: Report, options: Options, paced: Paced, turned: Sequence[Turned], silence: Silence | None,
    problems: Sequence[str],
) -> int:  # fmt: skip
    report.line(
        f"limit {options.limit}/s, asked {options.asked:g}/s, {WORKERS} workers: {paced.messages} messages at "
        f"{paced.rate:.2f}/s, at most {paced.most} in a second, {len(turned)} answered with 429, "
        f"idle {paced.idle:.1%}, by worker {paced.by_door}"
    )
    if silence is not None:
        report.line(
            f"after a 429 out of the blue with {silence.asked:g} s: {silence.stragglers} calls within "
            f"{silence.settled * 1000:.0f} ms, the next after {silence.lasted:.3f} s; the web chat meanwhile: "
            f"{silence.others} messages"
        )
    for problem in problems:
        report.line(f"problem: {problem}")
    settings = {f: getattr(options, f) for f in options.__struct_fields__ if f != "database"}
    measured = {f: getattr(paced, f) for f in paced.__struct_fields__ if f != "rate"}
    quiet = None if silence is None else {f: getattr(silence, f) for f in silence.__struct_fields__}
    where = f"workers, PostgreSQL and driver on any of {len(machine.allowed())} cores"
    report.finish(
        where, **settings, asked=options.asked, achieved=paced.rate, **measured, turned=len(turned), silence=quiet,
        problems=list(problems),
    )  # fmt: skip
    return 1 if problems else 0

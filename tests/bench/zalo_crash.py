"""kill -9 under broadcasts that cost money: is a charge forgotten, a budget passed, anybody lost or told twice?"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from msgspec import Struct, field, to_builtins
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.services.broadcasting.model import UNKNOWN_POLICY, Body, Policy, broadcast_from, to_json
from bot.services.broadcasting.targeting import fingerprint
from bot.services.sending.window import window_of
from bot.services.zalo_standing import ACCOUNT
from bot.store import broadcasts as store
from bot.store import grants
from bot.store.db import migrate
from tests.bench.broadcast_left import until_ended
from tests.bench.broadcasting import AT_ANY_TIME, MESSAGES, clock, opened
from tests.bench.process import Process, free_port, our_bot
from tests.bench.report import Report
from tests.bench.zalo_people import crowd, join, populate
from tests.bench.zalo_verdict import Row, rows_of, spent_of
from tests.fakes.zalo import FakeZalo
from tests.shipped import shipped

RATE = 200.0
POLICIES: Sequence[UNKNOWN_POLICY] = ("ask", "resend")
COVERED = 0.7
"""What the budget covers of those who have to be paid for."""
STALLED = 20.0
"""Seconds without any message after which a kill is no longer waited for."""
ENDED = frozenset({"sent", "unknown", "failed", "blocked"})


class Options(Struct, frozen=True):
    recipients: int = 2_000
    kills: int = 10
    seed: int = 1
    database: str = ""


class Verdict(Struct):
    """Of one broadcast: `charged` by Zalo, `spent` as we say, in đồng; `repeated` messages beyond one a person."""

    policy: str
    budget: int
    charged: int = 0
    spent: int = 0
    repeated: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


async def crash(options: Options, report: Report) -> int:
    """The command; the exit status: 1 when the books don't hold."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        database = options.database or f"sqlite:///{folder}/bot.db"
        zalo = await stack.enter_async_context(FakeZalo(rate_per_minute=0, echoes=False))
        engine = opened(database)
        stack.push_async_callback(engine.dispose)
        await migrate(engine)
        people, at = crowd(options.recipients), clock()
        await populate(engine, people, at)
        join(zalo, people, at)
        budget = int(COVERED * sum(one.share == "paid" for one in people)) * zalo.prices["cs"] + 54
        numbers = [
            await _release(engine, message, policy, budget) for message, policy in zip(MESSAGES, POLICIES, strict=True)
        ]
        bot = _bot(folder, database, zalo)
        stack.push_async_callback(bot.kill)
        await bot.spawn()
        await bot.ready()
        await _renewed(engine)
        await _kill_again_and_again(bot, zalo, options, report)
        has_ended = await until_ended(engine, numbers, 120 + 2 * options.recipients / RATE)
        await bot.stop()
        verdicts = [
            _judge(await rows_of(engine, number), zalo, await spent_of(engine, number), budget, policy, options.kills)
            for number, policy in zip(numbers, POLICIES, strict=True)
        ]
    return _tell(report, options, verdicts, [] if has_ended else ["the broadcasts did not end in time"])


def _bot(folder: Path, database: str, zalo: FakeZalo) -> Process:
    settings: dict[str, Any] = {f"BOT_{name.upper()}": value for name, value in zalo.settings().items()}
    return our_bot(
        folder, port=free_port(), api="", database=database, BOT_ZALO_RATE=str(RATE), BOT_ZALO_CHAT_GAP="0",
        BOT_WEB_SECRET="x" * 32, **settings,
    )  # fmt: skip


async def _release(engine: AsyncEngine, message: str, unknown: UNKNOWN_POLICY, budget: int) -> int:
    policy = Policy(gap=0, unknown=unknown, budget=budget, waits=False, errors=1)
    at = clock()
    async with engine.begin() as db:
        number = await store.insert(
            db, name=f"bench {unknown}", state="draft", body=to_json(Body(messages=(message,))), segment="tat-ca",
            timing=to_json(AT_ANY_TIME), policy=to_json(policy), created_at=at, changed_at=at, due_at=at,
            started_at=at, ceiling=10**18,
        )  # fmt: skip
        found = await store.find(db, number)
        assert found is not None
        digest = await fingerprint(db, shipped(), broadcast_from(found))
        await store.change_state(db, number, from_=("draft",), to="sending", digest=digest)
    return number


async def _renewed(engine: AsyncEngine) -> None:
    """Wait until the tokens of the settings, of unknown age, were exchanged: the next exchange is due in 20 hours.

    Who is killed over a refresh token, good for one use, needs an admin, and nothing is sent until then: that is for
    tests/services/test_zalo_tokens_killed.py, and no part of what is counted here.
    """
    async with asyncio.timeout(STALLED):
        while True:
            async with engine.connect() as db:
                grant = await grants.find(db, ACCOUNT)
            if grant is not None and grant.version > 1 and grant.state == "ready":
                return
            await asyncio.sleep(0.01)


async def _kill_again_and_again(bot: Process, zalo: FakeZalo, options: Options, report: Report) -> None:
    """Each kill comes at a random moment of its part of all that is to be sent; another process starts at once."""
    random, total = Random(options.seed), options.recipients  # about half of the people, twice
    with report.progress("kills", options.kills) as progress:
        for number in range(options.kills):
            await _until(zalo, int(total * (number + random.random()) / (options.kills + 1)))
            await asyncio.sleep(random.uniform(0, 0.05))
            await bot.kill()
            await bot.spawn()
            progress.advance(progress.task_ids[0])


async def _until(zalo: FakeZalo, count: int) -> None:
    """Wait until so many messages were taken, and some since the start; or until nothing comes any more."""
    count, before, moved = max(count, len(zalo.books) + 1), len(zalo.books), time.perf_counter()
    while len(zalo.books) < count and time.perf_counter() - moved < STALLED:
        await asyncio.sleep(0.005)
        if len(zalo.books) != before:
            before, moved = len(zalo.books), time.perf_counter()


def _judge(
    rows: Sequence[Row], zalo: FakeZalo, spent: int, budget: int, policy: UNKNOWN_POLICY, kills: int
) -> Verdict:  # fmt: skip
    charges = _charges(rows, zalo)
    verdict = Verdict(policy, budget, sum(map(sum, charges.values())), spent)
    verdict.statuses = dict(Counter(row.status for row in rows))
    verdict.repeated = sum(len(one) - 1 for one in charges.values())
    problems = verdict.problems
    if not verdict.charged <= spent <= budget:
        problems.append(f"charged {verdict.charged}, spent {spent} of {budget}")
    if spent != sum(row.cost for row in rows) or any(row.reserved for row in rows):
        problems.append(f"spent {spent}, and the rows say {sum(row.cost + row.reserved for row in rows)}")
    for row in rows:
        problems += _faults(row, charges.get(row.address, []), resends=policy == "resend")
    if verdict.statuses.get("unknown", 0) > kills * window_of(RATE):
        problems.append("more in doubt than the window holds")
    return verdict


def _charges(rows: Sequence[Row], zalo: FakeZalo) -> Mapping[str, list[int]]:
    """What was charged for each message of this broadcast, by person; it is known by its words."""
    sent = {row.external_id for row in rows if row.status == "sent"}
    words = {charge.text for charge in zalo.books if charge.message_id in sent}
    charges: defaultdict[str, list[int]] = defaultdict(list)
    for charge in zalo.books:
        if charge.text in words:
            charges[charge.to].append(charge.price)
    return charges


def _faults(row: Any, charges: Sequence[int], *, resends: bool) -> list[str]:
    told = f"{row.contact_id} is {row.status} by {row.route or '-'} at {row.cost}, and was charged {list(charges)}"
    is_lost = row.status not in ENDED or (row.status == "sent" and not charges)
    is_untrue = row.status in ("failed", "blocked") and bool(charges)
    is_twice = len(charges) > (row.attempts if resends else 1)
    return [told] if is_lost or is_untrue or is_twice or sum(charges) > row.cost else []


def _tell(report: Report, options: Options, verdicts: Sequence[Verdict], problems: list[str]) -> int:
    columns = ("policy", "budget", "spent", "charged", "repeated", "statuses")
    rows = [[v.policy, v.budget, v.spent, v.charged, v.repeated, v.statuses] for v in verdicts]
    report.table(f"{options.kills} kills, window {window_of(RATE)}", columns, rows)
    problems = [*problems, *(f"{v.policy}: {problem}" for v in verdicts for problem in v.problems)]
    for problem in problems[:20]:
        report.line(f"problem: {problem}")
    report.finish("any core", verdicts=[to_builtins(v) for v in verdicts], problems=problems)
    return 1 if problems else 0

"""Two broadcasts over all of Zalo's windows against the fake: one with money enough that begins at night, one with too
little.

Everything real runs: database, hook, turns, planner, sender, waker, the adapter over HTTP. Time is the fake's.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec import Struct, to_builtins
from sqlalchemy import func, select

from bot.config import ROOT
from bot.services.broadcasting.drafting import World
from bot.services.broadcasting.model import Body, Policy, Timing, broadcast_from, to_json
from bot.services.broadcasting.outlook import Outlook
from bot.services.broadcasting.preview import preview
from bot.services.broadcasting.targeting import fingerprint
from bot.store import broadcasts as store
from bot.store import templates
from bot.store.db import migrate
from bot.store.models import broadcasts, chunks, deliveries
from bot.store.templates import Detail, Filed
from tests.bench.broadcasting import MESSAGES, opened
from tests.bench.report import Report
from tests.bench.zalo_people import BY_SHARE, Citizen, crowd, join, populate
from tests.bench.zalo_verdict import Verdict, as_planned, by_night, judge, rows_of, spent_of
from tests.conftest import Clock
from tests.fakes.zalo.books import Parameter, Template
from tests.hooks.zalo_stage import Stage, on_stage

NIGHT = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
"""Half past ten in the evening in Hà Nội."""
MORNING = datetime(2026, 11, 23, 23, 10, tzinfo=UTC)
RICH, SHELF = 10**9, 72.0
PRICES = {"paid": 55, "template": 200, "phone": 300}
CARRIERS = f"""\
- id: "701"
  message: {MESSAGES[0]}
  tag: care
  by: [uid]
  text: Chào <ten>, Hà Nội chung tay vì người nghèo.
  parameters:
    ten: {{value: "{{ten}}", max: 30}}
- id: "702"
  message: {MESSAGES[0]}
  tag: care
  by: [phone]
  text: Hà Nội chung tay vì người nghèo.
"""
"""By id only who has a name is reached: the others go by their number, or wait."""
FREE = ("sent", "free")
WRITERS = 200
"""Most people who write while they wait."""
LOOKS = 0.1
"""Seconds between two looks at the ledger."""
WITHIN = 900.0
"""Seconds in which each part must be over."""


class Options(Struct, frozen=True):
    recipients: int = 10_000
    database: str = ""


class Scene(Struct):
    """All that a part of the run works with."""

    stage: Stage
    clock: Clock
    people: Sequence[Citizen]


async def measure(options: Options, report: Report) -> int:
    """The command; the exit status: 1 when anything does not add up."""
    clock, began = Clock(NIGHT), time.perf_counter()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        url = options.database or f"sqlite+aiosqlite:///{folder}/bot.db"
        people = crowd(options.recipients)
        engine = opened(url)
        await migrate(engine)
        await populate(engine, people, NIGHT)
        async with engine.begin() as db:
            approved = Filed("approved", Detail(), NIGHT)
            await templates.file(db, "zalo", {"701": approved, "702": approved})
        await engine.dispose()
        settings: dict[str, Any] = {
            "content": _content(folder), "zalo_rate": 10_000, "zalo_chat_gap": 0,
            "zalo_prices": " ".join(f"{route}={price}" for route, price in PRICES.items()),
        }  # fmt: skip
        stage = await stack.enter_async_context(on_stage(_driven(url), clock, **settings))
        _prepare(stage, people)
        rich, poor = await _run(Scene(stage, clock, people), report)
        unasserted = sorted(stage.zalo.unasserted)
    return _tell(report, rich, poor, unasserted, time.perf_counter() - began)


def _content(folder: Path) -> Path:
    """The shipped content, and templates."""
    content = Path(shutil.copytree(ROOT / "content", folder / "content"))
    (content / "templates").mkdir(exist_ok=True)
    (content / "templates" / "bench.yaml").write_text(CARRIERS, encoding="utf-8")
    return content


def _driven(url: str) -> str:
    return opened(url).url.render_as_string(hide_password=False)


def _prepare(stage: Stage, people: Sequence[Citizen]) -> None:
    zalo = stage.zalo
    zalo.rate_per_minute, zalo.daily_quota, zalo.echoes = 0, 10**9, False
    zalo.prices = {"cs": PRICES["paid"], "template": PRICES["template"], "phone": PRICES["phone"]}
    zalo.templates["701"] = Template(
        "701", "Chào <ten>, Hà Nội chung tay vì người nghèo.", (Parameter("ten"),), by_phone=False
    )
    zalo.templates["702"] = Template("702", "Hà Nội chung tay vì người nghèo.", by_uid=False)
    join(zalo, people, NIGHT)


async def _run(scene: Scene, report: Report) -> tuple[Verdict, Verdict]:
    people, clock, zalo = scene.people, scene.clock, scene.stage.zalo
    paying = sum(one.share == "paid" for one in people)
    budget = PRICES["paid"] * (paying // 2) + 54
    rich, plan = await _released(scene, MESSAGES[0], Policy(gap=0, budget=RICH, phone=True))
    poor, tight = await _released(scene, MESSAGES[1], Policy(gap=0, budget=budget, waits=False))
    await _until(lambda: _is_over(scene, poor))
    await _until(lambda: _is_decided(scene, rich, sleeping=sum(one.share == "phone" for one in people)))
    report.line(f"by night {len(zalo.books)} messages were taken")
    clock.at = MORNING
    await _until(lambda: _is_decided(scene, rich, sleeping=0))
    waiting = [one for one in people if one.share == "mute"]
    woken = waiting[: min(WRITERS, len(waiting) // 2)]
    for one in woken:
        await zalo.users[one.uid].write("Chào cán bộ")
    clock.advance(seconds=300)  # they are no longer in the middle of a conversation
    await _until(lambda: _are_sent(scene, rich, woken), clock)
    clock.advance(days=SHELF / 24)
    await _until(lambda: _is_over(scene, rich))
    expected = {one.number: BY_SHARE[one.share] for one in people} | {one.number: FREE for one in woken}
    whole = await _judged(scene, rich, RICH, expected)
    whole.woken = len(woken)
    whole.problems += as_planned(plan, people, PRICES) + by_night(zalo) + await _unexplained(scene, (rich, poor))
    whole.planned = plan.cost
    short = await _judged(scene, poor, budget, {one.number: FREE for one in people if one.share == "free"})
    if short.charged != budget - 54:
        short.problems.append(f"of {budget} only {short.charged} were spent")
    short.planned, unpaid = tight.cost, sum(n for name, n in short.routes.items() if name.startswith("unpaid"))
    if tight.unpaid != unpaid:
        short.problems.append(f"planned to leave {tight.unpaid} unpaid, and left {unpaid}")
    return whole, short


async def _released(scene: Scene, message: str, policy: Policy) -> tuple[int, Outlook]:
    """A broadcast that two officers approved, and what they were shown of it before."""
    parts, at = scene.stage.parts, scene.clock.at
    timing = Timing(opens="00:00", closes="24:00", on_holidays=True, shelf_life=SHELF)
    async with parts.database.begin() as db:
        number = await store.insert(
            db, name="bench", state="draft", body=to_json(Body(messages=(message,))), segment="tat-ca",
            timing=to_json(timing), policy=to_json(policy), created_at=at, changed_at=at, due_at=at, started_at=at,
            ceiling=len(scene.people), audience=len(scene.people),
        )  # fmt: skip
        found = await store.find(db, number)
        assert found is not None
        broadcast = broadcast_from(found)
        world = World(parts.shelf.library, parts.channels, at, at.date())
        seen = await preview(db, world, broadcast)
        digest = await fingerprint(db, parts.shelf.library, broadcast)
        await store.change_state(db, number, from_=("draft",), to="sending", digest=digest)
    assert seen.outlook is not None
    return number, seen.outlook


async def _judged(scene: Scene, number: int, budget: int, expected: dict[int, tuple[str, str]]) -> Verdict:
    engine = scene.stage.parts.database
    rows, spent = await rows_of(engine, number), await spent_of(engine, number)
    return judge(rows, scene.people, scene.stage.zalo, spent=spent, budget=budget, expected=expected)


async def _unexplained(scene: Scene, numbers: Sequence[int]) -> list[str]:
    """Messages that Zalo took and the ledger knows nothing of, or of which it knows twice."""
    d = deliveries.c
    async with scene.stage.parts.database.connect() as db:
        ours = (await db.execute(select(d.external_id).where(d.status == "sent", d.channel == "zalo"))).scalars().all()
    taken = [charge.message_id for charge in scene.stage.zalo.books]
    strays = set(taken) ^ set(ours)
    twice = len(ours) - len(set(ours))
    return [f"{len(strays)} messages are in one of the books only, {twice} twice"] if strays or twice else []


async def _until(is_so: Callable[[], Awaitable[bool]], clock: Clock | None = None) -> None:
    """With a *clock* time goes on meanwhile: who waits in a chunk that is in hand is looked for again a while later."""
    async with asyncio.timeout(WITHIN):
        while not await is_so():
            await asyncio.sleep(LOOKS)
            if clock is not None:
                clock.advance(seconds=1)


async def _is_over(scene: Scene, number: int) -> bool:
    async with scene.stage.parts.database.connect() as db:
        state = (await db.execute(select(broadcasts.c.state).where(broadcasts.c.id == number))).scalar_one()
    assert state != "paused", "the broadcast paused itself"
    return state in ("done", "expired")


async def _is_decided(scene: Scene, number: int, *, sleeping: int) -> bool:
    """Whether all are sent or wait to write, but for those *sleeping*; and nothing is on its way."""
    d, c = deliveries.c, chunks.c
    open_still = select(func.count()).where(d.broadcast_id == number, d.status == "queued", d.route == "")
    held = select(func.count()).where(c.broadcast_id == number, c.state == "claimed")
    planned = select(broadcasts.c.is_planned).where(broadcasts.c.id == number)
    async with scene.stage.parts.database.connect() as db:
        counts = [(await db.execute(one)).scalar_one() for one in (open_still, held, planned)]
    return counts == [sleeping, 0, True]


async def _are_sent(scene: Scene, number: int, people: Sequence[Citizen]) -> bool:
    d = deliveries.c
    theirs = d.broadcast_id == number, d.contact_id.in_([one.number for one in people]), d.status == "sent"
    async with scene.stage.parts.database.connect() as db:
        return (await db.execute(select(func.count()).where(*theirs))).scalar_one() == len(people)


def _tell(report: Report, rich: Verdict, poor: Verdict, unasserted: Sequence[str], seconds: float) -> int:
    for title, verdict in (("money enough, from the night on", rich), ("a budget for half, waiting for nobody", poor)):
        rows = [[*name.split(", "), count] for name, count in verdict.routes.items()]
        report.table(title, ("route", "status", "đồng each", "people"), rows)
        report.line(
            f"planned {verdict.planned} · spent {verdict.spent} of {verdict.budget} · charged {verdict.charged}"
        )
    problems = [*rich.problems, *(f"short: {one}" for one in poor.problems)]
    problems += [f"fields that nobody knows of: {', '.join(unasserted)}"] if unasserted else []
    for problem in problems[:20]:
        report.line(f"problem: {problem}")
    report.finish("any core", seconds=seconds, verdicts=[to_builtins(rich), to_builtins(poor)], problems=problems)
    return 1 if problems else 0

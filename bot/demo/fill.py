"""Fills a fresh database with the made-up city."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import event, func, select
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.webchat import WebChat
from bot.demo.campaigns import CAMPAIGNS, LAST
from bot.demo.city import City
from bot.demo.clock import Clock
from bot.demo.desk_work import Work
from bot.demo.ear import Ear
from bot.demo.inbox_work import InboxWork, rounds_between
from bot.demo.people import Citizen, people_of
from bot.demo.post import Post
from bot.demo.sorting import sort_missed
from bot.demo.staff import AREA, CITY_OFFICER, Keys, hire
from bot.demo.talks import Talks
from bot.engine.state import Library
from bot.messages import Address
from bot.platforms import NOBODY
from bot.services.broadcasting.hours import HANOI
from bot.services.broadcasting.release import Desk
from bot.services.broadcasting.rights import Refused
from bot.services.insight.follower import catch_up, sections_of
from bot.services.signing_in import SignIn
from bot.services.staffing import Staff
from bot.speech import _
from bot.store import markers, segments
from bot.store.db import is_sqlite, open_sqlite, reading
from bot.store.ids import EPOCH, Ids
from bot.store.models import contacts, officers
from bot.store.turns import Turns
from bot.store.turns_postgres import PostgresTurns
from bot.store.turns_sqlite import SqliteTurns

SEGMENTS = {
    "ho-ngheo-can-ngheo": "ho trong (ngheo, can-ngheo)",
    "ba-vi": f"xa trong ({AREA})",
    "quan-tam-hoc-nghe": "chu-de = hoc-nghe hoac da-toi hoc-nghe.hoi",
    "hoi-vay-chua-tinh": "da-toi vay-von.hoi va khong da-toi vay-von.tinh-tien",
}
"""Saved ones, by name."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a city, over how many days up to *until*; the same *seed* on the same day makes the same one."""

    people: int
    days: int
    seed: int
    until: datetime

    @property
    def start(self) -> datetime:
        """Midnight in Hà Nội of the first day. Raises `Refused` when ids can't reach back so far."""
        today = self.until.astimezone(HANOI).replace(hour=0, minute=0, second=0, microsecond=0)
        start = today - timedelta(days=self.days)
        if start < EPOCH:
            raise Refused(_("--days {days}: lùi quá xa. Chọn ít ngày hơn.").format(days=self.days))
        return start


@dataclass(frozen=True, slots=True)
class Filled:
    """What was made."""

    keys: Keys
    turns: int


async def check_fresh(database: AsyncEngine) -> None:
    """Raises `Refused` when somebody is there: made-up people never mix with real ones."""
    async with reading(database).connect() as db:
        for table in (contacts, officers):
            if (await db.execute(select(func.count()).select_from(table))).scalar_one():
                told = _("Cơ sở dữ liệu này đã có người: đặt BOT_DATABASE_URL=sqlite:///var/demo.db rồi làm lại.")
                raise Refused(told)


async def fill(
    database: AsyncEngine, library: Library, plan: Plan, *, web_secret: str, told: Callable[[float], None]
) -> Filled:
    """Make the city. *told* hears the share of it that is there. Raises `Refused`, with nothing changed."""
    await check_fresh(database)
    with _collecting_seldom():
        return await _fill(database, library, plan, web_secret=web_secret, told=told)


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Nearly all that is made stays: Python's collector, which looks for what doesn't, took an eighth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


async def _fill(
    database: AsyncEngine, library: Library, plan: Plan, *, web_secret: str, told: Callable[[float], None]
) -> Filled:
    clock = Clock(plan.start, plan.until)
    if database.dialect.name == "sqlite":
        await database.dispose()  # connections from before would go on waiting for the disk
        _hurry(database.sync_engine)
    async with database.begin() as db:
        await markers.mark_synthetic(db, at=plan.until)
    door = SignIn(database, clock, secret=web_secret, via="demo")
    keys = await hire(Staff(database, clock, via="demo"), door, clock, library.communes.values())
    ids = Ids(0, clock)
    turns = _turns_of(database, clock)
    ears = {"telegram": Ear(TelegramChannel(NOBODY)), "webchat": Ear(WebChat())}
    people = _people(library, plan)
    talks = Talks(turns, library, ears, ids, clock)
    city = City(library, people, clock, plan.until)
    post = Post(database, library, ears, ids, clock, talks, people, city.reached)
    try:
        await _save_segments(database, clock)
        _plan_campaigns(city, Desk(database, lambda: library, ears, clock), clock, post, plan)
        inbox = InboxWork(database, library, ears, ids, clock, talks, people, city.soon, Random(plan.seed))
        for at in rounds_between(plan.start, plan.until, library.holidays):
            city.plan(at, inbox.round)
        await city.live(talks, post, lambda at: told((at - plan.start) / (plan.until - plan.start)))
    finally:
        await talks.close()
        await turns.close()
    await catch_up(database, now=plan.until, sections=sections_of(library))
    await sort_missed(database, library, clock)
    if database.dialect.name == "sqlite":
        await _settle_on_disk(database)
    return Filled(keys, talks.turns)


def _people(library: Library, plan: Plan) -> Mapping[Address, Citizen]:
    found = people_of(
        library.communes, sorted(library.dialogs), count=plan.people, seed=plan.seed, start=plan.start,
        span=timedelta(days=plan.days),
    )  # fmt: skip
    return {one.address: one for one in found}


def _turns_of(database: AsyncEngine, clock: Clock) -> Turns:
    url = database.url.render_as_string(hide_password=False)
    if not is_sqlite(url):
        return PostgresTurns(database, clock)
    engine = open_sqlite(url)
    _hurry(engine)
    return SqliteTurns(engine, clock)


def _hurry(engine: Engine) -> None:
    """Don't wait for the disk at every commit of a new SQLite file: what a power cut takes can be made again."""
    event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=OFF").close())


async def _settle_on_disk(database: AsyncEngine) -> None:
    """From here on it must outlast a power cut: all that was written is on the disk before the command ends."""
    async with reading(database).connect() as db:
        driver: Any = (await db.get_raw_connection()).driver_connection
        for pragma in ("synchronous=FULL", "wal_checkpoint(TRUNCATE)"):
            await driver.execute(f"PRAGMA {pragma}")


def _plan_campaigns(city: City, desk: Desk, clock: Clock, post: Post, plan: Plan) -> None:
    for campaign in CAMPAIGNS:
        work = Work(campaign, desk, clock, post)
        ago = max(min(campaign.ago, 1), round(campaign.ago * plan.days / LAST))
        drafted = plan.start + timedelta(days=plan.days - ago, hours=campaign.hour)
        for after, step in work.steps():
            city.plan(drafted + after, partial(work.do, step))


async def _save_segments(database: AsyncEngine, clock: Clock) -> None:
    async with database.begin() as db:
        for name, query in SEGMENTS.items():
            await segments.save(db, name=name, query=query, author=CITY_OFFICER, at=clock())

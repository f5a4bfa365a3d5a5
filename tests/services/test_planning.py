"""What the clock brings about: starts, slots, missed ones, quiet hours, shelf life, facts that lapse on the way."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import insert, select

from bot.channels.base import Capabilities
from bot.engine.content import lapses
from bot.services.broadcasting.model import Body, Policy, Timing
from bot.services.sending.planner import Planner
from bot.store.db import open_database
from bot.store.ids import Ids
from bot.store.models import audit, broadcasts, deliveries
from bot.store.models import segments as saved
from tests.conftest import Clock
from tests.fakes.channel import FakeChannel
from tests.services.bot import TREES
from tests.services.campaign import ALWAYS, Campaign, people, released, sending
from tests.shipped import shipped

NAMES = ("mai", "lan", "hoa")
HOURS = Timing()
"""7:00 to 20:30 in Hà Nội: 0:00 to 13:30 UTC."""


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


async def entries(campaign: Campaign, action: str) -> list[tuple[str, dict[str, Any]]]:
    """The audit log's entries of *action*: outcome and detail."""
    async with campaign.database.connect() as db:
        rows = await db.execute(select(audit.c.outcome, audit.c.detail).where(audit.c.action == action))
        return [(row[0], json.loads(row[1])) for row in rows]


async def runs(campaign: Campaign, parent: int) -> list[tuple[datetime, str]]:
    async with campaign.database.connect() as db:
        here = broadcasts.c.parent_id == parent
        rows = await db.execute(select(broadcasts.c.slot, broadcasts.c.state).where(here).order_by(broadcasts.c.id))
        return [(row[0], row[1]) for row in rows]


async def test_it_starts_when_it_is_due_and_not_before(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, *NAMES)
    number = await released(database_url, clock, timing=replace_timing(at=at(5)), state="scheduled")
    async with sending(database_url, clock) as campaign:
        await asyncio.sleep(0.1)
        assert await campaign.status_of(number) == "scheduled"
        clock.at = at(5)
        assert await campaign.ends(number) == {"sent": 3}


def replace_timing(**more: Any) -> Timing:
    return replace(ALWAYS, **more)


async def test_nothing_goes_out_in_quiet_hours(database_url: str, clock: Clock) -> None:
    names = tuple(f"h{number}" for number in range(40))
    await people(database_url, clock, *names)
    clock.at = at(13, 29)
    channel = FakeChannel(capabilities=Capabilities(False, True, 4096, 20, timedelta()))
    number = await released(database_url, clock, timing=HOURS)
    async with sending(database_url, clock, channel=channel) as campaign:
        await channel.reached_any(3)
        clock.at = at(13, 30)  # in the middle of a chunk
        before = len(channel.calls)
        await asyncio.sleep(0.6)
        held = len(channel.calls)
        assert held - before <= 2 * campaign.broadcaster.senders["fake"].spell
        clock.at = at(23, 59)
        await asyncio.sleep(0.2)
        assert len(channel.calls) == held
        clock.at = at(0, 0, day=24)
        assert await campaign.ends(number) == {"sent": 40}


async def test_nothing_goes_out_over_tet(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, *NAMES)
    clock.at = datetime(2027, 2, 6, 3, tzinfo=UTC)  # the first day of the year Đinh Mùi
    number = await released(database_url, clock, timing=Timing(shelf_life=24 * 20), library=shipped(), body=SOON)
    async with sending(database_url, clock, library=shipped()) as campaign:
        for day in range(6, 10):
            clock.at = datetime(2027, 2, day, 3, tzinfo=UTC)
            await asyncio.sleep(0.06)
            assert not campaign.channel.calls
        clock.at = datetime(2027, 2, 15, 3, tzinfo=UTC)
        assert await campaign.ends(number) == {"sent": 3}


SOON = Body(text={"vi": "Lớp nghề mới mở.", "en": "A new course."}, source="Thông báo 12/TB-UBND")


async def test_a_person_put_off_beyond_the_shelf_life_never_gets_it(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, *NAMES)
    first = await released(database_url, clock)
    async with sending(database_url, clock) as campaign:
        await campaign.ends(first)
        second = await released(
            database_url, clock, policy=Policy(gap=4), timing=replace_timing(shelf_life=2.0)
        )  # fmt: skip
        await campaign.comes_to(second, dict.fromkeys(NAMES, "queued"))
        clock.advance(seconds=2 * 3600)
        assert await campaign.ends(second, "expired") == {"expired": 3}
        assert len(campaign.channel.calls) == 3


async def test_a_recurring_one_runs_each_slot_once_and_ends(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, *NAMES)
    timing = replace_timing(at=at(4), rule="FREQ=DAILY;COUNT=3")
    number = await released(database_url, clock, timing=timing, state="scheduled")
    async with sending(database_url, clock) as campaign:
        for day in (23, 24, 25):
            clock.at = at(4, 1, day)
            for _ in range(500):
                if [state for slot, state in await runs(campaign, number) if slot == at(4, 0, day)] == ["done"]:
                    break
                await asyncio.sleep(0.01)
        assert await runs(campaign, number) == [(at(4, 0, day), "done") for day in (23, 24, 25)]
        await campaign.ends(number)
        assert len(campaign.channel.texts("mai")) == 3


async def test_after_downtime_a_slot_that_is_too_late_is_skipped_and_said(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, *NAMES)
    timing = replace_timing(at=at(4), rule="FREQ=DAILY;COUNT=3", grace=6.0)
    number = await released(database_url, clock, timing=timing, state="scheduled")
    clock.at = at(6, 0, 25)  # two slots missed by far, the third by two hours
    async with sending(database_url, clock) as campaign:
        await campaign.ends(number)
        assert [slot for slot, _ in await runs(campaign, number)] == [at(4, 0, 25)]
        skipped = await entries(campaign, "broadcast.skip")
        assert [detail["slot"] for _, detail in skipped] == [at(4, 0, day).isoformat() for day in (23, 24)]
        await campaign.channel.reached("mai", 1)


async def test_a_single_one_that_is_too_late_expires(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, *NAMES)
    number = await released(database_url, clock, timing=replace_timing(at=at(4)), state="scheduled")
    clock.at = at(11)
    async with sending(database_url, clock) as campaign:
        assert await campaign.ends(number, "expired") == {}
        assert await campaign.reason_of(number) == "Bỏ lượt 11:00 23/11/2026: đã trễ hơn 6 giờ."
        assert not campaign.channel.calls


async def test_an_audience_that_has_grown_must_be_approved_anew(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, *(f"g{number}" for number in range(12)))  # 10 were approved, and 10 % more may be
    number = await released(database_url, clock, state="scheduled")
    async with sending(database_url, clock) as campaign:
        await campaign.ends(number, "draft")
        assert await campaign.reason_of(number) == "Nhóm nhận đã tăng từ 10 lên 12 người: cần duyệt lại."
        assert [outcome for outcome, _ in await entries(campaign, "broadcast.start")] == ["refused"]
        assert not campaign.channel.calls


async def test_each_run_of_a_follow_up_is_for_others(database_url: str, clock: Clock) -> None:
    """On the day of the approval nobody had finished three days before: that must not be the measure of the next."""
    await people(database_url, clock, *(f"g{number}" for number in range(12)))
    policy = Policy(gap=0, most=15)
    timing = replace_timing(at=clock.at, rule="FREQ=DAILY;COUNT=2")
    number = await released(database_url, clock, state="scheduled", policy=policy, timing=timing)
    async with sending(database_url, clock) as campaign:
        await campaign.channel.reached_any(12)
        await people(database_url, clock, *(f"h{number}" for number in range(4)))
        clock.advance(days=1)
        await campaign.ends(number, "draft")
        assert await campaign.reason_of(number) == "Nhóm nhận đã tăng từ 10 lên 16 người: cần duyệt lại."
        assert len(campaign.channel.calls) == 12


async def test_a_saved_segment_that_changed_must_be_approved_anew(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, *NAMES)
    async with sending(database_url, clock) as campaign:
        async with campaign.database.begin() as db:
            row = {"name": "nhom", "query": "ho = ngheo", "author": "an", "changed_at": clock.at}
            await db.execute(insert(saved).values(**row))
        timing = replace_timing(at=clock.at + timedelta(hours=1))
        number = await released(database_url, clock, segment="@nhom", timing=timing, state="scheduled")
        async with campaign.database.begin() as db:
            await db.execute(saved.update().values(query="tat-ca"))
        clock.advance(seconds=3600)
        await campaign.ends(number, "draft")
        assert not campaign.channel.calls


async def test_a_saved_segment_that_changes_on_the_way_changes_nobody(database_url: str, clock: Clock) -> None:
    """The rest of the audience is written down while it goes out: of the query that was approved."""
    await people(database_url, clock, *(f"p{number}" for number in range(450)), household="ngheo")
    await people(database_url, clock, *(f"khac{number}" for number in range(50)))
    engine = open_database(database_url)
    planner = Planner(engine, lambda: TREES, channels=("fake",), ids=Ids(1, clock), now=clock, pause=1)
    row = {"name": "nhom", "query": "ho = ngheo", "author": "an", "changed_at": clock.at}
    async with engine.begin() as db:
        await db.execute(insert(saved).values(**row))
    policy = Policy(gap=0, growth=10**6)
    number = await released(database_url, clock, segment="@nhom", policy=policy, state="scheduled")
    assert await planner.step()  # it begins
    assert await planner.step()  # the first page
    async with engine.begin() as db:
        await db.execute(saved.update().values(query="tat-ca"))
    while await planner.step():
        pass
    async with engine.connect() as db:
        found = (await db.execute(select(broadcasts).where(broadcasts.c.id == number))).one()
    assert (found.state, found.is_planned, found.recipients) == ("sending", True, 450)
    await engine.dispose()


def lapsing() -> tuple[str, date]:
    """A shipped message with a fact, and a day on which it may not be said any more."""
    library, day = shipped(), date(2026, 11, 23)
    for message in library.messages.values():
        if message.facts and not message.audience and not lapses(message, library.facts, day):
            for days in range(1, 800):
                later = day + timedelta(days=days)
                if lapses(message, library.facts, later):
                    return message.id, later
    raise AssertionError("no message lapses")


async def test_a_fact_that_lapses_on_the_way_stops_the_broadcast_at_once(database_url: str, clock: Clock) -> None:
    message, day = lapsing()
    names = tuple(f"l{number}" for number in range(60))
    await people(database_url, clock, *names)
    timing = replace_timing(shelf_life=24.0 * 900)
    library = shipped()
    number = await released(
        database_url, clock, body=Body(messages=(message,)), timing=timing, library=library, policy=Policy(gap=0)
    )
    channel = FakeChannel(capabilities=Capabilities(False, True, 4096, 50, timedelta()))
    async with sending(database_url, clock, library=library, channel=channel) as campaign:
        await channel.reached_any(5)
        await campaign.set_state(number, "paused")
        campaign.today = day
        await campaign.set_state(number, "sending")
        await campaign.ends(number, "paused")
        assert (await campaign.reason_of(number)).startswith("Dừng vì nội dung hết hiệu lực")
        sent = len(channel.calls)
        await asyncio.sleep(0.1)
        assert len(channel.calls) == sent < 60


@pytest.mark.parametrize("count", [400, 401, 950])
async def test_a_large_audience_is_planned_page_by_page(sqlite_url: str, clock: Clock, count: int) -> None:
    await people(sqlite_url, clock, *(f"q{number}" for number in range(count)))
    number = await released(sqlite_url, clock, state="scheduled", policy=Policy(gap=0, growth=10**6))
    async with sending(sqlite_url, clock) as campaign:
        assert await campaign.ends(number) == {"sent": count}
        async with campaign.database.connect() as db:
            told = (await db.execute(select(deliveries.c.contact_id))).scalars().all()
        assert len(set(told)) == count

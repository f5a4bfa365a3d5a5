"""What an officer sees before approving: people, reasons, times, samples, claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace as changed
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.base import Channel
from bot.engine.segments import SegmentError
from bot.engine.state import Library
from bot.services.broadcasting.drafting import World
from bot.services.broadcasting.model import Body, Broadcast, Policy, Timing
from bot.services.broadcasting.preview import Preview, preview
from bot.services.broadcasting.targeting import fingerprint
from tests.fakes.channel import FAST, FakeChannel
from tests.services.broadcasts import NOON, add_broadcast, add_messages, add_person
from tests.shipped import shipped

POOR = Body(messages=("vay-von.muc-ngheo",))
TODAY = date(2026, 11, 23)
SLOW = replace(FAST, rate=0.01)


def world(library: Library | None = None, at: datetime = NOON, **channels: Channel) -> World:
    on: Mapping[str, Channel] = channels or {
        "telegram": FakeChannel("telegram", SLOW),
        "webchat": FakeChannel("webchat"),
    }
    return World(library or shipped(), on, at, TODAY)


async def seen(database: AsyncEngine, broadcast: Broadcast, given: World | None = None) -> Preview:
    async with database.connect() as db:
        return await preview(db, given or world(), broadcast)


async def test_it_counts_who_is_reached_and_who_is_not_with_the_reason(database: AsyncEngine) -> None:
    await add_person(database, 1, ho="ngheo", xa="09700")
    await add_person(database, 2, ho="ngheo", xa="09700", lang="en")
    await add_person(database, 3, ho="ngheo", channel="webchat")
    await add_person(database, 4, ho="khac")
    await add_person(database, 5, ho="ngheo", stop="all")
    await add_person(database, 6, ho="ngheo", dong_y="khong")
    await add_person(database, 7, ho="ngheo", status="blocked")
    await add_person(database, 8, ho="ngheo", channel="zalo")
    people = (await seen(database, await add_broadcast(database, POOR, "ho = ngheo"))).people
    assert people.total == 3
    assert people.by_channel == {"telegram": 2, "webchat": 1}
    assert people.by_commune == {"09700": 2, "": 1}
    assert people.by_language == {"vi": 2, "en": 1}
    assert people.by_household == {"ngheo": 3}
    assert people.unreachable == {"stopped": 1, "no_consent": 1, "blocked": 1, "no_address": 1}


async def test_the_end_is_that_of_the_slowest_channel_within_the_hours(database: AsyncEngine) -> None:
    for number in range(1, 12):
        await add_person(database, number, ho="ngheo")
    await add_person(database, 20, ho="ngheo", channel="webchat")
    evening = datetime(2026, 11, 23, 13, 25, tzinfo=UTC)  # five minutes before closing: 3 leave, 100 s apart
    told = await seen(database, await add_broadcast(database, POOR, "ho = ngheo"), world(at=evening))
    assert told.starts == evening
    assert told.ends == datetime(2026, 11, 24, 0, 11, 40, tzinfo=UTC)
    assert told.expires == evening + timedelta(hours=72)
    assert told.warnings == []
    short = await add_broadcast(database, POOR, "ho = ngheo", timing=Timing(shelf_life=1))
    [warning] = (await seen(database, short, world(at=evening))).warnings
    assert "21:25 23/11/2026" in warning


async def test_a_rule_starts_with_its_first_slot(database: AsyncEngine) -> None:
    await add_person(database, 1, ho="ngheo")
    tuesday = datetime(2026, 12, 1, 2, tzinfo=UTC)
    mondays = Timing(at=tuesday, rule="FREQ=WEEKLY;BYDAY=MO;COUNT=3")
    told = await seen(database, await add_broadcast(database, POOR, "ho = ngheo", timing=mondays))
    assert told.starts == told.ends == datetime(2026, 12, 7, 2, tzinfo=UTC)


async def test_people_of_another_broadcast_of_late_are_put_off_unless_it_is_urgent(database: AsyncEngine) -> None:
    for number in (1, 2, 3):
        await add_person(database, number, ho="ngheo")
    other = await add_broadcast(database, POOR, "ho = ngheo", state="done", ended_at=NOON)
    await add_messages(database, other.id, 1, {"sent": 1}, sent_at=NOON - timedelta(hours=3))
    await add_messages(database, other.id, 2, {"sent": 1}, sent_at=NOON - timedelta(hours=5))
    await add_messages(database, other.id, 3, {"failed": 1})
    usual = await add_broadcast(database, POOR, "ho = ngheo")
    assert (await seen(database, usual)).put_off == 1
    assert (await seen(database, replace(usual, policy=Policy(gap=6)))).put_off == 2
    assert (await seen(database, replace(usual, policy=Policy(gap=0)))).put_off == 0
    assert (await seen(database, replace(usual, urgent=True))).put_off == 0


async def test_samples_are_what_each_of_them_would_read(database: AsyncEngine) -> None:
    for number in range(1, 31):
        await add_person(database, number, ho="ngheo" if number % 2 else "khac", lang="en" if number % 3 else "")
    told = await seen(database, await add_broadcast(database, POOR, "tat-ca"))
    assert len(told.samples) == 20
    for sample in told.samples:
        assert sample.language == ("en" if sample.contact_id % 3 else "vi")
        if sample.contact_id % 2:
            assert sample.message is not None
            assert ("Hộ nghèo vay làm ăn" in sample.message.text) == (sample.language == "vi")
        else:
            assert (sample.message, sample.why) == (None, "không có tin nào dành cho người này")
    [warning] = told.warnings
    assert "15 người" in warning
    assert "“khac”" in warning


async def test_a_dialog_shows_how_it_begins(database: AsyncEngine) -> None:
    await add_person(database, 1, ho="ngheo", **{"da-chao": "1"})
    told = await seen(database, await add_broadcast(database, Body(dialog="vay-von"), "tat-ca"))
    [sample] = told.samples
    assert sample.message is not None
    assert sample.message.choices


async def test_claims_and_what_becomes_of_them_while_it_goes_out(database: AsyncEngine) -> None:
    await add_person(database, 1, ho="ngheo")
    usual = await add_broadcast(database, POOR, "ho = ngheo")
    told = await seen(database, usual)
    fact = shipped().facts["vay-ho-ngheo"]
    [claim] = told.claims
    assert (claim.fact, claim.about) == (fact.id, fact.about)
    assert claim.until <= fact.review
    assert (told.faults, told.warnings) == ([], [])
    monthly = Timing(at=NOON, rule="FREQ=MONTHLY;COUNT=12")
    [warning] = (await seen(database, replace(usual, timing=monthly))).warnings
    assert "không nói được nữa" in warning


async def test_a_lapsed_fact_is_a_fault_and_nobodys_sample(database: AsyncEngine) -> None:
    await add_person(database, 1, ho="ngheo")
    stale = replace(world(), today=shipped().facts["vay-ho-ngheo"].review + timedelta(1))
    told = await seen(database, await add_broadcast(database, POOR, "ho = ngheo"), stale)
    [fault] = told.faults
    assert "“vay-ho-ngheo”" in fault
    [sample] = told.samples
    assert sample.message is None
    assert "“vay-ho-ngheo”" in sample.why


async def test_what_changed_since_it_was_submitted_is_said(database: AsyncEngine) -> None:
    await add_person(database, 1, ho="ngheo")
    draft = await add_broadcast(database, POOR, "ho = ngheo")
    assert (await seen(database, draft)).digest == ""
    async with database.connect() as db:
        submitted = replace(draft, state="submitted", digest=await fingerprint(db, shipped(), draft))
    told = await seen(database, submitted)
    assert (told.digest, told.warnings) == (submitted.digest, [])
    edited = replace(submitted, timing=changed(submitted.timing, shelf_life=5))
    [warning] = (await seen(database, edited)).warnings
    assert "trình lại" in warning


async def test_a_query_that_holds_no_longer_is_told(database: AsyncEngine) -> None:
    broken = await add_broadcast(database, POOR, "ho = giau")
    with pytest.raises(SegmentError):
        await seen(database, broken)


async def test_nobody_at_all_is_no_trouble(database: AsyncEngine) -> None:
    told = await seen(database, await add_broadcast(database, POOR, "ho = ngheo"))
    assert (told.people.total, told.samples, told.ends) == (0, [], NOON)

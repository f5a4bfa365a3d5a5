"""Segments over both databases: the same people as by the engine's reading, and only who may be written to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, Table, and_, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.engine.segments import Profile, matches
from bot.engine.segments.model import Everyone, Has, Is, Not, Segment
from bot.store import segments
from bot.store.models import addresses, broadcasts, contacts, deliveries, interactions, sessions, topics
from bot.store.segments import Recipient
from bot.store.segments.conditions import condition
from bot.store.segments.indexed import Bounds
from tests.engine.segments import CHOICES, FIELDS, SEGMENTS, VALUES

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
"""Ten in the morning in Hà Nội."""
CHANNELS = ("telegram", "webchat")
"""Zalo is off."""
Row = dict[str, Any]
MOMENTS = st.integers(-5 * 24 * 4, 2).map(lambda quarters: AT + timedelta(minutes=15 * quarters))


def _one_of(values: Sequence[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


CONTACTS = st.fixed_dictionaries(
    {
        "created_at": MOMENTS, "household": _one_of(VALUES["ho"]), "commune": _one_of(VALUES["xa"]),
        "language": _one_of(("", "vi", "en")), "consent": _one_of(("co", "co", *VALUES["dong-y"])),
        "stop": _one_of(("none", "none", *VALUES["dung-tin"])), "stopped_until": st.none() | MOMENTS,
        "source": _one_of(VALUES["nguon"]),
        "fields": st.none() | _one_of(FIELDS).map(lambda value: {"nghe": value, "ten": 'Nguyễn "Tý" \x00 \\u0000'}),
    }
)  # fmt: skip
EVENTS = st.fixed_dictionaries(
    {
        "at": MOMENTS, "kind": _one_of(("said", "entered", "chose", "typed", "ended", "field")),
        "dialog": _one_of(("hoc-nghe", "vay-von")), "node": _one_of(("", "thich-nghe", "hoi")),
        "detail": _one_of(("done", "loop", *CHOICES)),
    }
)  # fmt: skip
GOT = st.fixed_dictionaries(
    {
        "broadcast_id": st.none() | st.integers(1, 3),
        "status": _one_of(("sent", "failed")),
        "sent_at": st.none() | MOMENTS,
    }
)
ADDRESSES = st.fixed_dictionaries(
    {"channel": _one_of(VALUES["kenh"]), "status": _one_of(("active", "active", "blocked")), "changed_at": MOMENTS}
)
SESSIONS = st.none() | st.fixed_dictionaries(
    {"state": _one_of(('{"node":"hoi"}', '{"seq":4}', '{"node":""}')), "seen_at": MOMENTS}
)
PEOPLE = st.tuples(
    CONTACTS, st.lists(EVENTS, max_size=4), st.lists(GOT, max_size=2), st.lists(ADDRESSES, max_size=3),
    st.sets(_one_of(("hoc-nghe", "vay-von"))), SESSIONS,
)  # fmt: skip
Someone = tuple[Row, list[Row], list[Row], list[Row], set[str], Row | None]


async def _store(db: AsyncConnection, people: Sequence[Someone]) -> None:
    """Broadcast 3 is a run of 2. Contacts are numbered 10, 20 …"""
    broadcast: dict[str, Any] = {"name": "", "body": "{}", "segment": "", "created_at": AT, "changed_at": AT}
    runs: list[dict[str, Any]] = [{"id": 1, "parent_id": None}, {"id": 2, "parent_id": None}, {"id": 3, "parent_id": 2}]
    rows: dict[Table, list[Row]] = {
        table: [] for table in (broadcasts, contacts, interactions, deliveries, addresses, topics, sessions)
    }
    rows[broadcasts] = [broadcast | run for run in runs]
    for place, (contact, events, got, where, subscribed, session) in enumerate(people, 1):
        key = {"contact_id": place * 10}
        fields = json.dumps(contact["fields"] or {}, ensure_ascii=False)
        rows[contacts].append(contact | {"id": place * 10, "fields": fields})
        rows[interactions] += [row | key for row in events]
        rows[deliveries] += [_delivery(place * 100 + each, row) | key for each, row in enumerate(got)]
        rows[addresses] += [row | key | {"external_id": f"{place}-{each}"} for each, row in enumerate(where)]
        rows[topics] += [key | {"topic": topic, "since": AT} for topic in subscribed]
        rows[sessions] += [session | key] if session else []
    for table, listed in rows.items():
        if listed:
            await db.execute(insert(table), listed)


def _delivery(number: int, row: Row) -> Row:
    reason = "reply" if row["broadcast_id"] is None else "broadcast"
    fixed = {"channel": "telegram", "address": "1", "method": "", "payload": b"", "due_at": AT}
    return {"id": number, "reason": reason, **fixed, **row}


def _is_reachable(profile: Profile) -> bool:
    """The rule in words of its own: agreed, not stopped, an address that works on a channel that is on."""
    is_over = profile.stopped_until is not None and profile.stopped_until <= AT
    goes_on = profile.stop == "none" or (profile.stop == "week" and is_over)
    return profile.consent == "co" and goes_on and bool(profile.channels & set(CHANNELS))


async def _profiles(db: AsyncConnection, people: int) -> Mapping[int, Profile]:
    found = {number * 10: await segments.profile(db, number * 10, at=AT) for number in range(1, people + 1)}
    return {number: profile for number, profile in found.items() if profile is not None}


def _columns(asked: Sequence[Segment], bounds: Bounds) -> list[ColumnElement[bool]]:
    return [and_(condition(segment, AT, bounds), *bounds.of(contacts.c.id)) for segment in asked]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PEOPLE, min_size=2, max_size=6), st.lists(SEGMENTS, min_size=3, max_size=6), st.integers(0, 60))
async def test_sql_and_python_agree_on_who_is_in(
    database: AsyncEngine, people: list[Someone], asked: list[Segment], after: int
) -> None:
    async with database.connect() as db:
        await _store(db, people)
        profiles = await _profiles(db, len(people))
        known = [await segments.with_runs(db, segment) for segment in asked]
        both = (*_columns(known, Bounds()), *_columns(known, Bounds(after, after + 20)))
        for number, *told in await db.execute(select(contacts.c.id, *both)):
            said = [matches(segment, profiles[number], AT) for segment in asked]
            is_within = after < number <= after + 20
            assert told == [*said, *(each and is_within for each in said)], asked
        within = [n for n, person in profiles.items() if matches(asked[0], person, AT) and _is_reachable(person)]
        await _check_audience(db, asked[0], within)
        await db.rollback()


async def _check_audience(db: AsyncConnection, segment: Segment, reachable: list[int]) -> None:
    assert await segments.count(db, segment, at=AT, channels=CHANNELS) == len(reachable)
    read: list[Recipient] = []
    while part := await segments.page(
        db, segment, at=AT, channels=CHANNELS, after=read[-1].contact_id if read else 0, ceiling=10**6, limit=2
    ):
        read += part
    assert [one.contact_id for one in read] == reachable
    assert await segments.sample(db, segment, at=AT, channels=CHANNELS, size=3) == read[:3] or len(read) > 3


@pytest.fixture
async def db(database: AsyncEngine) -> Any:
    """Five people: two to be reached, and one for each reason why not."""
    async with database.connect() as connection:
        rows = [
            {"id": 1, "commune": "00070", "household": "ngheo", "consent": "co"},
            {"id": 2, "commune": "00070", "language": "en", "consent": "co", "stop": "week", "stopped_until": AT},
            {"id": 3, "consent": "hoi-dap"},
            {"id": 4, "consent": "co", "stop": "broadcasts"},
            {"id": 5, "consent": "co"},
            {"id": 6, "consent": "co"},
        ]
        for row in rows:
            await connection.execute(insert(contacts).values(created_at=AT, **row))
        there = {"changed_at": AT, "external_id": "a", "status": "active"}
        for contact, channel, more in (
            (1, "webchat", {}), (1, "telegram", {"changed_at": AT - timedelta(days=1)}),
            (1, "telegram", {"external_id": "b"}), (2, "webchat", {"external_id": "c"}),
            (3, "telegram", {"external_id": "d"}), (4, "telegram", {"external_id": "e"}),
            (5, "telegram", {"external_id": "f", "status": "blocked"}), (6, "zalo", {}),
        ):  # fmt: skip
            await connection.execute(
                insert(addresses).values(there | {"contact_id": contact, "channel": channel} | more)
            )
        yield connection


async def test_a_message_goes_to_the_newest_address_on_the_first_channel(db: AsyncConnection) -> None:
    found = await segments.page(db, Everyone(), at=AT, channels=CHANNELS, after=0, ceiling=9, limit=9)
    assert found == [Recipient(1, "telegram", "b"), Recipient(2, "webchat", "c")]
    turned = await segments.page(db, Everyone(), at=AT, channels=CHANNELS[::-1], after=0, ceiling=1, limit=9)
    assert turned == [Recipient(1, "webchat", "a")]


async def test_who_is_unreachable_is_counted_by_reason(db: AsyncConnection) -> None:
    found = await segments.breakdown(db, Everyone(), at=AT, channels=CHANNELS)
    assert found.total == 2
    assert (found.by_channel, found.by_commune) == ({"telegram": 1, "webchat": 1}, {"00070": 2})
    assert (found.by_household, found.by_language) == ({"ngheo": 1, "": 1}, {"vi": 1, "en": 1})
    assert found.unreachable == {"stopped": 1, "no_consent": 1, "blocked": 1, "no_address": 1}


@pytest.mark.parametrize("segment", [Is("dung-tin", ("broadcasts",)), Not(Is("dong-y", ("co",))), Not(Has("x"))])
async def test_no_segment_reaches_who_may_not_be_written_to(db: AsyncConnection, segment: Segment) -> None:
    found = await segments.page(db, segment, at=AT, channels=CHANNELS, after=0, ceiling=9, limit=9)
    assert {one.contact_id for one in found} <= {1, 2}


async def test_without_a_channel_nobody_is_reached(db: AsyncConnection) -> None:
    assert await segments.count(db, Everyone(), at=AT, channels=()) == 0
    assert await segments.page(db, Everyone(), at=AT, channels=(), after=0, ceiling=9, limit=9) == []
    found = await segments.breakdown(db, Everyone(), at=AT, channels=())
    assert (found.total, found.unreachable["no_address"]) == (0, 4)


async def test_a_sample_is_spread_and_stays_the_same(database: AsyncEngine) -> None:
    async with database.connect() as connection:
        rows = [{"id": number, "consent": "co", "created_at": AT} for number in range(1, 1001)]
        await connection.execute(insert(contacts), rows)
        where = [{"contact_id": row["id"], "channel": "telegram", "external_id": str(row["id"])} for row in rows]
        await connection.execute(insert(addresses), [row | {"changed_at": AT} for row in where])
        found = await segments.sample(connection, Everyone(), at=AT, channels=CHANNELS, size=10)
        assert [one.contact_id for one in found] == list(range(1, 1000, 100))
        assert found == await segments.sample(connection, Everyone(), at=AT, channels=CHANNELS, size=10)


async def test_saved_segments_are_kept_by_name(database: AsyncEngine, clock: Callable[[], datetime]) -> None:
    async with database.begin() as connection:
        assert await segments.save(connection, name="ngheo", query="ho = ngheo", author="lan", at=clock())
        assert not await segments.save(connection, name="ngheo", query="ho = can-ngheo", author="hoa", at=clock())
        [one] = await segments.every(connection)
        assert one == await segments.find(connection, "ngheo")
        assert (one.query, one.author) == ("ho = can-ngheo", "hoa")
        assert await segments.delete(connection, "ngheo")
        assert not await segments.delete(connection, "ngheo")
        assert await segments.find(connection, "ngheo") is None

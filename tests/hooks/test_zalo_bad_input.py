"""Malformed, unknown and future events: kept raw for staff and acknowledged; never a crash, never a 5xx but "again"."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.zalo.wire import seconds_of, timestamp_in
from bot.hooks.zalo import FRESH
from bot.store.models import contacts, inbox, interactions
from tests.conftest import Clock
from tests.hooks.zalo_stage import event, message, on_stage

OA = "388613280878808645"
NAMES = (
    "user_send_text", "user_send_image", "user_send_location", "follow", "unfollow", "user_withdraw",
    "user_submit_info", "user_received_message", "user_seen_message", "oa_send_text", "oa_send_image",
    "change_template_status", "user_reacted_message", "user_from_the_future",
)  # fmt: skip
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=90)
    | st.sampled_from(["", "777", OA, "0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
parties = st.fixed_dictionaries({}, optional={"id": values, "admin_id": values})
messages = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("msg_id", "msg_ids", "text", "attachments", "react_icon"), values)
)
events = st.fixed_dictionaries(
    {"event_name": st.sampled_from(NAMES) | st.text(max_size=90)},
    optional={
        "sender": parties | values, "recipient": parties | values, "follower": parties | values, "user_id": values,
        "message": messages | values, "info": values, "template_id": values, "status": values, "timestamp": values,
    },
)  # fmt: skip
bodies = st.binary(max_size=300) | values.map(json.dumps).map(str.encode) | events.map(json.dumps).map(str.encode)


def test_whatever_is_signed_is_acknowledged_and_nothing_of_it_is_lost(database_url: str, clock: Clock) -> None:
    """Any bytes, any JSON, any shape of any event, signed as Zalo would: acted on, left aside knowingly, or kept. Only
    what says itself that it is old is refused."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        stage = runner.run(stack.enter_async_context(on_stage(database_url, clock)))

        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
        @given(bodies)
        def check(raw: bytes) -> None:
            stamp = str(int(clock().timestamp() * 1000))
            age = clock().timestamp() - (seconds_of(timestamp_in(raw)) or clock().timestamp())
            assert runner.run(stage.tell(raw, timestamp=stamp)) == (403 if age > FRESH.total_seconds() else 200)

        try:
            check()
            rows = runner.run(stage.rows(inbox))
            assert all(row.raw for row in rows if row.error)
        finally:
            runner.run(stack.aclose())


def test_whatever_is_not_signed_is_refused(sqlite_url: str, clock: Clock) -> None:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        stage = runner.run(stack.enter_async_context(on_stage(sqlite_url, clock)))

        @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
        @given(bodies, st.sampled_from(["", "mac=", "mac=00", "không", "a" * 64]))
        def check(raw: bytes, signature: str) -> None:
            status = runner.run(stage.post(raw, {"X-ZEvent-Signature": signature.encode().decode("latin-1")}))
            assert status == (200 if raw.strip() in (b"", b"{}") else 403)

        try:
            check()
            assert runner.run(stage.rows(inbox)) == []
        finally:
            runner.run(stack.aclose())


UNREADABLE: tuple[tuple[str, bytes], ...] = (
    ("no JSON", "không phải JSON".encode()),
    ("a list", b"[1, 2]"),
    ("half an event", b'{"event_name":"user_send_text","mess'),
    ("of nobody", b'{"event_name":"user_send_text","message":{"text":"a","msg_id":"1"}}'),
    ("brackets in brackets", b"[" * 100_000),
    (
        "a broken letter",
        b'{"event_name":"user_send_text","sender":{"id":"777"},"message":{"text":"\\ud800","msg_id":"1"}}',
    ),
    ("bytes of no alphabet", b"\xff\xfe\x00"),
)


@pytest.mark.parametrize("raw", [raw for _, raw in UNREADABLE], ids=[name for name, _ in UNREADABLE])
async def test_what_cannot_be_read_is_kept_raw_once(database_url: str, clock: Clock, raw: bytes) -> None:
    async with on_stage(database_url, clock) as stage:
        stamp = str(int(clock().timestamp() * 1000))
        assert [await stage.tell(raw, timestamp=stamp) for _ in range(2)] == [200, 200]
        [row] = await stage.rows(inbox)
        assert (row.channel, row.raw) == ("zalo", raw)
        assert row.error
        assert await stage.rows(contacts) == []


async def test_an_event_of_the_future_is_kept_with_whose_it_is_and_goes_with_them(
    database_url: str, clock: Clock
) -> None:
    async with on_stage(database_url, clock) as stage:
        told: dict[str, Any] = event(
            stage.zalo, "user_danced", sender={"id": "777"}, recipient={"id": OA}, dance="lăm vông"
        )
        assert await stage.tell(told) == 200
        other = event(stage.zalo, "user_sang", sender={"id": "888"}, recipient={"id": OA}, song="quan họ")
        assert await stage.tell(other) == 200
        by_us = event(stage.zalo, "oa_danced", sender={"id": OA}, recipient={"id": "777"}, dance="xòe")
        assert await stage.tell(by_us) == 200
        kept = [row for row in await stage.rows(inbox) if row.error]
        assert sorted(row.address for row in kept) == ["777", "777", "888"]
        assert all("nobody knows" in row.error for row in kept)
        assert await stage.zalo.user("777").withdraw() == 200
        left = [bytes(row.raw).decode() for row in await stage.rows(inbox) if row.raw]
        assert ["quan họ" in raw for raw in left] == [True]


async def test_letters_that_the_database_takes_none_of_are_left_out(database_url: str, clock: Clock) -> None:
    """PostgreSQL keeps no NUL: a message with one is a message all the same."""
    async with on_stage(database_url, clock) as stage:
        assert await stage.tell(message(stage.zalo, "xin\0 chào")) == 200
        assert any("chào" in row.text for row in await stage.rows(interactions))
        assert await stage.tell(message(stage.zalo, "xin chào", msg_id="a\0b")) == 200
        assert await stage.tell(message(stage.zalo, "xin chào", msg_id="x" * 500)) == 200
        assert [bool(row.error) for row in await stage.rows(inbox)].count(True) == 2

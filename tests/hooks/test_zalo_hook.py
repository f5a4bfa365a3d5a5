"""Which events Zalo's webhook takes: those that are signed, fresh and new; what else comes leaves a count."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from bot.store.models import contacts, inbox, interactions
from tests.conftest import Clock
from tests.hooks.zalo_stage import Stage, event, message, on_stage, seen, signed

VECTOR = (
    '{"app_id":"360846524940903967","sender":{"id":"246845883529197922"},"user_id_by_app":"552177279717587730",'
    '"recipient":{"id":"388613280878808645"},"event_name":"user_send_text","message":{"text":"Xin chào",'
    '"msg_id":"96d3cdf3af150460909"},"timestamp":"1790000000000"}'
).encode()
VECTOR_MAC = "mac=34db9223254416924641f2af748dd50dee950144ddc631101ebab3fece6e5dd2"
AT = datetime.fromtimestamp(1_790_000_000, UTC)
HOURS = 3600


async def wrong_secret(stage: Stage) -> int:
    return await stage.tell(message(stage.zalo, "xin chào"), secret="app_secret_of_another")


async def app_secret(stage: Stage) -> int:
    return await stage.tell(message(stage.zalo, "xin chào"), secret=stage.zalo.app_secret)


async def serialised_anew(stage: Stage) -> int:
    raw = json.dumps(message(stage.zalo, "xin chào"), ensure_ascii=False, separators=(",", ":")).encode()
    stamp = json.loads(raw)["timestamp"]
    return await stage.post(json.dumps(json.loads(raw)).encode(), signed(stage.zalo, raw, timestamp=stamp))


async def altered(stage: Stage) -> int:
    raw = json.dumps(message(stage.zalo, "xin chào")).encode()
    stamp = json.loads(raw)["timestamp"]
    return await stage.post(raw.replace(b"96d3", b"96d4"), signed(stage.zalo, raw, timestamp=stamp))


async def stale(stage: Stage) -> int:
    old = message(stage.zalo, "xin chào")
    old["timestamp"] = str(int(old["timestamp"]) - 1000 * 3 * HOURS)
    return await stage.tell(old)


async def unsigned(stage: Stage) -> int:
    return await stage.post(json.dumps(message(stage.zalo, "xin chào")).encode(), {})


async def garbled(stage: Stage) -> int:
    return await stage.post(json.dumps(message(stage.zalo, "xin chào")).encode(), {"X-ZEvent-Signature": "không"})


Told = Callable[[Stage], Awaitable[int]]
FORGED: tuple[tuple[Told, str], ...] = (
    (wrong_secret, "wrong-signature"), (app_secret, "app-secret"), (serialised_anew, "wrong-signature"),
    (altered, "wrong-signature"), (stale, "stale"), (unsigned, "no-signature"), (garbled, "wrong-signature"),
)  # fmt: skip


async def test_the_published_vector_is_taken(database_url: str, clock: Clock) -> None:
    clock.at = AT
    async with on_stage(database_url, clock) as stage:
        assert await stage.post(VECTOR, {"X-ZEvent-Signature": VECTOR_MAC}) == 200
        assert [row.text for row in await stage.rows(interactions) if row.text == "Xin chào"] == ["Xin chào"]
        assert [row.external_id for row in await stage.rows(inbox)] == ["96d3cdf3af150460909"]


@pytest.mark.parametrize(("told", "why"), FORGED, ids=[told.__name__ for told, _ in FORGED])
async def test_what_isnt_zalos_is_refused_and_leaves_only_a_count(
    database_url: str, clock: Clock, told: Told, why: str
) -> None:
    async with on_stage(database_url, clock) as stage:
        assert await told(stage) == 403
        assert await told(stage) == 403
        assert await stage.rows(inbox) == []
        assert await stage.rows(contacts) == []
    noted = await seen(database_url)
    assert set(noted) == {"refused"}
    assert (noted["refused"].count, noted["refused"].detail, noted["refused"].at) == (2, why, clock())


@pytest.mark.parametrize(("told", "why"), FORGED, ids=[told.__name__ for told, _ in FORGED])
async def test_in_the_first_days_nothing_is_lost_and_the_fault_is_told(
    database_url: str, clock: Clock, told: Told, why: str
) -> None:
    async with on_stage(database_url, clock, zalo_soak=True) as stage:
        assert await told(stage) == 200
        assert len(await stage.rows(contacts)) == 1
        assert "xin chào" in [row.text for row in await stage.rows(interactions)]
    noted = await seen(database_url)
    assert (noted["unsigned"].count, noted["unsigned"].detail) == (1, why)
    assert noted["webhook"].count == 1


async def test_what_was_acted_on_does_nothing_when_it_comes_again(database_url: str, clock: Clock) -> None:
    async with on_stage(database_url, clock) as stage:
        hoa = stage.zalo.user("2512523625412515", name="Hoa")
        assert await hoa.write("xin chào") == 200
        before = await stage.rows(interactions)
        assert await stage.zalo.hook.repeat() == 200
        stage.zalo.hook.duplicates = 3
        assert await hoa.write("menu") == 200
        assert len(await stage.rows(inbox)) == 2
        assert [row.text for row in await stage.rows(interactions)].count("menu") == 1
        assert len(before) > 0


@pytest.mark.parametrize(("variant", "remark"), [("bare_hex", ""), ("header_timestamp", "header-time")])
async def test_what_sources_disagree_about_is_taken_both_ways(
    database_url: str, clock: Clock, variant: str, remark: str
) -> None:
    async with on_stage(database_url, clock) as stage:
        setattr(stage.zalo.hook, variant, True)
        assert await stage.zalo.user().write("xin chào") == 200
        assert len(await stage.rows(contacts)) == 1
    assert (await seen(database_url))["webhook"].detail == remark


@pytest.mark.parametrize("body", [b"{}", b"", b" { } \n"])
async def test_the_unsigned_probe_is_answered_and_does_nothing(database_url: str, clock: Clock, body: bytes) -> None:
    async with on_stage(database_url, clock) as stage:
        assert await stage.zalo.hook.probe(body=body) == 200
        assert await stage.rows(inbox) == []
    assert await seen(database_url) == {}


async def test_an_event_that_zalo_sends_for_the_last_time_is_still_fresh(database_url: str, clock: Clock) -> None:
    async with on_stage(database_url, clock) as stage:
        stage.zalo.hook.url, url = "http://127.0.0.1:1/hooks/zalo", stage.zalo.hook.url
        assert await stage.zalo.user().write("xin chào") == 0
        await stage.zalo.advance(seconds=3100)
        stage.zalo.hook.url = url
        await stage.zalo.advance(seconds=1 * HOURS)
        assert [attempt.number for attempt in stage.zalo.hook.attempts] == [0, 1, 2, 3, 4, 5]
        assert [row.text for row in await stage.rows(interactions)].count("xin chào") == 1


async def test_several_processes_take_in_and_only_one_acts(postgres_url: str, clock: Clock) -> None:
    async with on_stage(postgres_url, clock, only="hooks") as one, on_stage(postgres_url, clock, only="hooks") as two:
        told = message(one.zalo, "xin chào")
        assert [await one.tell(told), await two.tell(told)] == [200, 200]
        assert len(await one.rows(inbox)) == 1
        assert [row.text for row in await two.rows(interactions)].count("xin chào") == 1


async def test_an_event_without_an_id_leaves_no_name_of_its_person_in_the_inbox(
    database_url: str, clock: Clock
) -> None:
    async with on_stage(database_url, clock) as stage:
        follow = event(stage.zalo, "follow", oa_id=stage.zalo.oa_id, follower={"id": "2512523625412515"})
        assert await stage.tell(follow) == 200
        assert await stage.tell(follow) == 200
        [row] = await stage.rows(inbox)
        assert "2512523625412515" not in row.external_id
        assert len(await stage.rows(contacts)) == 1

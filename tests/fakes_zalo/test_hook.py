"""How events get to a webhook: signed, repeated, wrong on demand."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256
from random import Random

from aiohttp import web

from tests.fakes.zalo import FakeZalo
from tests.fakes.zalo.hook import mac
from tests.fakes_zalo.conftest import UID, Caller, Heard

PUBLISHED = (
    '{"app_id":"360846524940903967","sender":{"id":"246845883529197922"},"user_id_by_app":"552177279717587730",'
    '"recipient":{"id":"388613280878808645"},"event_name":"user_send_text","message":{"text":"Xin chào",'
    '"msg_id":"96d3cdf3af150460909"},"timestamp":"1790000000000"}'
).encode()


def signature(zalo: FakeZalo, body: bytes, timestamp: str, secret: str = "") -> str:
    return sha256(zalo.app_id.encode() + body + timestamp.encode() + (secret or zalo.oa_secret).encode()).hexdigest()


def test_the_published_vector_signs_as_published() -> None:
    assert len(PUBLISHED) == 266
    signed = mac("360846524940903967", PUBLISHED, "1790000000000", "oa_secret_demo")
    assert signed == "34db9223254416924641f2af748dd50dee950144ddc631101ebab3fece6e5dd2"


async def test_an_event_is_signed_over_its_exact_bytes(zalo: FakeZalo, heard: Heard) -> None:
    zalo.webhook = heard.url
    assert await zalo.user(UID).write("xin chào") == 200
    (body,), (headers,) = heard.bodies, heard.headers
    assert "xin chào".encode() in body
    timestamp = heard.events[0]["timestamp"]
    assert headers["X-ZEvent-Timestamp"] == timestamp == "1795410000000"
    assert headers["X-ZEvent-Signature"] == f"mac={signature(zalo, body, timestamp)}"
    assert headers["Content-Type"] == "application/json"
    assert "num_retry" not in headers


async def test_signatures_can_be_bare_of_the_header_or_wrong(zalo: FakeZalo, heard: Heard) -> None:
    zalo.webhook = heard.url
    zalo.hook.bare_hex = True
    await zalo.user(UID).write("a")
    zalo.hook.bare_hex, zalo.hook.header_timestamp = False, True
    await zalo.user(UID).write("b")
    zalo.hook.header_timestamp, zalo.hook.wrong_secret = False, zalo.app_secret
    await zalo.user(UID).write("c")
    bare, headed, wrong = (headers["X-ZEvent-Signature"] for headers in heard.headers)
    assert bare == signature(zalo, heard.bodies[0], heard.events[0]["timestamp"])
    of_header = heard.headers[1]["X-ZEvent-Timestamp"]
    assert of_header != heard.events[1]["timestamp"]
    assert headed == f"mac={signature(zalo, heard.bodies[1], of_header)}"
    assert wrong == f"mac={signature(zalo, heard.bodies[2], heard.events[2]['timestamp'], zalo.app_secret)}"


async def test_what_is_not_taken_comes_five_times_more_and_then_never(zalo: FakeZalo, heard: Heard) -> None:
    zalo.webhook, heard.status = heard.url, 503
    assert await zalo.user(UID).write("xin chào") == 503
    counts = []
    for seconds in (29, 1, 300, 900, 1800, 3600):
        await zalo.advance(seconds=seconds)
        counts.append(len(heard.bodies))
    assert counts == [1, 2, 3, 4, 5, 6]
    assert len(set(heard.bodies)) == 1
    assert [headers.get("num_retry", "") for headers in heard.headers] == ["", "1", "2", "3", "4", "5"]
    assert zalo.hook.is_disabled
    assert await zalo.user(UID).write("còn ai không") == 0
    assert (len(heard.bodies), zalo.hook.lost) == (6, 2)


async def test_what_is_taken_later_comes_no_more(zalo: FakeZalo, heard: Heard) -> None:
    zalo.webhook, heard.status = heard.url, 500
    await zalo.user(UID).write("xin chào")
    heard.status = 200
    await zalo.advance(days=1)
    assert [attempt.status for attempt in zalo.hook.attempts] == [500, 200]
    assert not zalo.hook.is_disabled


async def test_retries_can_be_of_missing_connections_only(zalo: FakeZalo, heard: Heard) -> None:
    zalo.hook.retries, zalo.webhook, heard.status = "connect", heard.url, 500
    await zalo.user(UID).write("xin chào")
    await zalo.advance(days=1)
    assert len(heard.bodies) == 1
    zalo.webhook = "http://127.0.0.1:9/nobody"
    assert await zalo.user(UID).write("xin chào") == 0
    zalo.webhook, heard.status = heard.url, 200
    await zalo.advance(seconds=30)
    assert len(heard.bodies) == 2


async def test_an_answer_that_comes_too_late_is_none(zalo: FakeZalo) -> None:
    released = asyncio.Event()

    async def wait(_: web.Request) -> web.Response:
        await released.wait()
        return web.Response()

    app = web.Application()
    app.router.add_post("/", wait)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    zalo.hook.patience, zalo.webhook = 0.01, f"http://127.0.0.1:{runner.addresses[0][1]}/"
    assert await zalo.user(UID).write("xin chào") == 0
    released.set()
    await runner.cleanup()


async def test_a_webhook_is_saved_when_it_answers_a_probe_without_signature(zalo: FakeZalo, heard: Heard) -> None:
    assert await zalo.register(heard.url)
    assert heard.bodies == [b"{}"]
    assert "X-ZEvent-Signature" not in heard.headers[0]
    assert zalo.webhook == heard.url
    heard.status = 403
    assert not await zalo.register(f"{heard.url}?other")
    assert zalo.webhook == heard.url


async def test_events_can_come_twice_late_and_out_of_order(zalo: FakeZalo, heard: Heard) -> None:
    zalo.webhook, zalo.hook.duplicates = heard.url, 1
    await zalo.user(UID).write("một")
    assert heard.bodies[0] == heard.bodies[1]
    zalo.hook.duplicates, zalo.hook.holds = 0, True
    assert [await zalo.user(UID).write(text) for text in ("hai", "ba")] == [0, 0]
    assert len(heard.bodies) == 2
    assert await zalo.hook.release() == [200, 200]
    assert [event["message"]["text"] for event in heard.events[2:]] == ["ba", "hai"]
    await zalo.hook.repeat(0)
    assert heard.bodies[-1] == heard.bodies[0]
    zalo.hook.holds = True
    await zalo.user(UID).write("bốn")
    assert await zalo.hook.release(Random(1)) == [200]


async def test_any_bytes_can_be_signed_and_sent(zalo: FakeZalo, heard: Heard) -> None:
    zalo.webhook = heard.url
    for body in (b"\xff\x00", b"[]", b'{"timestamp":5}', b"[" * 100_000):
        assert await zalo.hook.tell_raw(body) == 200
    assert heard.bodies[0] == b"\xff\x00"


async def test_a_send_is_echoed_and_told_of_as_set(zalo: FakeZalo, app: Caller, heard: Heard) -> None:
    await zalo.user(UID).write("xin chào")
    zalo.webhook, zalo.receipts = heard.url, "seen"
    message_id = (await app.say())["data"]["message_id"]
    await zalo.hook.settle()
    assert sorted(heard.names) == ["oa_send_text", "user_received_message", "user_seen_message"]
    by_name = {event["event_name"]: event for event in heard.events}
    echo = by_name["oa_send_text"]
    assert echo["message"] == {"text": "Chào bà con", "msg_id": message_id}
    assert echo["sender"] == {"id": zalo.oa_id}
    assert by_name["user_received_message"]["message"] == {"msg_id": message_id}
    assert by_name["user_seen_message"]["message"] == {"msg_ids": [message_id]}
    zalo.echoes, zalo.receipts = False, "off"
    await app.say()
    await zalo.hook.settle()
    assert len(heard.bodies) == 3


async def test_a_message_by_hand_is_echoed_with_its_admin(zalo: FakeZalo, heard: Heard) -> None:
    zalo.webhook = heard.url
    assert await zalo.admin_writes(UID, "Cán bộ đây", "77") == 200
    assert heard.events[0]["sender"] == {"id": zalo.oa_id, "admin_id": "77"}
    assert zalo.user(UID).texts == ["Cán bộ đây"]


async def test_ids_and_times_are_strings(zalo: FakeZalo, heard: Heard) -> None:
    zalo.webhook = heard.url
    await zalo.user(UID).write("xin chào")
    event = json.loads(heard.bodies[0])
    for value in (event["app_id"], event["sender"]["id"], event["message"]["msg_id"], event["timestamp"]):
        assert isinstance(value, str)

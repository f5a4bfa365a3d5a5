"""Zalo waits two seconds: an answer comes only after the commit, and in time whatever becomes of the turn."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.hooks.zalo import PATH, Keys, ZaloHook, add_zalo_routes
from bot.messages import Incoming
from bot.services.conversation import Unavailable
from bot.services.news import News
from tests.conftest import Clock
from tests.fakes.zalo import FakeZalo
from tests.fakes.zalo.hook import mac
from tests.hooks.zalo_stage import event, message

PATIENCE = 0.05


class Desk:
    """Takes in what the hook hands over, once `gate` is open; `failures` are raised first."""

    def __init__(self) -> None:
        self.taken: list[Incoming] = []
        self.letters: list[tuple[str, str]] = []
        self.failures: list[Exception] = []
        self.gate, self.arrived = asyncio.Event(), asyncio.Event()
        self.gate.set()

    async def receive(self, incoming: Incoming) -> None:
        self.arrived.set()
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(incoming)

    async def dead_letter(self, _channel: str, _key: str, _raw: bytes, why: str, whose: str) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.letters.append((why, whose))


class Stand:
    """The hook alone, with a desk behind it."""

    def __init__(self, client: TestClient[web.Request, web.Application], desk: Desk, counts: Counter[str]) -> None:
        self.client, self.desk, self.counts = client, desk, counts
        self.zalo = FakeZalo()

    async def tell(self, told: object) -> tuple[int, str]:
        """(status, how long to wait) of the answer to an event."""
        raw = json.dumps(told).encode()
        stamp = json.loads(raw)["timestamp"]
        headers = {"X-ZEvent-Signature": mac(self.zalo.app_id, raw, stamp, self.zalo.oa_secret)}
        async with self.client.post(PATH, data=raw, headers=headers) as response:
            return response.status, response.headers.get("Retry-After", "")


@pytest.fixture
async def stand(database: AsyncEngine, clock: Clock) -> AsyncIterator[Stand]:
    desk, counts, rules = Desk(), Counter[str](), FakeZalo()
    news = News(database, "zalo", now=clock, forget=lambda _to: None)
    keys = Keys(rules.app_id, rules.oa_id, rules.oa_secret)
    app = web.Application()
    add_zalo_routes(
        app,
        ZaloHook(keys, desk.receive, desk.dead_letter, news, now=clock, counts=counts, patience=PATIENCE),
    )
    async with TestClient(TestServer(app)) as client:
        found = Stand(client, desk, counts)
        found.zalo.clock = clock
        yield found


async def test_it_answers_only_after_the_turn_is_committed(stand: Stand) -> None:
    stand.desk.gate.clear()
    answer = asyncio.ensure_future(stand.tell(message(stand.zalo, "xin chào")))
    await stand.desk.arrived.wait()
    assert not answer.done()
    stand.desk.gate.set()
    assert await answer == (200, "")
    assert [one.text for one in stand.desk.taken] == ["xin chào"]


async def test_a_turn_that_takes_too_long_is_asked_for_again_and_goes_on(stand: Stand) -> None:
    stand.desk.gate.clear()
    status, wait = await stand.tell(message(stand.zalo, "xin chào"))
    assert status == 503
    assert int(wait) > 0
    assert stand.desk.taken == []
    stand.desk.gate.set()
    assert (await stand.tell(message(stand.zalo, "xin chào")))[0] == 200
    assert len(stand.desk.taken) == 2  # the first went on; real turns are one, by their id


async def test_a_late_turn_that_fails_harms_nobody(stand: Stand) -> None:
    stand.desk.gate.clear()
    stand.desk.failures = [Unavailable()]
    assert (await stand.tell(message(stand.zalo, "xin chào")))[0] == 503
    stand.desk.gate.set()
    assert (await stand.tell(message(stand.zalo, "lại đây"))) == (200, "")


async def test_it_asks_for_the_event_again_while_the_database_is_down(stand: Stand) -> None:
    stand.desk.failures = [Unavailable()]
    status, wait = await stand.tell(message(stand.zalo, "xin chào"))
    assert status == 503
    assert int(wait) > 0
    stand.desk.failures = [Unavailable()]
    assert (await stand.tell(event(stand.zalo, "user_from_the_future")))[0] == 503
    assert stand.desk.letters == []


async def test_what_breaks_us_is_kept_for_staff_and_acknowledged(stand: Stand) -> None:
    stand.desk.failures = [RuntimeError("a bug")]
    assert (await stand.tell(message(stand.zalo, "xin chào", uid="777")))[0] == 200
    assert stand.desk.letters == [("RuntimeError('a bug')", "777")]


async def test_what_can_not_even_be_kept_comes_again(stand: Stand) -> None:
    stand.desk.failures = [RuntimeError("a bug"), RuntimeError("another")]
    assert (await stand.tell(message(stand.zalo, "xin chào")))[0] == 503


async def test_what_came_is_counted_for_the_health_page(stand: Stand) -> None:
    await stand.tell(message(stand.zalo, "xin chào"))
    await stand.tell(event(stand.zalo, "add_user_to_tag", tag={"name": "x", "user_ids": ["1"]}))
    oa = {"sender": {"id": stand.zalo.oa_id}, "recipient": {"id": "777"}}
    await stand.tell(event(stand.zalo, "oa_send_text", **oa, message={"text": "chào", "msg_id": "m1"}))
    await stand.tell(event(stand.zalo, "user_received_message", **oa, message={"msg_id": "m1"}))
    assert stand.counts == {"received": 1, "left aside: add_user_to_tag": 1, "echoes": 1, "receipts: received": 1}

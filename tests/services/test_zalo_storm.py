"""Two processes, fifty sends at once, and a token that has just ended: one refresh, and every message goes out."""

from __future__ import annotations

import asyncio
import os
from datetime import time, timedelta

from bot.channels.base import Reach
from bot.channels.zalo.api import ZaloApi
from bot.channels.zalo.channel import ZaloChannel
from bot.messages import Address, Outgoing
from bot.store.db import open_database
from tests.conftest import Clock
from tests.fakes.zalo.app import FakeZalo
from tests.services.zalo_apart import Apart, forked, reached_its_end
from tests.services.zalo_keys import Keys

REACH = Reach(timedelta(hours=48), timedelta(days=7), {"free": 0, "paid": 55}, time(22), time(6), frozenset())
SENDS = 25
"""Of each process."""


async def send_when_told(url: str, clock: Clock, zalo: FakeZalo, uids: list[str], *, ready: int, told: int) -> None:
    """One process: it has the token at hand when it says *ready*, and sends to all *uids* at once when it is *told*."""
    database = open_database(url)
    tokens = Keys(database, clock, zalo).keeper()
    await tokens.current()
    channel = ZaloChannel(ZaloApi(tokens, api=zalo.url, template_api=zalo.url), reach=REACH)
    os.write(ready, b"!")
    await asyncio.to_thread(os.read, told, 1)
    calls = [channel.encode(Address("zalo", uid), Outgoing(f"Chào {uid}"))[0] for uid in uids]
    await asyncio.gather(*(channel.send(call) for call in calls))
    await channel.close()
    await tokens.close()
    await database.dispose()


async def prepared(url: str, clock: Clock, zalo: FakeZalo) -> None:
    database = open_database(url)
    await Keys(database, clock, zalo).consented()
    await database.dispose()


def test_fifty_sends_of_two_processes_meet_an_ended_token_and_one_refreshes_it(postgres_url: str, clock: Clock) -> None:
    with Apart(clock) as apart:
        uids = [apart.do(lambda zalo: zalo.user().uid) for _ in range(2 * SENDS)]
        for uid in uids:
            apart.run(apart.zalo.user(uid).write("xin chào"))
        asyncio.run(prepared(postgres_url, clock, apart.zalo))
        (saw, ready), (told, tell) = os.pipe(), os.pipe()
        children = [
            forked(lambda mine=part: send_when_told(  # type: ignore[misc]
                postgres_url, clock, apart.zalo, mine, ready=ready, told=told))
            for part in (uids[:SENDS], uids[SENDS:])
        ]  # fmt: skip
        for _ in children:
            assert os.read(saw, 1) == b"!"
        apart.zalo.latency = 0.3  # so that all are on their way before the first is refused
        apart.do(lambda zalo: zalo.oauth.expire())
        os.write(tell, b"!!")
        assert all(reached_its_end(child) for child in children)
        assert [refresh.outcome for refresh in apart.zalo.refreshes] == ["renewed"]
        assert sorted(charge.to for charge in apart.zalo.books) == sorted(uids), "each got their message, and once"
        assert apart.zalo.count()["/v3.0/oa/message/cs"] == 2 * len(uids), "each was to meet the ended token"
        for end in (saw, ready, told, tell):
            os.close(end)

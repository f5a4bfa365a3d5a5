"""Two bots as real processes on PostgreSQL, and fifty people whose answers meet a token that has just ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.bench.process import Process, free_port, our_bot
from tests.fakes.zalo.app import FakeZalo

PEOPLE = 50
WITHIN = 60.0
SLOWLY = 2.0
"""Seconds that Zalo takes for each call: so all answers are on their way before the first is refused."""


@asynccontextmanager
async def bots(zalo: FakeZalo, folder: Path, database: str) -> AsyncIterator[list[str]]:
    """Two of them with the same settings, among them the first pair; their addresses."""
    settings = {f"BOT_{name.upper()}": value for name, value in zalo.settings().items()}
    settings |= {"BOT_WEB_SECRET": "one for all", "BOT_ZALO_RATE": "1000"}
    ports = [free_port(), free_port()]
    processes: list[Process] = []
    try:
        for port in ports:
            (folder / str(port)).mkdir()
            process = our_bot(folder / str(port), port=port, api="", database=database, **settings)  # type: ignore[arg-type]
            processes.append(process)
            await process.spawn()
        await asyncio.gather(*(process.ready() for process in processes))
        yield [f"http://127.0.0.1:{port}" for port in ports]
    finally:
        await asyncio.gather(*(process.stop() for process in processes))


async def write(zalo: FakeZalo, http: aiohttp.ClientSession, addresses: list[str], uids: list[str]) -> None:
    """Each of *uids* writes, all at once, to one bot and the other in turn."""
    zalo.hook.holds = True
    for uid in uids:
        await zalo.user(uid).write("xin chào")
    held, zalo.hook.held, zalo.hook.holds = zalo.hook.held, [], False

    async def bring(number: int, body: bytes, headers: Any) -> int:
        url = f"{addresses[number % 2]}/hooks/zalo"
        async with http.post(url, data=body, headers=headers) as answer:
            return answer.status

    statuses = await asyncio.gather(*(bring(number, *one) for number, one in enumerate(held)))
    assert set(statuses) <= {200, 503}, "503: its turn goes on"


async def answered(zalo: FakeZalo, uids: list[str]) -> None:
    """Wait until everybody got a message."""
    async with asyncio.timeout(WITHIN):
        while not set(uids) <= {charge.to for charge in zalo.books}:
            await zalo.until("/message/cs", 1 + len([call for call in zalo.calls if call.path.endswith("/cs")]))


async def health(http: aiohttp.ClientSession, address: str) -> dict[str, Any]:
    async with http.get(f"{address}/health") as answer:
        told: dict[str, Any] = (await answer.json())["channels"]["zalo"]
        return told


async def until_lost(http: aiohttp.ClientSession, address: str) -> None:
    async with asyncio.timeout(WITHIN):
        while (await health(http, address))["tokens"] != "lost":  # noqa: ASYNC110 -- it is another process
            await asyncio.sleep(0.2)


async def test_fifty_answers_of_two_bots_meet_an_ended_token_and_it_is_renewed_once(
    postgres_url: str, tmp_path: Path
) -> None:
    async with (
        FakeZalo(echoes=False) as zalo,
        bots(zalo, tmp_path, postgres_url) as addresses,
        aiohttp.ClientSession() as http,
    ):
        await zalo.until("/access_token")  # one of them took the settings' pair over, and renewed it
        uids = [zalo.user().uid for _ in range(PEOPLE)]
        zalo.oauth.expire()
        zalo.latency = SLOWLY
        await write(zalo, http, addresses, uids)
        await answered(zalo, uids)
        assert [refresh.outcome for refresh in zalo.refreshes] == ["renewed", "renewed"]
        assert len({refresh.token for refresh in zalo.refreshes}) == 2
        refused = zalo.count()["/v3.0/oa/message/cs"] - len(zalo.books)
        assert refused > PEOPLE / 2, "most were to be on their way when the first was refused"


async def test_where_the_oa_took_its_consent_back_it_is_asked_once_and_every_bot_says_so(
    postgres_url: str, tmp_path: Path
) -> None:
    async with (
        FakeZalo(echoes=False) as zalo,
        bots(zalo, tmp_path, postgres_url) as addresses,
        aiohttp.ClientSession() as http,
    ):
        await zalo.until("/access_token")
        zalo.oauth.revoke()
        await write(zalo, http, addresses, [zalo.user().uid for _ in range(10)])
        for address in addresses:
            await until_lost(http, address)
            assert (await health(http, address))["ok"] is False
        assert [refresh.outcome for refresh in zalo.refreshes] == ["renewed", "used"]

"""A whole bot whose Zalo is a fake, over real HTTP both ways, on either database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import Table, select

from bot.app import Only, Parts, assemble
from bot.config import Settings
from bot.hooks.zalo import PATH
from bot.store import sightings
from bot.store.db import open_database
from bot.store.models import deliveries
from bot.store.sightings import Sighting
from tests.conftest import Clock
from tests.fakes.zalo import FakeZalo
from tests.fakes.zalo.hook import mac
from tests.loops import closed_connections


@dataclass
class Stage:
    """The bot at `url`, and its Zalo."""

    parts: Parts
    zalo: FakeZalo
    url: str
    client: aiohttp.ClientSession

    async def post(self, body: bytes, headers: Mapping[str, str]) -> int:
        """POST *body* to the webhook as it is."""
        async with self.client.post(self.url + PATH, data=body, headers=headers) as response:
            return response.status

    async def tell(self, body: bytes | Mapping[str, Any], *, secret: str = "", timestamp: str = "") -> int:
        """POST an event, signed with *secret* (the OA's without) and the body's timestamp or *timestamp*."""
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        stamp = timestamp or (str(body.get("timestamp", "")) if not isinstance(body, bytes) else "")
        return await self.post(raw, signed(self.zalo, raw, secret=secret, timestamp=stamp))

    async def rows(self, table: Table) -> Sequence[Any]:
        """Every row of *table*."""
        async with self.parts.database.connect() as db:
            return (await db.execute(select(table).order_by(*table.primary_key.columns))).all()

    async def until(self, table: Table, count: int) -> Sequence[Any]:
        """Wait until *table* has *count* rows."""
        for _ in range(2000):
            rows = await self.rows(table)
            if len(rows) >= count:
                return rows
            await asyncio.sleep(0.005)
        raise AssertionError(rows)

    async def settled(self) -> None:
        """Wait until nothing is on its way to anybody, and Zalo has told all of it."""
        for _ in range(2000):
            if not any(row.status in ("queued", "claimed") for row in await self.rows(deliveries)):
                return await self.zalo.hook.settle()
            await asyncio.sleep(0.005)
        raise AssertionError("still sending")


def signed(zalo: FakeZalo, raw: bytes, *, secret: str = "", timestamp: str = "") -> dict[str, str]:
    """The headers of an event."""
    stamp = timestamp or str(int(zalo.clock().timestamp() * 1000))
    signature = mac(zalo.app_id, raw, stamp, secret or zalo.oa_secret)
    return {"X-ZEvent-Signature": f"mac={signature}", "X-ZEvent-Timestamp": stamp}


def event(zalo: FakeZalo, name: str, **fields: Any) -> dict[str, Any]:
    """An event of now."""
    stamp = str(int(zalo.clock().timestamp() * 1000))
    return {"app_id": zalo.app_id, **fields, "event_name": name, "timestamp": stamp}


def message(zalo: FakeZalo, text: str, *, msg_id: str = "96d3cdf3af150460909", uid: str = "777") -> dict[str, Any]:
    """A person writes *text*."""
    parties = {"sender": {"id": uid}, "recipient": {"id": zalo.oa_id}}
    return event(zalo, "user_send_text", **parties, message={"text": text, "msg_id": msg_id})


@asynccontextmanager
async def on_stage(url: str, clock: Clock, *, only: Only = "all", **settings: object) -> AsyncIterator[Stage]:
    """The bot on the database *url*; its webhook is registered with the fake."""
    async with AsyncExitStack() as stack:
        stack.push_async_callback(closed_connections)  # the last
        zalo = await stack.enter_async_context(FakeZalo(clock=clock))
        values = {"database_url": url, "web_secret": "x" * 32, "today": date(2026, 11, 23), "zalo_rate": 1000}
        parts = await assemble(
            Settings.model_validate({**values, **zalo.settings(), **settings}), now=clock, stack=stack, only=only
        )
        runner = web.AppRunner(parts.application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        here = f"http://127.0.0.1:{runner.addresses[0][1]}"
        client = await stack.enter_async_context(aiohttp.ClientSession())
        assert await zalo.register(here + PATH)
        yield Stage(parts, zalo, here, client)


async def seen(url: str) -> Mapping[str, Sighting]:
    """What was noted of the webhook, once the bot is closed."""
    database = open_database(url)
    async with database.connect() as db:
        found = await sightings.of(db, "zalo")
    await database.dispose()
    return {str(name): one for name, one in found.items()}

"""The health page: what counts as failing, what only as degraded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.webchat import WebChat
from bot.hooks.health import Health, add_health_routes
from bot.store.db import is_up_to_date, open_database


class SilentAccount(WebChat):
    """A channel whose platform has stopped answering."""

    def health(self) -> Mapping[str, object]:
        return {"ok": False, "state": "unreachable"}


async def page(client_of: AiohttpClient, database: AsyncEngine, channel: WebChat) -> tuple[int, dict[str, Any]]:
    application = web.Application()
    health = Health(database, {"webchat": channel}, lambda: 3, lambda: is_up_to_date(database))
    add_health_routes(application, health)
    client: TestClient[web.Request, web.Application] = await client_of(application)
    response = await client.get("/health")
    return response.status, await response.json()


async def test_all_is_well(aiohttp_client: AiohttpClient, database: AsyncEngine) -> None:
    status, told = await page(aiohttp_client, database, WebChat())
    assert status == 200
    assert (told["status"], told["database"], told["schema"]) == ("ok", "ok", "ok")
    assert told["courier"] == {"waiting": 3}
    assert told["channels"]["webchat"]["ok"] is True


async def test_a_platform_that_is_down_does_not_fail_the_process(
    aiohttp_client: AiohttpClient, database: AsyncEngine
) -> None:
    status, told = await page(aiohttp_client, database, SilentAccount())
    assert (status, told["status"]) == (200, "degraded")
    assert told["channels"]["webchat"]["state"] == "unreachable"


async def test_a_schema_that_is_not_there_fails(aiohttp_client: AiohttpClient, empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    status, told = await page(aiohttp_client, database, WebChat())
    await database.dispose()
    assert (status, told["status"], told["database"], told["schema"]) == (503, "failing", "ok", "outdated")


async def test_a_database_that_is_gone_fails_without_telling_where_it_was(aiohttp_client: AiohttpClient) -> None:
    database = open_database("postgresql+asyncpg://postgres@/bot?host=/nowhere")
    status, told = await page(aiohttp_client, database, WebChat())
    await database.dispose()
    assert (status, told["status"], told["database"]) == (503, "failing", "down")
    assert "nowhere" not in str(told)

"""`GET /health`: whether this process can do its work, for load balancers, monitors and people."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog
from aiohttp import web
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.base import Channel
from bot.store.db import reading

log = structlog.get_logger(__name__)
PATIENCE = 3.0
"""Seconds after which a database that doesn't answer counts as down."""


@dataclass(frozen=True, slots=True)
class Health:
    """What is asked: the database, its schema, the courier's count of messages not sent yet, every channel."""

    database: AsyncEngine
    channels: Mapping[str, Channel]
    waiting: Callable[[], int]
    is_up_to_date: Callable[[], Awaitable[bool]]

    async def examine(self) -> Mapping[str, object]:
        """The page: `status` is "ok", "degraded" (a channel is in trouble) or "failing" (nothing can be recorded).

        A channel in trouble is no failure of this process: to restart it because Telegram is down would help nobody.
        """
        database, schema = await self._database()
        channels = {name: dict(channel.health()) for name, channel in self.channels.items()}
        are_fine = all(channel["ok"] for channel in channels.values())
        failing = database != "ok" or schema != "ok"
        return {
            "status": "failing" if failing else "ok" if are_fine else "degraded",
            "database": database,
            "schema": schema,
            "courier": {"waiting": self.waiting()},
            "channels": channels,
        }

    async def _database(self) -> tuple[str, str]:
        """The states of database and schema; why it failed is for the log, not for whoever asks."""
        try:
            async with asyncio.timeout(PATIENCE):
                async with reading(self.database).connect() as connection:
                    await connection.execute(text("SELECT 1"))
                return "ok", "ok" if await self.is_up_to_date() else "outdated"
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("the database does not answer", error=str(error))
            return "down", "unknown"


def add_health_routes(application: web.Application, health: Health) -> None:
    """Serve the page: 200, or 503 when the process can't do its work."""
    running: asyncio.Task[Mapping[str, object]] | None = None

    async def show(_request: web.Request) -> web.Response:
        nonlocal running
        if running is None or running.done():  # however many ask at once, the database is asked once
            running = asyncio.create_task(health.examine())
        found = await asyncio.shield(running)
        status = 503 if found["status"] == "failing" else 200
        return web.json_response(found, status=status, headers={"Cache-Control": "no-store"})

    application.router.add_get("/health", show)

"""Who only reads holds up nobody who writes."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from bot.store.db import reading
from bot.store.models import contacts
from tests.conftest import Clock
from tests.services.bot import MAI, running


async def test_a_page_that_is_being_read_does_not_hold_up_a_turn(database_url: str, clock: Clock) -> None:
    """On SQLite a transaction that might write takes the only lock there is, and the turns wait for it."""
    async with running(database_url, clock) as bot, reading(bot.database).connect() as db:
        await db.execute(select(contacts))
        await asyncio.wait_for(bot.say(MAI, "menu"), 3)

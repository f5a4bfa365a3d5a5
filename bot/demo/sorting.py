"""What officers of the made-up city made of messages that the bot did not understand: of the most frequent, some."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.demo.clock import Clock
from bot.demo.staff import CITY_OFFICER
from bot.engine.state import Library
from bot.services.insight.readings import missed
from bot.services.teaching import decide
from bot.store.db import reading

VERDICTS = ("content", "open", "ignored", "content", "open", "open", "ignored")
"""Of the most frequent group, the next one, and so on; the rest are open."""


async def sort_missed(database: AsyncEngine, library: Library, clock: Clock) -> None:
    """Sort the first few."""
    async with reading(database).connect() as db:
        groups = await missed(db, area=(), limit=len(VERDICTS))
    for group, state in zip(groups, VERDICTS, strict=False):
        if state != "open":
            await decide(
                database, group.folded, state=state, topic="", by=CITY_OFFICER, area=(), dialogs=library.dialogs,
                now=clock,
            )  # fmt: skip

"""Who waits for an answer, and who in danger: beside the inbox in the bar of every page, so it is asked for seldom."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import handoffs
from bot.store.handoffs import NO_CROWD, Crowd
from bot.store.officers import Officer

FRESH = 3.0
"""Seconds for which a count is good enough: nobody answers two people in less."""


class Waiting:
    """The count of this process, for every area from one query."""

    def __init__(self, database: AsyncEngine) -> None:
        self._database = database
        self._counts: Mapping[str, Crowd] = {}
        self._until = float("-inf")

    async def count(self, officer: Officer) -> Crowd:
        """Who waits in the officer's area."""
        time = asyncio.get_running_loop().time
        if time() >= self._until:
            async with self._database.connect() as db:
                self._counts = await handoffs.waiting_by_commune(db)
            self._until = time() + FRESH
        counts = self._counts
        return sum((counts.get(code, NO_CROWD) for code in officer.communes or counts), NO_CROWD)

    def forget(self) -> None:
        """Somebody was just answered: count anew."""
        self._until = float("-inf")

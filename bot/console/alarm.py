"""Whether an account has lost what lets us act for it: beside the channels in the bar of every page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.services.zalo_standing import standing

FRESH = 3.0
"""Seconds for which a look is good enough: it has to be told within the minute."""


class Alarm:
    """What this process saw last."""

    def __init__(self, database: AsyncEngine, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now
        self._is_on = False
        self._until = float("-inf")

    async def is_on(self) -> bool:
        """Whether an admin must consent again."""
        time = asyncio.get_running_loop().time
        if self._is_on or time() >= self._until:  # while it is on, somebody is about to end it
            async with self._database.connect() as db:
                self._is_on = not (await standing(db, now=self._now())).is_ok
            self._until = time() + FRESH
        return self._is_on

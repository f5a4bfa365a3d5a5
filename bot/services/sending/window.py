"""How many messages of broadcasts may be out of sight at once: sent or about to be, and not recorded (rule 3)."""

from __future__ import annotations

import asyncio
import math

LATENCY = 0.2
"""Seconds that a call to a platform takes, when it is slow."""
LEAST, MOST = 8, 150
"""8 at 30 a second, 150 from 500 on: what a kill can leave in doubt stays a matter of minutes for staff."""


def window_of(rate: float) -> int:
    """W for an account that sends *rate* messages a second: rate × latency × 1.5, within bounds."""
    return max(LEAST, min(MOST, math.ceil(rate * LATENCY * 1.5)))


class Window:
    """W slots. One is taken before a message may leave, and freed once it is committed what became of it."""

    def __init__(self, size: int) -> None:
        self.size = self.free = size
        self._freed = asyncio.Event()

    async def take(self, count: int) -> int:
        """Take up to *count* slots, at least one: waits until half of them are free, so that work comes in batches."""
        while self.free < max(1, min(count, self.size // 2)):
            self._freed.clear()
            await self._freed.wait()
        taken = min(count, self.free)
        self.free -= taken
        return taken

    def give_back(self, count: int = 1) -> None:
        """Free slots."""
        self.free += count
        self._freed.set()

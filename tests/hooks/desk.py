"""Who takes in what hooks hand over, in place of the conversation."""

from __future__ import annotations

import asyncio

from bot.messages import Incoming


class Desk:
    """Takes in what the hooks hand over; `failures` are raised first, `gate` holds a turn before its commit."""

    def __init__(self) -> None:
        self.taken: list[Incoming] = []
        self.letters: list[tuple[str, str, bytes]] = []
        self.owners: list[str] = []
        self.failures: list[Exception] = []
        self.arrived = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def receive(self, incoming: Incoming) -> None:
        self.arrived.set()
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(incoming)

    async def dead_letter(self, channel: str, external_id: str, raw: bytes, reason: str, whose: str) -> None:
        if self.failures:
            raise self.failures.pop(0)
        assert reason
        self.letters.append((channel, external_id, raw))
        self.owners.append(whose)

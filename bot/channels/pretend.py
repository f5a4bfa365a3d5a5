"""Stands in for a platform where nobody is real: messages are made as for the platform, and go nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count

from bot.channels.base import Channel, Payload
from bot.messages import Address, Outgoing


class Pretend:
    """A channel in front of *real*, which is never started and never sends. Its pace is that of the platform."""

    def __init__(self, real: Channel) -> None:
        # Nothing is paid for, and nobody is out of reach: it is no channel with windows, whatever stands behind it.
        self.name, self.capabilities = real.name, replace(real.capabilities, reach=None)
        self._real, self._sent = real, count(1)

    def encode(self, to: Address, message: Outgoing) -> list[Payload]:
        """As the platform takes it."""
        return self._real.encode(to, message)

    async def send(self, payload: Payload) -> str:
        """Nothing leaves; every message counts as arrived."""
        return f"pretend-{next(self._sent)}"

    def closing(self, to: Address, message_id: str) -> Payload | None:
        """As the platform takes it."""
        return self._real.closing(to, message_id)

    async def start(self) -> None:
        """Nothing to get ready."""

    async def close(self) -> None:
        """Nothing to let go of."""

    def health(self) -> Mapping[str, object]:
        """Always well, and it says what it is."""
        return {"ok": True, "state": "pretends: the people of this database were made up"}

"""What the event loop still has to do when a test is done with it."""

from __future__ import annotations

import asyncio

ROUNDS = 10
"""A connection that was just being taken in when its server closed learns in several rounds that it is over."""


async def closed_connections() -> None:
    """Let the loop close what servers and clients have just said good-bye to: else it counts as never closed."""
    for _ in range(ROUNDS):
        await asyncio.sleep(0)

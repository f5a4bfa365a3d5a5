"""The floor of a broadcast: a bare aiohttp client that posts the same messages and records nothing (FILE URL)."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

POSTING = "floor posts"
IN_FLIGHT = 100


class Job(msgspec.Struct):
    """Which chats get which message: *fields* is the call's, but for the chat."""

    first: int
    count: int
    fields: dict[str, Any]


async def post(job: Job, url: str) -> None:
    """Post to all chats, so many in flight."""
    chats = iter(range(job.first, job.first + job.count))
    connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def lane() -> None:
            for chat in chats:
                async with session.post(url, json={"chat_id": chat, **job.fields}) as response:
                    await response.json()

        print(POSTING, flush=True)
        await asyncio.gather(*(lane() for _ in range(IN_FLIGHT)))


def main(file: str, url: str) -> None:
    asyncio.run(post(msgspec.json.decode(Path(file).read_bytes(), type=Job), url))


if __name__ == "__main__":
    main(*sys.argv[1:])

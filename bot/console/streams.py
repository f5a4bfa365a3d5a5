"""Streams of server-sent events: what a page is told while it is open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress

from aiohttp import web

from bot.web.guard import HEADERS

HEARTBEAT = 15.0
"""Seconds after which a quiet stream says that it is still there: proxies close silent ones."""
MOST = 200
"""Streams open at once; a page that gets none asks again by itself."""


class Streams:
    """All open streams, so that stopping doesn't wait for them."""

    def __init__(self) -> None:
        self._open: set[asyncio.Task[None]] = set()

    async def send(self, request: web.Request, pieces: AsyncIterator[tuple[str, str]]) -> web.StreamResponse:
        """Send each (event, HTML) of *pieces* to an open page, until they end, the page closes or we stop."""
        if len(self._open) >= MOST:
            return web.Response(status=204, headers=HEADERS)
        response = web.StreamResponse(
            headers={**HEADERS, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
        )
        await response.prepare(request)
        task = asyncio.create_task(_pump(response, pieces))
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        with suppress(ConnectionError, asyncio.CancelledError):
            await task
        return response

    async def close(self, _app: web.Application) -> None:
        """End all."""
        for task in list(self._open):
            task.cancel()


async def _pump(response: web.StreamResponse, pieces: AsyncIterator[tuple[str, str]]) -> None:
    async with aclosing(pieces) as following:  # type: ignore[type-var]
        waiting = asyncio.ensure_future(anext(following, None))
        try:
            while True:
                done, _pending = await asyncio.wait((waiting,), timeout=HEARTBEAT)
                if not done:
                    await response.write(b": here\n\n")
                    continue
                piece = waiting.result()
                if piece is None:
                    await response.write(b"event: end\ndata: \n\n")
                    return
                event, html = piece
                data = "".join(f"data: {line}\n" for line in html.splitlines())
                await response.write(f"event: {event}\n{data}\n".encode())
                waiting = asyncio.ensure_future(anext(following, None))
        finally:
            waiting.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await waiting

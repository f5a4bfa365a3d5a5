"""A lean HTTP/1.1 client for one origin: what the courier's calls need, and nothing else.

aiohttp's client took a third of all CPU of a turn here (200 of 600 µs; this one 40), because every request builds
what ours never differ in. So calls that carry messages go this way, over httptools' parser; everything else stays
with aiohttp. No redirects, no cookies, no proxies, no compression: a Bot API server needs none of them.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self, cast
from urllib.parse import urlsplit

import httptools

MAX_ANSWER: Final = 1 << 20
"""Bytes of an answer that we read: the Bot API's to a message have a few thousand."""


class Refused(Exception):
    """No connection could be had: nothing was written, so nobody can have got it."""


class Broken(Exception):
    """The request was written, and no whole answer came: nobody knows what became of it."""


class HttpClient:
    """Keeps up to `limit` connections to `origin` ("https://api.telegram.org") and uses the warmest first.

    A connection idle for longer than `keep_seconds` isn't used again: the other side may be about to close it.
    """

    def __init__(
        self, origin: str, *, limit: int = 100, connect_seconds: float = 5.0, read_seconds: float = 20.0,
        keep_seconds: float = 15.0,
    ) -> None:  # fmt: skip
        parts = urlsplit(origin)
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self._authority = parts.netloc.rpartition("@")[2]
        self._ssl = ssl.create_default_context() if parts.scheme == "https" else None
        self._limit, self._keep = limit, keep_seconds
        self._connect_seconds, self._read_seconds = connect_seconds, read_seconds
        self._idle: list[_Connection] = []
        self._all: set[_Connection] = set()
        self._opening = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_closed = False

    def head(self, path: str) -> bytes:
        """The start of a POST of JSON to *path*, up to the length of its body: built once for each path."""
        lines = (f"POST {path} HTTP/1.1", f"Host: {self._authority}", "Content-Type: application/json")
        return "\r\n".join((*lines, "Content-Length: ")).encode("ascii")

    async def post(self, head: bytes, body: bytes, *, read_seconds: float | None = None) -> tuple[int, bytes]:
        """Status and body of the answer. `Refused`: nothing was written. `Broken`: it was, and nobody knows."""
        connection = await self._connection()
        answered = connection.ask(b"%b%d\r\n\r\n%b" % (head, len(body), body), read_seconds or self._read_seconds)
        try:
            return await answered
        finally:
            if connection.answered is not None:  # we were cancelled: the answer would be taken for the next one's
                connection.close()
            self._give_back(connection)

    async def close(self) -> None:
        """Close every connection. Calls made later are `Refused`."""
        self._is_closed = True
        for connection in tuple(self._all):
            connection.close()
        while self._waiting:
            self._wake()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _connection(self) -> _Connection:
        loop = asyncio.get_running_loop()
        while True:
            if self._is_closed:
                raise Refused("the client is closed")
            while self._idle:
                connection = self._idle.pop()
                if not connection.is_closing() and loop.time() - connection.idle_since < self._keep:
                    return connection
                connection.close()
            if len(self._all) + self._opening < self._limit:
                return await self._open()
            turn = loop.create_future()
            self._waiting.append(turn)
            await turn

    async def _open(self) -> _Connection:
        self._opening += 1
        try:
            async with asyncio.timeout(self._connect_seconds):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: _Connection(self._lost), self.host, self.port, ssl=self._ssl
                )
        except (OSError, TimeoutError) as error:  # ssl.SSLError is an OSError
            self._wake()
            raise Refused(f"no connection: {type(error).__name__}") from None
        finally:
            self._opening -= 1
        self._all.add(connection)
        return connection

    def _give_back(self, connection: _Connection) -> None:
        if not connection.is_closing():
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)
        self._wake()

    def _lost(self, connection: _Connection) -> None:
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._wake()

    def _wake(self) -> None:
        """One of those who wait for a connection may look again."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return


class _Connection(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, lost: Callable[[_Connection], None]) -> None:
        self.idle_since = 0.0
        self.answered: asyncio.Future[tuple[int, bytes]] | None = None
        self._lost = lost
        self._transport: asyncio.Transport | None = None
        self._body: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None

    def ask(self, request: bytes, read_seconds: float) -> asyncio.Future[tuple[int, bytes]]:
        """Write *request*; the future is the answer, or `Broken`."""
        loop = asyncio.get_running_loop()
        self.answered = answered = loop.create_future()
        self._parser = httptools.HttpResponseParser(self)
        self._body = []
        self._timer = loop.call_later(read_seconds, self._fail, "no answer in time")
        if self._transport is None or self._transport.is_closing():
            self._fail("the connection was closed")
        else:
            self._transport.write(request)
        return answered

    def is_closing(self) -> bool:
        """Whether it can't be used any more."""
        return self._transport is None or self._transport.is_closing()

    def close(self) -> None:
        """End it; an answer still awaited will not come."""
        self._fail("the connection was closed")
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are not of that class

    def data_received(self, data: bytes) -> None:
        if self.answered is None:  # nothing was asked: whatever this is, it is no answer of ours
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.close()

    def on_body(self, data: bytes) -> None:
        """Of httptools: a piece of the body."""
        self._body.append(data)
        if sum(map(len, self._body)) > MAX_ANSWER:
            self.close()

    def on_message_complete(self) -> None:
        """Of httptools: the answer is whole."""
        status = self._parser.get_status_code()
        answered = self._settled()
        if not self._parser.should_keep_alive() and self._transport is not None:
            self._transport.close()
        if answered is not None and not answered.done():
            answered.set_result((status, b"".join(self._body)))

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("the connection broke")
        self._lost(self)

    def _settled(self) -> asyncio.Future[tuple[int, bytes]] | None:
        answered, self.answered = self.answered, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return answered

    def _fail(self, why: str) -> None:
        answered = self._settled()
        if answered is not None and not answered.done():
            answered.set_exception(Broken(why))
        if answered is not None and self._transport is not None:
            self._transport.close()

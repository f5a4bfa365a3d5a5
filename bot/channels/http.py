"""A lean HTTP/1.1 client for one origin: what the courier's calls need, and nothing else.

aiohttp's client took a third of all CPU of a turn here (200 of 600 µs; this one 40), because every request builds
what ours never differ in. So calls that carry messages go this way, over httptools' parser; everything else stays
with aiohttp. No redirects, no cookies, no proxies, no compression: a Bot API server needs none of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections import deque
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from types import MappingProxyType, TracebackType
from typing import Final, Self, cast
from urllib.parse import urlsplit

import httptools

MAX_ANSWER: Final = 1 << 20
"""Bytes of an answer that we read: the Bot API's to a message have a few thousand."""
JSON: Final = "application/json"
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class Refused(Exception):
    """No connection could be had: nothing was written, so nobody can have got it."""


class Broken(Exception):
    """The request was written, and no whole answer came: nobody knows what became of it."""


class HttpClient:
    """Keeps up to `limit` connections to `origin` ("https://api.telegram.org") and uses the warmest first.

    A connection idle for longer than `keep_seconds` isn't used again: the other side may be about to close it.
    When all are in use, calls wait in turn: not for long, since connecting and answering have their limits. There are
    `limit` slots; each is free, idle (`_idle`), or held by one call, which passes it on to the one that waits longest.
    """

    def __init__(
        self, origin: str, *, limit: int = 100, connect_seconds: float = 5.0, read_seconds: float = 20.0,
        keep_seconds: float = 15.0, tls: ssl.SSLContext | None = None,
    ) -> None:  # fmt: skip
        parts = urlsplit(origin)
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self._authority = parts.netloc.rpartition("@")[2]
        self._ssl = (tls or ssl.create_default_context()) if parts.scheme == "https" else None
        self._keep = keep_seconds
        self._connect_seconds, self._read_seconds = connect_seconds, read_seconds
        self._free = limit
        self._idle: list[_Connection] = []
        self._all: set[_Connection] = set()
        self._waiting: deque[asyncio.Future[_Connection | None]] = deque()
        self._is_closed = False

    def head(
        self, path: str, headers: Mapping[str, str] = _NONE, *, method: str = "POST", content_type: str = JSON
    ) -> bytes:
        """The start of a request to *path*, up to the length of its body: built once for each path.

        ValueError: a header that would not stay one line.
        """
        if not all(f"{name}{value}".isprintable() for name, value in headers.items()):
            raise ValueError("a header holds what can't be in one")
        more = (f"{name}: {value}" for name, value in headers.items())
        lines = (f"{method} {path} HTTP/1.1", f"Host: {self._authority}", f"Content-Type: {content_type}", *more)
        return "\r\n".join((*lines, "Content-Length: ")).encode("ascii")

    async def post(self, head: bytes, body: bytes, *, read_seconds: float | None = None) -> tuple[int, bytes]:
        """Status and body of the answer. `Refused`: nothing was written. `Broken`: it was, and nobody knows."""
        connection = self._idle.pop() if self._idle else await self._slot()
        try:
            if connection is None or not self._is_fresh(connection):
                connection = await self._open()
            return await connection.ask(b"%b%d\r\n\r\n%b" % (head, len(body), body), read_seconds or self._read_seconds)
        finally:
            if connection is not None and connection.answered is not None:
                connection.close()  # we were cancelled: the answer would be taken for the next one's
            self._give_back(connection)

    async def close(self) -> None:
        """Close every connection. What is in flight is `Broken`; calls that wait, or are made later, are `Refused`."""
        self._is_closed = True
        for connection in tuple(self._all):
            connection.close()
        while self._waiting:
            self._give_back(None)
        await asyncio.sleep(0)  # the loop closes their sockets in its next round

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _slot(self) -> _Connection | None:
        """Take a slot, in turn: with its connection, or None where one must be opened."""
        if self._free:
            self._free -= 1
            return None
        turn: asyncio.Future[_Connection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # the slot came in the same moment: it would be lost with us
                self._give_back(turn.result())
            raise

    def _is_fresh(self, connection: _Connection) -> bool:
        if not connection.is_closing() and asyncio.get_running_loop().time() - connection.idle_since < self._keep:
            return True
        connection.close()
        return False

    async def _open(self) -> _Connection:
        """A new connection, for a slot that the caller holds."""
        if self._is_closed:
            raise Refused("the client is closed")
        try:
            async with asyncio.timeout(self._connect_seconds):
                connection = await self._connect()
        except (OSError, TimeoutError) as error:  # ssl.SSLError is an OSError
            raise Refused(f"no connection: {type(error).__name__}") from None
        if self._is_closed or connection.is_closing():
            connection.close()
            raise Refused("the connection was closed as soon as it was made")
        self._all.add(connection)
        return connection

    async def _connect(self) -> _Connection:
        """To the first of the origin's addresses that takes us, IPv4 before IPv6.

        uvloop tries one after the other, with no limit for each: where IPv6 leads nowhere, as on many an office's line,
        the time for connecting would be gone before IPv4 is tried.
        """
        hosts = await self._addresses()
        name = self.host if self._ssl else None
        for host in hosts[:-1]:
            with contextlib.suppress(OSError):
                return await self._connect_to(host, name)
        return await self._connect_to(hosts[-1], name)

    async def _addresses(self) -> list[str]:
        with contextlib.suppress(ValueError):
            return [str(ip_address(self.host))]
        found = await asyncio.get_running_loop().getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        return [str(entry[4][0]) for entry in sorted(found, key=lambda entry: entry[0] != socket.AF_INET)]

    async def _connect_to(self, host: str, name: str | None) -> _Connection:
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: _Connection(self._lost), host, self.port, ssl=self._ssl, server_hostname=name
        )
        return connection

    def _give_back(self, connection: _Connection | None) -> None:
        """Pass a slot on, with its connection if that can be used again."""
        if connection is not None and connection.is_closing():
            connection = None
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        if connection is None:
            self._free += 1
        else:
            self._idle.append(connection)

    def _lost(self, connection: _Connection) -> None:
        self._all.discard(connection)
        if connection in self._idle:  # else whoever holds it finds out
            self._idle.remove(connection)
            self._free += 1


class _Connection(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, lost: Callable[[_Connection], None]) -> None:
        self.idle_since = 0.0
        self.answered: asyncio.Future[tuple[int, bytes]] | None = None
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._room = 0
        self._timer: asyncio.TimerHandle | None = None

    def ask(self, request: bytes, read_seconds: float) -> asyncio.Future[tuple[int, bytes]]:
        """Write *request* to a connection that isn't closing; the future is the answer, or `Broken`."""
        assert self._transport is not None
        self.answered = answered = self._loop.create_future()
        self._body, self._room = [], MAX_ANSWER
        self._timer = self._loop.call_later(read_seconds, self.close, "no answer in time")
        self._transport.write(request)
        return answered

    def is_closing(self) -> bool:
        """Whether it can't be used any more."""
        return self._transport is None or self._transport.is_closing()

    def close(self, why: str = "the connection was closed") -> None:
        """End it at once; an answer still awaited will not come.

        Not gracefully: over TLS that waits for the other side, which may be hung, and keeps the connection until then.
        """
        answered = self._settled()
        if answered is not None and not answered.done():
            answered.set_exception(Broken(why))
        if self._transport is not None:
            transport, self._transport = self._transport, None
            transport.abort()
            self._lost(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are not of that class

    def data_received(self, data: bytes) -> None:
        self._room -= len(data)
        if self.answered is None or self._room < 0:  # nothing was asked, so it is no answer of ours; or it has no end
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.close()

    def on_message_begin(self) -> None:
        """Of httptools: an answer begins. One more than was asked for would be taken for the next one's."""
        if self.answered is None:
            self.close()

    def on_body(self, data: bytes) -> None:
        """Of httptools: a piece of the body."""
        self._body.append(data)

    def on_message_complete(self) -> None:
        """Of httptools: the answer is whole, unless it was but a word ahead of it, such as "100 Continue"."""
        status = self._parser.get_status_code()
        if status < 200:
            return
        answered = self._settled()
        self.idle_since = self._loop.time()
        if not self._parser.should_keep_alive():
            self.close()
        if answered is not None and not answered.done():
            answered.set_result((status, b"".join(self._body)))

    def eof_received(self) -> None:
        """The other side closes."""
        self.close("the connection broke")

    def connection_lost(self, exc: Exception | None) -> None:
        self.close("the connection broke")

    def _settled(self) -> asyncio.Future[tuple[int, bytes]] | None:
        answered, self.answered = self.answered, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return answered

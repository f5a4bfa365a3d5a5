"""A real HTTP server on 127.0.0.1 that behaves as a test says, and the stage where the client meets it."""

from __future__ import annotations

import asyncio
import functools
import gc
import re
import socket
import ssl
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import trustme

from bot.channels.http import HttpClient

_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n\r\n")


def answer(body: bytes, *lines: bytes, status: int = 200) -> bytes:
    """A whole answer as it goes over the wire; *lines* are more headers."""
    head = (b"HTTP/1.1 %d Whatever" % status, *lines, b"Content-Length: %d" % len(body))
    return b"\r\n".join((*head, b"", body))


def chunked(*pieces: bytes) -> bytes:
    """A whole answer whose body comes in *pieces*."""
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b""))
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks


async def rounds(count: int = 25) -> None:
    """Let the loop go round: what is on its way over the loopback arrives."""
    for _ in range(count):
        await asyncio.sleep(0)


class Line(asyncio.Protocol):
    """The server's end of one connection."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._unread = b""

    def write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)

    async def dribble(self, data: bytes) -> None:
        """Write *data* so that each byte arrives alone."""
        for byte in data:
            self.write(bytes((byte,)))
            await rounds(3)

    def hang(self) -> None:
        """Read nothing any more."""
        self._transport.pause_reading()

    def abort(self) -> None:
        self._transport.abort()

    def hang_up(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._origin.made += 1
        self._origin.lines.append(self)
        self._origin.most = max(self._origin.most, len(self._origin.lines))
        self._origin.news.set()
        if self._origin.is_cross:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while (found := _LENGTH.search(self._unread)) and len(self._unread) >= found.end() + int(found[1]):
            end = found.end() + int(found[1])
            body, self._unread = self._unread[found.end() : end], self._unread[end:]
            self._origin.seen.append(body)
            self._origin.behave(self, body)
        self._origin.news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._origin.lines.remove(self)
        self._origin.news.set()


def echo(line: Line, body: bytes) -> None:
    """The behaviour of a good server: every request gets an answer that nobody else's could be."""
    line.write(answer(b"=" + body))


class Origin:
    """The server. `behave` is called with every whole request; `hold` leaves it in `held` for the test to answer."""

    def __init__(self, certificate: Path | None) -> None:
        self.behave: Callable[[Line, bytes], None] = echo
        self.is_cross = False  # hangs up on whoever connects
        self.seen: list[bytes] = []
        self.held: list[tuple[Line, bytes]] = []
        self.lines: list[Line] = []  # open connections
        self.made = self.most = self.port = 0
        self.news = asyncio.Event()
        self._certificate = certificate

    def hold(self, line: Line, body: bytes) -> None:
        self.held.append((line, body))

    def release(self) -> None:
        """Answer all that is held, and be good from now on."""
        self.behave = echo
        for line, body in self.held:
            echo(line, body)
        self.held.clear()

    async def start(self) -> None:
        """Listen: on the same port as before, if there was one."""
        tls = None
        if self._certificate is not None:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(self._certificate)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Line(self), "127.0.0.1", self.port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse whoever connects; open connections stay."""
        self._server.close()
        await rounds(3)

    def abort(self) -> None:
        """End what connections are left."""
        for line in tuple(self.lines):
            line.abort()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not holds():
                self.news.clear()
                await self.news.wait()

    def client(self, *, limit: int = 1, read_seconds: float = 20, keep_seconds: float = 15) -> HttpClient:
        return self.client_of(self.port, limit=limit, read_seconds=read_seconds, keep_seconds=keep_seconds)

    def client_of(
        self,
        port: int,
        *,
        limit: int = 1,
        connect_seconds: float = 5,
        read_seconds: float = 20,
        keep_seconds: float = 15,
    ) -> HttpClient:
        scheme, tls = "http", None
        if self._certificate is not None:
            scheme, tls = "https", ssl.create_default_context(cafile=str(self._certificate))
        return HttpClient(
            f"{scheme}://127.0.0.1:{port}", limit=limit, connect_seconds=connect_seconds, read_seconds=read_seconds,
            keep_seconds=keep_seconds, tls=tls,
        )  # fmt: skip


@contextmanager
def jammed_port() -> Iterator[int]:
    """A port that neither takes nor refuses a connection: its queue is full, and nobody serves it."""
    with socket.socket() as jam:
        jam.bind(("127.0.0.1", 0))
        jam.listen(0)
        queue = [socket.socket() for _ in range(4)]
        for one in queue:
            one.setblocking(False)
            one.connect_ex(jam.getsockname())
        yield jam.getsockname()[1]
        for one in queue:
            one.close()


def ask(client: HttpClient, body: bytes, *, read_seconds: float | None = None) -> asyncio.Task[tuple[int, bytes]]:
    """Begin to post *body*."""
    return asyncio.create_task(client.post(client.head("/bot1:a/sendMessage"), body, read_seconds=read_seconds))


async def is_whole(client: HttpClient, origin: Origin, limit: int) -> None:
    """No slot was lost: *limit* posts are with the server at once. And none was won: one more isn't."""
    origin.behave = origin.hold
    tasks = [ask(client, b"%d" % n) for n in range(limit + 1)]
    await origin.until(lambda: len(origin.held) >= limit)
    await rounds()
    assert len(origin.held) == limit
    origin.release()
    assert await asyncio.gather(*tasks) == [(200, b"=%d" % n) for n in range(limit + 1)]


@dataclass(frozen=True)
class Stage:
    """One kind of loop, with TLS or without."""

    loop_factory: Callable[[], asyncio.AbstractEventLoop]
    certificate: Path | None

    def play(self, story: Callable[[Origin], Coroutine[object, object, None]]) -> None:
        """Run *story* with a server, in a loop of its own that has nothing to complain about."""
        complaints: list[object] = []

        async def played() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
            origin = Origin(self.certificate)
            await origin.start()
            try:
                async with asyncio.timeout(20):
                    await story(origin)
                await origin.until(lambda: not origin.lines)  # a closed client leaves none open
            finally:
                await origin.stop()
                origin.abort()  # uvloop can't end with a hung one
            await rounds(3)
            gc.collect()  # futures whose exception nobody took complain when they go

        gc.freeze()  # collecting is for what the story leaves behind: the rest of the process costs 0.1 s a time
        try:
            with asyncio.Runner(loop_factory=self.loop_factory) as runner:
                runner.run(played())
            gc.collect()
        finally:
            gc.unfreeze()
        assert not complaints


def staged(story: Callable[[Origin], Coroutine[object, object, None]]) -> Callable[[Stage], None]:
    """Make a test of *story*."""

    @functools.wraps(story)
    def test(stage: Stage) -> None:
        stage.play(story)

    del test.__wrapped__
    return test


def make_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself, and its key, in one file."""
    path = folder / "origin.pem"
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(path)
    authority.cert_pem.write_to_path(path, append=True)
    return path

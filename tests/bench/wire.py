"""HTTP/1.1 as far as a bot and a Bot API talk it, without a framework: the driver must not be what is measured."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"


def split(buffer: bytes) -> tuple[bytes, bytes, bytes] | None:
    """The first whole message in *buffer* as head, body and what comes after it; None when more is to come."""
    end = buffer.find(_END)
    if end < 0:
        return None
    found = _LENGTH.search(buffer, 0, end)
    start = end + len(_END)
    stop = start + (int(found[1]) if found else 0)
    if len(buffer) < stop:
        return None
    return buffer[:end], buffer[start:stop], buffer[stop:]


def request(path: str, body: bytes, *headers: str) -> bytes:
    """A POST of JSON."""
    lines = (f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", *headers)
    return f"{chr(13) + chr(10)}".join((*lines, f"Content-Length: {len(body)}")).encode() + _END + body


def answer(body: bytes, status: bytes = b"200 OK") -> bytes:
    """An answer of JSON."""
    return b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


class Served(asyncio.Protocol):
    """One connection to us. *handle* takes a path and a body to the whole answer, sent *delay* seconds later."""

    def __init__(self, handle: Callable[[str, bytes], bytes], delay: float = 0) -> None:
        self._handle, self._delay = handle, delay
        self._buffer = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (message := split(self._buffer)) is not None:
            head, body, self._buffer = message
            told = self._handle(head.split(b" ", 2)[1].decode(), body)
            if self._delay:
                asyncio.get_running_loop().call_later(self._delay, self._write, told)
            else:
                self._write(told)

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


class Connection(asyncio.Protocol):
    """A kept connection to a server: one request at a time. *lost* is told what broke, with *answered* still owed."""

    def __init__(self, answered: Callable[[Connection, int, bytes], None], lost: Callable[[Connection], None]) -> None:
        self._answered, self._lost = answered, lost
        self._buffer = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._lost(self)

    def send(self, data: bytes) -> None:
        """Write a whole request; `answered` or `lost` follows."""
        if self._transport is not None:
            self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        message = split(self._buffer)
        if message is None:
            return
        head, body, self._buffer = message
        self._answered(self, int(head[9:12]), body)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

"""Telegram's side of a webhook: 40 connections, and an update comes again until it is answered with 200."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from tests.bench.wire import Connection, request

SECRET = "bench-secret"
CONNECTIONS = 40
AGAIN = 0.05
"""Seconds until an update that was not accepted is brought again: far sooner than Telegram does."""
_decode = msgspec.json.decode


class Parcel(Struct, eq=False):
    """One update on its way. `posted_at` is when it was first written to a connection (0: not yet)."""

    update_id: int
    owner: Any
    request: bytes
    posted_at: float = 0.0
    tries: int = 0


class Delivery:
    """Posts updates to the bot at *port*. `on_accepted` is told of each that was answered with 200.

    `on_call` gets a Bot API call that came in an answer's body.
    """

    def __init__(self, port: int, path: str, first_id: int) -> None:
        self.on_accepted: Callable[[Parcel], None] = lambda _parcel: None
        self.on_call: Callable[[str, bytes], object] = lambda _method, _body: None
        self.port, self._path, self._next_id = port, path, first_id
        self.refused = self.broken = 0
        self._queue: deque[Parcel] = deque()
        self._free: deque[Connection] = deque()
        self._busy: dict[Connection, Parcel] = {}
        self._opening: set[asyncio.Task[None]] = set()
        self._all: set[Connection] = set()
        self._closed = False

    @property
    def pending(self) -> int:
        """Updates not accepted yet, but for those that wait to be brought again."""
        return len(self._queue) + len(self._busy)

    def post(self, owner: object, update: dict[str, Any]) -> Parcel:
        """Give *update* its id and bring it to the bot."""
        self._next_id += 1
        body = msgspec.json.encode({"update_id": self._next_id, **update})
        data = request(self._path, body, f"X-Telegram-Bot-Api-Secret-Token: {SECRET}")
        parcel = Parcel(self._next_id, owner, data)
        self._queue.append(parcel)
        self._pump()
        return parcel

    def close(self) -> None:
        self._closed = True
        for connection in list(self._all):
            connection.close()

    def _pump(self) -> None:
        queue, free = self._queue, self._free
        while queue and free:
            parcel, connection = queue.popleft(), free.popleft()
            self._busy[connection] = parcel
            parcel.tries += 1
            parcel.posted_at = parcel.posted_at or time.perf_counter()
            connection.send(parcel.request)
        if queue and len(self._all) + len(self._opening) < CONNECTIONS and not self._closed:
            task = asyncio.get_running_loop().create_task(self._open())
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(
                lambda: Connection(self._answered, self._lost), "127.0.0.1", self.port
            )
        except OSError:  # it is down: look again soon
            await asyncio.sleep(AGAIN)
            loop.call_soon(self._pump)
            return
        self._all.add(connection)
        self._free.append(connection)
        loop.call_soon(self._pump)

    def _answered(self, connection: Connection, status: int, body: bytes) -> None:
        parcel = self._busy.pop(connection)
        self._free.append(connection)
        if status == 200:
            self.on_accepted(parcel)
            if body:
                self.on_call(_decode(body)["method"], body)
        else:
            self.refused += 1
            self._bring_again(parcel)
        self._pump()

    def _lost(self, connection: Connection) -> None:
        """The update on a connection that broke is in doubt: Telegram brings it again."""
        self._all.discard(connection)
        if connection in self._free:
            self._free.remove(connection)
        parcel = self._busy.pop(connection, None)
        if parcel is not None:
            self.broken += 1
            self._bring_again(parcel)
        if not self._closed:
            self._pump()

    def _bring_again(self, parcel: Parcel) -> None:
        if not self._closed:
            asyncio.get_running_loop().call_later(AGAIN, self._enqueue, parcel)

    def _enqueue(self, parcel: Parcel) -> None:
        self._queue.append(parcel)
        self._pump()

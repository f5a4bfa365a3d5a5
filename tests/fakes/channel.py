"""A channel that sends nowhere: it records what it was given, and fails as it is told."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.channels.base import Capabilities, Payload
from bot.messages import Address, Outgoing

FAST = Capabilities(edits=False, buttons=True, max_text=4096, rate=1e6, chat_gap=timedelta())


@dataclass
class Sent:
    """A call that arrived. `at` is the loop's time, `done` when it was answered (0: it failed)."""

    to: str
    text: str
    method: str
    at: float
    done: float = 0.0
    choices: list[str] = field(default_factory=list)


class FakeChannel:
    """One account. `fail` queues errors for an address; `latency` is how long a call takes."""

    def __init__(self, name: str = "fake", capabilities: Capabilities = FAST, latency: float = 0) -> None:
        self.name, self.capabilities, self.latency = name, capabilities, latency
        self.calls: list[Sent] = []
        self._errors: defaultdict[str, deque[Exception]] = defaultdict(deque)
        self._hangs: set[str] = set()
        self._changed = asyncio.Condition()

    def fail(self, to: str, *errors: Exception) -> None:
        """The next calls to *to* end in these errors."""
        self._errors[to].extend(errors)

    def recover(self) -> None:
        """Nothing fails any more."""
        self._errors.clear()

    def hang(self, to: str) -> None:
        """Calls to *to* never return."""
        self._hangs.add(to)

    def texts(self, to: str) -> list[str]:
        """What reached *to*, in order."""
        return [call.text for call in self.calls if call.to == to and call.done and call.method == "send"]

    def choices(self, to: str) -> list[str]:
        """The ids of the buttons that *to* saw last."""
        return next((call.choices for call in reversed(self.calls) if call.to == to and call.choices), [])

    async def reached(self, to: str, count: int) -> None:
        """Wait until *count* messages reached *to*."""
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: len(self.texts(to)) >= count), 20)

    async def reached_any(self, count: int) -> None:
        """Wait until *count* messages reached anybody."""
        async with self._changed:
            arrived = self._changed.wait_for(lambda: sum(bool(call.done) for call in self.calls) >= count)
            await asyncio.wait_for(arrived, 20)

    async def called(self, count: int = 1) -> None:
        """Wait until *count* calls were tried at all."""
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: len(self.calls) >= count), 20)

    def encode(self, to: Address, message: Outgoing) -> list[Payload]:
        if "không gửi được" in message.text:
            raise ValueError("a message that no content may hold")
        body = {"to": to.id, "text": message.text, "choices": [c.id for c in message.choices], "as": message.replaces}
        return [Payload("send", json.dumps(body).encode())]

    async def send(self, payload: Payload) -> str:
        body = json.loads(payload.body)
        now = asyncio.get_running_loop().time
        call = Sent(body["to"], body.get("text", ""), payload.method, now(), choices=body.get("choices", []))
        self.calls.append(call)
        async with self._changed:
            self._changed.notify_all()
        if call.to in self._hangs:
            await asyncio.Event().wait()
        if self.latency:
            await asyncio.sleep(self.latency)
        if self._errors[call.to]:
            raise self._errors[call.to].popleft()
        call.done = now() or 1e-9
        async with self._changed:
            self._changed.notify_all()
        return str(len(self.calls))

    def closing(self, to: Address, message_id: str) -> Payload | None:
        return Payload("close", json.dumps({"to": to.id, "text": message_id}).encode())

    async def start(self) -> None:
        """Nothing to get ready."""

    async def close(self) -> None:
        """Nothing to let go of."""

    def health(self) -> Mapping[str, object]:
        return {"ok": True}

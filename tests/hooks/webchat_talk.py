"""A stand-in for the services behind the page, as far as `Conversations` says; and a page to talk to it with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

from bot.channels.webchat import Turn, WebChat
from bot.messages import Address, Choice, Incoming, Kind, Outgoing
from bot.services.conversation import Unavailable

Client = TestClient[web.Request, web.Application]
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
FORGET = "xóa hết"
GREETING = Outgoing("Chào bà con! **Mình xem gì?**", (Choice("1.vay", "1. Vay vốn"), Choice("1.hoc", "2. Học nghề")))


@dataclass
class FakeTalk:
    """Keeps conversations in memory. It greets, answers from `answers` or with an echo; FORGET deletes."""

    channel: WebChat
    answers: dict[str, Sequence[Outgoing]] = field(default_factory=dict)
    acted: list[Incoming] = field(default_factory=list)
    speaks: str = "vi"
    is_down: bool = False
    _turns: dict[str, list[Turn]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    async def receive(self, incoming: Incoming) -> None:
        if self.is_down:
            raise Unavailable("down")
        if incoming.external_id in self._seen:
            return
        self._seen.add(incoming.external_id)
        if incoming.text == FORGET:
            del self._turns[incoming.address.id]
            return
        self.acted.append(incoming)
        words = "" if incoming.kind is Kind.START else incoming.text
        self._keep(incoming.address, mine=True, text=words)
        echo = GREETING if incoming.kind is Kind.START else Outgoing(f"Bà con nói: {incoming.text}")
        for message in self.answers.get(incoming.tap or incoming.text, [echo]):
            await self.say(incoming.address, message)

    async def say(self, to: Address, message: Outgoing) -> None:
        for payload in self.channel.encode(to, message):
            self._keep(to, mine=False, payload=payload.body)
            await self.channel.send(payload)

    async def history(self, address: Address, limit: int) -> Sequence[Turn]:
        return self._turns.get(address.id, [])[-limit:]

    async def language(self, address: Address) -> str:
        return self.speaks if address.id in self._turns else ""

    def _keep(self, to: Address, *, mine: bool, text: str = "", payload: bytes | None = None) -> None:
        turns = self._turns.setdefault(to.id, [])
        at = NOON + timedelta(minutes=len(turns))
        turns.append(Turn(len(turns) + 1, mine, text, payload, at))


@dataclass
class Person:
    """Somebody with a browser without JavaScript: sees pages, sends the forms that are on them."""

    client: Client
    page: str = ""
    status: int = 0

    async def open(self, path: str = "/") -> str:
        async with self.client.get(path) as response:
            return await self._see(response)

    async def start(self, path: str = "/") -> str:
        await self.open(path)
        return await self.press("/chat/start")

    async def say(self, text: str) -> str:
        return await self.press("/chat", text=text)

    async def press(self, action: str, **values: str) -> str:
        """Send the last form of the page with *action*, as it stands there, with *values*."""
        data = {**self.fields(action), **values}
        async with self.client.post(action, data=data) as response:
            return await self._see(response)

    def fields(self, action: str) -> dict[str, str]:
        forms = re.findall(rf'<form[^>]*action="{action}".*?</form>', self.page, re.DOTALL)
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', forms[-1])
        return {name: unescape(value) for name, value in hidden}

    async def _see(self, response: ClientResponse) -> str:
        self.status = response.status
        self.page = await response.text()
        return self.page

"""An office for the tests: four officers at a desk, a small library whose texts can be changed, and some people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import pytest
from msgspec.structs import replace as changed
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.engine.content import Fact, Message, Value, Version
from bot.engine.state import Commune, Library
from bot.services.broadcasting.drafting import Draft, draft_of
from bot.services.broadcasting.model import Body, Broadcast
from bot.services.broadcasting.release import Desk, find_broadcast
from bot.services.broadcasting.rights import Refused
from bot.store import audit, officers, segments
from bot.store.models import addresses, contacts
from tests.fakes.channel import FakeChannel
from tests.shipped import read_dialogs

BODY = "Lãi là {lai.muc}."
SIX = Version(date(2026, 1, 1), None, "say", "Nghị định 1", values={"muc": Value(6, "percent", {"vi": "6%"})})
RATE = Fact("lai", "Lãi suất", (SIX,), checked=date(2026, 10, 1), review=date(2027, 3, 31), confidence="A")
TREE = """
dialog: hoi-y
title: Hỏi ý
nodes:
  hoi: {ask: Đồng ý không?, choices: [{label: Có, go: het}]}
  het: {end: true}
"""
LIBRARY = Library(
    dialogs=read_dialogs({"hoi-y": TREE}), messages={"tin.lai": Message("tin.lai", BODY, ("I",), "tin", ("lai",))},
    facts={"lai": RATE}, communes={code: Commune(code, name, "xã") for code, name in (("1", "Một"), ("2", "Hai"))},
    phrases={"source": "Theo: {law}."}, commands={}, plan={},
)  # fmt: skip
ROLES: Mapping[str, officers.Role] = {
    "an": "officer", "binh": "approver", "chi": "approver", "dung": "admin", "xem": "staff",
}  # fmt: skip
DRAFT = Draft("Tin lãi", Body(("tin.lai",)), "ho = ngheo")


@dataclass
class Office:
    """The desk, and what stands around it."""

    database: AsyncEngine
    now: Callable[[], datetime]
    library: Library = LIBRARY
    channels: dict[str, FakeChannel] = field(default_factory=lambda: {"fake": FakeChannel()})

    def __post_init__(self) -> None:
        self.desk = Desk(self.database, lambda: self.library, self.channels, self.now)

    async def open(self) -> Office:
        """Let everybody in: officers, three poor households of commune 1, one of commune 2, one near-poor."""
        async with self.database.begin() as db:
            for login, role in ROLES.items():
                await officers.add(db, login=login, role=role, at=self.now())
            for number, (commune, household) in enumerate(
                [("1", "ngheo")] * 3 + [("2", "ngheo"), ("1", "can-ngheo")], 1
            ):
                await self.admit(db, number, commune, household)
        return self

    async def admit(self, db: AsyncConnection, number: int, commune: str, household: str) -> None:
        """One person who agreed to broadcasts."""
        person = {"id": number, "created_at": self.now(), "commune": commune, "household": household, "consent": "co"}
        await db.execute(insert(contacts).values(person))
        address = {"channel": "fake", "external_id": str(number), "contact_id": number, "changed_at": self.now()}
        await db.execute(insert(addresses).values(address))

    async def save(self, name: str, query: str) -> None:
        """Save a segment."""
        async with self.database.begin() as db:
            await segments.save(db, name=name, query=query, author="an", at=self.now())

    async def submitted(self, draft: Draft = DRAFT) -> Broadcast:
        """A broadcast that `an` drafted and submitted."""
        return await self.desk.submit((await self.desk.draft(draft, "an")).id, "an")

    async def approved(self, draft: Draft = DRAFT) -> Broadcast:
        """That, approved by `binh`."""
        one = await self.submitted(draft)
        return await self.desk.approve(one.id, "binh", digest_seen=one.digest)

    async def edited(self, number: int, login: str, **columns: object) -> Broadcast:
        """The broadcast with some of its draft changed by *login*."""
        was = await self.find(number)
        return await self.desk.edit(number, changed(draft_of(was), **columns), login, version_seen=was.version)

    async def find(self, number: int) -> Broadcast:
        """The broadcast as it is now."""
        async with self.database.connect() as db:
            return await find_broadcast(db, number)

    async def entries(self, number: int | None = None) -> list[tuple[str, str, str]]:
        """(actor, action, outcome) of what the audit log says of a broadcast, or of everything."""
        async with self.database.connect() as db:
            assert await audit.verify(db) is None
            subject = f"broadcast:{number}" if number else ""
            found = await audit.recent(db, subject=subject, limit=1000)
        return [(entry.actor, entry.action.removeprefix("broadcast."), entry.outcome) for entry in found]

    def change_fact(self, **columns: object) -> None:
        """Put another version of the fact into the library."""
        version = replace(SIX, **columns)  # type: ignore[arg-type]
        self.library = replace(self.library, facts={"lai": replace(RATE, versions=(version,))})

    def change_message(self, body: str) -> None:
        """Put another message into the library."""
        message = replace(LIBRARY.messages["tin.lai"], body=body)
        self.library = replace(self.library, messages={"tin.lai": message})

    def translate(self, catalogue: Mapping[str, str]) -> None:
        """Let the library speak English."""
        self.library = replace(
            self.library, languages=("vi", "en"), is_translated=lambda _language, text: text in catalogue,
            translate=lambda language, text: catalogue.get(text, text) if language == "en" else text,
        )  # fmt: skip

    async def unsave(self, name: str) -> None:
        """Strike a saved segment."""
        async with self.database.begin() as db:
            await segments.delete(db, name)


async def refused(work: Awaitable[object]) -> str:
    """What is told when *work* is refused."""
    with pytest.raises(Refused) as caught:
        await work
    return str(caught.value)


async def approve_as(office: Office, number: int, login: str) -> object:
    """*login* signs the broadcast as it is now."""
    return await office.desk.approve(number, login, digest_seen=(await office.find(number)).digest)

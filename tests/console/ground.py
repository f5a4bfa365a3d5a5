"""Rows of two communes for the route table: what an officer of commune 1 may see stands beside what they may not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from msgspec.structs import replace
from sqlalchemy import insert, update

from bot.services.broadcasting.drafting import Draft
from bot.services.broadcasting.model import Body
from bot.services.insight.follower import catch_up
from bot.store import officers, segments
from bot.store.models import contacts, handoffs, interactions
from tests.console.office import Console

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>"
"""What somebody with bad manners is called, and writes."""
HERE, THERE = 1, 4
"""Contacts of commune 1 and 2, as `tests.services.office` admits them."""


@dataclass
class Ground:
    """The console with rows in it. The first of each pair of names and numbers is of commune 1, the second of 2."""

    console: Console
    NAMED: ClassVar[dict[str, tuple[str, str]]] = {
        "/users/": ("xem", "nobody"),
        "/setup/": ("no-such-link", "no-such-link"),
        "/broadcasts/": ("1", "2"),
        "/log/": (str(HERE), str(THERE)),
        "/inbox/": ("1", "2"),
        "/segments/": ("ngheo", "khong-co"),
        "/exports/": ("no-such-file", "no-such-file"),
        "/dialogs/": ("hoi-y", "khong-co"),
        "/content/facts/": ("lai", "khong-co"),
    }
    shows_markup: ClassVar[set[str]] = {
        "GET /users", "GET /broadcasts", "GET /broadcasts/{id}", "GET /log", "GET /log/{id}", "GET /inbox",
        "GET /inbox/{id}", "GET /missed",
    }  # fmt: skip

    @staticmethod
    def path_of(path: str, *, far: bool = False) -> str:
        """*path* with its parameter filled in."""
        start, brace, rest = path.partition("{")
        return path if not brace else start + Ground.NAMED[start][far] + rest.partition("}")[2]

    @staticmethod
    def is_stream(route: str) -> bool:
        """Whether it goes on for as long as somebody looks."""
        return route.endswith(("/progress", "/events"))

    async def lay(self) -> Ground:
        """Officers, broadcasts, handoffs and what people said."""
        office, at = self.console.office, self.console.clock()
        async with self.console.database.begin() as db:
            for login, role in (("xem", "staff"), ("an", "officer"), ("binh", "approver")):
                await officers.add(db, login=f"{login}-mot", role=role, at=at, name=MARKUP, communes=("1",))  # type: ignore[arg-type]
            await officers.add(db, login="an-hai", role="officer", at=at, communes=("2",))
            await segments.save(db, name="ngheo", query="ho = ngheo", author="an-mot", at=at)
            await db.execute(update(contacts).values(name=MARKUP))
            for contact in (HERE, THERE):
                await db.execute(
                    insert(handoffs).values(contact_id=contact, queue="lien-he", asked_at=at, waiting_since=at)
                )
                said = {"contact_id": contact, "at": at, "dialog": "hoi-y", "node": "hoi", "text": MARKUP}
                await db.execute(insert(interactions).values(kind="missed", **said))
        draft = Draft(MARKUP[:100], Body(text={"vi": MARKUP}, source=MARKUP), 'xa = "Một"')
        await office.desk.draft(draft, "an-mot")
        await office.desk.draft(replace(draft, segment='xa = "Hai"'), "an-hai")
        await catch_up(self.console.database, now=at)
        return self

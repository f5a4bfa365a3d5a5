"""Lines of the log for the tests of insight's pages, written as turns write them, and folded as the follower does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from bot.channels.webchat import WebChat
from bot.messages import Address, Choice, Outgoing
from bot.services.insight.follower import catch_up
from bot.store.models import addresses, contacts, deliveries, interactions
from tests.console.office import Console

SCRIPT = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://x","y")'


async def heard(
    console: Console, contact: int, kind: str = "text", text: str = "", *, at: datetime | None = None, **more: Any
) -> int:
    """A line of what *contact* did, or of what followed from it; its id."""
    row = {"contact_id": contact, "at": at or console.clock(), "kind": kind, "text": text, **more}
    async with console.database.begin() as db:
        return int((await db.execute(insert(interactions).values(row).returning(interactions.c.id))).scalar_one())


async def said(console: Console, contact: int, text: str, choices: Sequence[str] = (), **more: Any) -> int:
    """A message of ours as the web chat carries it, with its line; the delivery's id."""
    message = Outgoing(text, tuple(Choice(label, label) for label in choices))
    [payload] = WebChat().encode(Address("webchat", "x"), message)
    key, at = console.site.ids.next(), console.clock()
    row = {
        "id": key, "contact_id": contact, "channel": "webchat", "address": "x", "reason": "reply", "method": "say",
        "payload": payload.body, "status": "sent", "due_at": at, "sent_at": at, **more,
    }  # fmt: skip
    async with console.database.begin() as db:
        await db.execute(insert(deliveries).values(row))
    await heard(console, contact, "said", delivery_id=key)
    return key


async def admit(console: Console, number: int, *, commune: str = "1", household: str = "ngheo", name: str = "") -> None:
    """One more person."""
    at = console.clock()
    person = {"id": number, "created_at": at, "commune": commune, "household": household, "name": name, "consent": "co"}
    async with console.database.begin() as db:
        await db.execute(insert(contacts).values(person))
        await db.execute(
            insert(addresses).values(channel="fake", external_id=f"{number}", contact_id=number, changed_at=at)
        )


async def moved(console: Console, *contacts_: int, commune: str = "1") -> None:
    """These people told where they live, as the log has it."""
    for contact in contacts_:
        await heard(console, contact, "field", commune, detail="xa")


async def fold(console: Console, sections: Mapping[str, tuple[str, ...]] | None = None) -> None:
    """Count all that was logged so far."""
    await catch_up(console.database, now=console.clock(), sections=sections or {})


async def file(console: Console, what: str, format: str, login: str = "an", **filters: Any) -> bytes:
    """What the export of *what* holds, as its button would ask for it."""
    token = await console.sign_in(login)
    form: list[tuple[str, str]] = [("csrf", console.csrf(token)), ("what", what), ("format", format)]
    for name, value in filters.items():
        form += [(f"q-{name}", str(one)) for one in (value if isinstance(value, list) else [value])]
    answer = await console.client.post(
        "/console/exports", data=form, headers={"Cookie": f"vuonlen-console={token}"}, allow_redirects=False
    )  # fmt: skip
    assert answer.status == 200, (answer.status, answer.headers.get("Location"))
    return await answer.read()


async def lines(console: Console, what: str, login: str = "an", **filters: Any) -> list[dict[str, Any]]:
    """The same as JSON lines, read."""
    body = await file(console, what, "jsonl", login, **filters)
    return [json.loads(line) for line in body.decode().splitlines()]

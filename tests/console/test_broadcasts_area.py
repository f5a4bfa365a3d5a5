"""Who works for some communes sees and counts the people of these alone, and other communes' broadcasts not at all."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace
from sqlalchemy import insert, update

from bot.services.broadcasting.model import Body
from bot.store import officers
from bot.store.models import chunks, contacts, deliveries
from tests.console.composing import drafted, form_of, text_of
from tests.console.office import Console
from tests.services.broadcasts import add_broadcast
from tests.services.office import DRAFT

PATHS = ("", "/preview", "/edit", "/recipients", "/progress")
ACTS = ("", "/submit", "/approve", "/send-back", "/schedule", "/pause", "/resume", "/cancel", "/retry", "/test")


async def add_officer(console: Console, login: str, role: officers.Role, *communes: str) -> None:
    async with console.database.begin() as db:
        await officers.add(db, login=login, role=role, at=console.clock(), communes=communes)


async def sent_to_all(console: Console) -> int:
    """A broadcast of the whole city that reached everybody of the office."""
    one = await add_broadcast(
        console.database, Body(("tin.lai",)), "tat-ca", state="done", started_at=console.clock(),
        ended_at=console.clock(), is_planned=True,
    )  # fmt: skip
    async with console.database.begin() as db:
        row = {"broadcast_id": one.id, "channel": "fake", "state": "done", "counts": json.dumps({"sent": 5})}
        chunk = (await db.execute(insert(chunks).values(row).returning(chunks.c.id))).scalar_one()
        same = {"channel": "fake", "reason": "broadcast", "broadcast_id": one.id, "chunk_id": chunk, "method": ""}
        same |= {"payload": b"", "status": "sent", "due_at": console.clock()}
        rows = [{"id": 9000 + n, "contact_id": n, "address": str(n), **same} for n in range(1, 6)]
        await db.execute(insert(deliveries), rows)
        for n in range(1, 6):
            await db.execute(update(contacts).where(contacts.c.id == n).values(name=f"Người {n}"))
    return one.id


@pytest.mark.parametrize("path", PATHS)
async def test_another_communes_broadcast_isnt_there(console: Console, path: str) -> None:
    await add_officer(console, "mot", "officer", "1")
    await add_officer(console, "hai", "approver", "2")
    one = await drafted(console, replace(DRAFT, segment="ho = ngheo va xa = 1"), "mot")
    assert (await console.get(f"/broadcasts/{one.id}{path}", "hai")).status == 404
    assert (await console.get(f"/broadcasts/new?like={one.id}", "hai")).status == 404
    assert DRAFT.name not in (await console.get("/broadcasts", "hai")).text
    assert DRAFT.name in (await console.get("/broadcasts", "mot")).text


@pytest.mark.parametrize("act", ACTS)
async def test_nothing_can_be_done_to_what_isnt_there(console: Console, act: str) -> None:
    await add_officer(console, "mot", "officer", "1")
    await add_officer(console, "hai", "approver", "2")
    one = await drafted(console, replace(DRAFT, segment="ho = ngheo va xa = 1"), "mot")
    assert (await console.post(f"/broadcasts/{one.id}{act}", "hai", form_of())).status == 404
    built = await console.post("/broadcasts/build", "hai", form_of() | {"number": str(one.id)})
    assert (built.status, (await console.office.find(one.id)).version) == (404, 1)


async def test_recipients_are_those_of_the_officers_communes(console: Console) -> None:
    await add_officer(console, "hai", "staff", "2")
    number = await sent_to_all(console)
    everybody = text_of(await console.get(f"/broadcasts/{number}/recipients", "xem"))
    assert all(f"Người {n}" in everybody for n in range(1, 6))
    theirs = text_of(await console.get(f"/broadcasts/{number}/recipients", "hai"))
    assert [f"Người {n}" in theirs for n in range(1, 6)] == [False, False, False, True, False]
    assert (await console.get(f"/broadcasts/{number}/recipients?commune=1", "hai")).status == 404


async def test_a_city_wide_broadcast_is_seen_but_not_touched(console: Console) -> None:
    await add_officer(console, "hai", "officer", "2")
    one = await drafted(console)
    page = text_of(await console.get(f"/broadcasts/{one.id}", "hai"))
    assert "1 người" not in page  # one person of theirs in it: too few to be told
    assert "dưới 5 người nhận được, ở nơi bạn phụ trách" in page
    refused = await console.post(f"/broadcasts/{one.id}/cancel", "hai")
    assert (refused.status, (await console.office.find(one.id)).state) == (422, "draft")


async def test_a_count_is_of_the_officers_communes(console: Console) -> None:
    async with console.database.begin() as db:
        for number in range(10, 20):
            await console.office.admit(db, number, "2", "ngheo")
    await add_officer(console, "mot", "officer", "1")
    await add_officer(console, "hai", "officer", "2")
    counted = await console.post("/segments/count", "hai", {"segment": "ho = ngheo"}, piece=True)
    assert "11 người nhận được, ở nơi bạn phụ trách" in text_of(counted)
    assert "Xã Một" not in counted.text
    few = await console.post("/segments/count", "mot", {"segment": "ho = ngheo"}, piece=True)
    assert "dưới 5 người nhận được" in text_of(few)


async def test_strangers_in_a_draft_are_refused_when_it_is_submitted(console: Console) -> None:
    await add_officer(console, "mot", "officer", "1")
    one = await drafted(console, DRAFT, "mot")
    refused = await console.post(f"/broadcasts/{one.id}/submit", "mot")
    assert (refused.status, "có 1 người ở nơi khác" in refused.text) == (422, True)

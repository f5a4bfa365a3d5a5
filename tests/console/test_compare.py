"""Broadcasts side by side, in shares of those they reached; none that isn't one's own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import insert

from bot.services.insight import readings
from bot.store import officers
from bot.store.models import broadcasts, chunks
from tests.console.office import Console
from tests.console.reading import table_with
from tests.console.telling import SCRIPT, file, lines


async def done(console: Console, number: int, reached: int, **columns: Any) -> None:
    """A broadcast that is through."""
    at = console.clock()
    row = {"id": number, "name": f"Tin {number}", "body": "{}", "segment": "x", "created_at": at, "changed_at": at,
           "state": "done", "started_at": at, "recipients": reached, **columns}  # fmt: skip
    async with console.database.begin() as db:
        await db.execute(insert(broadcasts).values(row))
        counts = json.dumps({"sent": reached})
        await db.execute(insert(chunks).values(broadcast_id=number, channel="fake", state="done", counts=counts))


async def test_the_table_and_the_file_hold_what_the_readings_say(console: Console) -> None:
    await done(console, 1, 200, name=SCRIPT)
    await done(console, 2, 3)
    page = (await console.get("/compare?with=1&with=2")).text
    async with console.site.reading.connect() as db:
        came = await readings.broadcast_result(db, 1)
    assert (came.reached, came.answered) == (200, 0)
    first, second = table_with(page, "Tin gửi")
    assert first[2:] == ["200", "0", "0 %", "0", "0 %", "0", "0 %"]
    assert second[2:] == ["dưới 5", "0", "–", "0", "–", "0", "–"]
    assert SCRIPT not in page
    picked: dict[str, Any] = {"with": [1, 2]}
    written = await lines(console, "compare", "an", **picked)
    assert [(one["reached"], one["answered_share"]) for one in written] == [(200, 0.0), ("dưới 5", None)]


async def test_only_what_one_may_see_is_offered_and_compared(console: Console) -> None:
    async with console.database.begin() as db:
        await officers.set_role(db, "an", role="officer", communes=("2",))
    await done(console, 1, 200, area='["1"]')
    await done(console, 2, 200, area='["2"]')
    page = (await console.get("/compare")).text
    assert ("Tin 1" in page, "Tin 2" in page) == (False, True)
    assert (await console.get("/compare?with=1")).status == 404
    await console.sign_in("an")
    assert (await console.post("/exports", "an", {"what": "compare", "format": "csv", "q-with": "1"})).status == 404


@pytest.mark.parametrize("query", ["", "?with=x", "?with=", "?with=9999999999999999999999"])
async def test_nothing_picked_asks_to_pick(console: Console, query: str) -> None:
    page = await console.get(f"/compare{query}")
    assert (page.status, "Chọn tin để so" in page.text, "Cạnh nhau" in page.text) == (200, True, False)


async def test_recipients_of_a_broadcast_are_taken_for_ones_own_communes(console: Console) -> None:
    one = await console.office.approved()
    await console.office.desk.schedule(one.id, "an")
    async with console.database.begin() as db:
        await officers.set_role(db, "an", role="officer", communes=("2",))
    assert (await file(console, "recipients", "csv", id=one.id)).startswith(b"\xef\xbb\xbf")
    await console.sign_in("an")
    for asked in ({"q-id": "99"}, {"q-id": "x"}, {"q-id": f"{one.id}", "q-commune": "1"}):
        assert (await console.post("/exports", "an", {"what": "recipients", "format": "csv", **asked})).status == 404

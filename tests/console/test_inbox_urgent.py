"""Somebody who may be in danger, as officers see it: first in the list, with a badge, and beside every page."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import insert

from bot.engine.walk import URGENT
from bot.store.models import handoffs, interactions, sessions
from tests.console.office import Console


async def waiting(console: Console, *queues: str) -> None:
    """People in these queues, each waiting since an hour after the one before."""
    async with console.database.begin() as db:
        for number, queue in enumerate(queues, 1):
            at = console.clock() - timedelta(hours=len(queues) - number)
            await db.execute(insert(sessions).values(contact_id=number, state="{}", seen_at=at))
            row = {"id": number, "contact_id": number, "queue": queue, "asked_at": at, "waiting_since": at}
            await db.execute(insert(handoffs).values(row))
        said = {"contact_id": len(queues), "at": console.clock(), "kind": "alarmed", "text": "Nó cầm dao"}
        await db.execute(insert(interactions).values(said))


async def test_who_may_be_in_danger_stands_first_with_a_badge(console: Console) -> None:
    await waiting(console, "vay-von", "hoi-y", URGENT)
    page = (await console.get("/inbox")).text
    assert re.findall(r'href="/console/inbox/(\d)', page) == ["3", "1", "2"]
    assert page.count('<span class="badge bad">có thể đang gặp nguy</span>') == 1
    one = (await console.get("/inbox/3")).text
    assert one.count('<span class="badge bad">có thể đang gặp nguy</span>') == 2  # in the list and above the talk
    assert "Nó cầm dao" in one


async def test_every_page_shows_that_somebody_may_be_in_danger(console: Console) -> None:
    await waiting(console, "vay-von", URGENT)
    bar = (await console.get("/account")).text
    assert re.search(r'class="count alarm">.*Có người gặp nguy: </span>1<', bar)
    assert "Có người gặp nguy" not in (await console.get("/account", "xem")).text  # staff don't answer


async def test_without_danger_the_bar_counts_who_waits(console: Console) -> None:
    await waiting(console, "vay-von", "hoi-y")
    bar = (await console.get("/account")).text
    assert re.search(r'class="count"><span class="unseen">Đang chờ: </span>2<', bar)

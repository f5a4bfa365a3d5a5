"""`bot broadcast` where Zalo is on: what officers allow to be spent, what they are shown of it before and after."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from bot.config import Settings
from bot.store.db import open_database
from bot.store.models import addresses, broadcasts, chunks, deliveries
from tests.cli.test_broadcast import Run, draft, furnished, runner
from tests.conftest import Clock, run_apart
from tests.services.broadcasts import NOON

TO_ALL = ("--message", "phong-trao.dong-long", "--segment", "kenh = zalo")
SENT = ((1, "sent", "free", 0), (2, "sent", "paid", 55), (3, "queued", "later", 0))


async def _on_zalo(url: str) -> None:
    """The three people of `furnished` are on Zalo: one wrote just now, one days ago, one never."""
    database = open_database(url)
    async with database.begin() as db:
        await db.execute(update(addresses).values(channel="zalo"))
        for number, hours in ((1, 1), (2, 60)):
            opened = {"interacted_at": NOON - timedelta(hours=hours)}
            await db.execute(update(addresses).where(addresses.c.contact_id == number).values(opened))
    await database.dispose()


async def _gone_out(url: str) -> None:
    """Broadcast 1 is under way: SENT says to whom."""
    database = open_database(url)
    async with database.begin() as db:
        going = {"state": "sending", "started_at": NOON, "is_planned": True, "recipients": 3, "spent": 55}
        await db.execute(update(broadcasts).values(going))
        chunk = (
            await db.execute(insert(chunks).values(broadcast_id=1, channel="zalo").returning(chunks.c.id))
        ).scalar_one()
        common: dict[str, Any] = {
            "channel": "zalo", "reason": "broadcast", "broadcast_id": 1, "chunk_id": chunk, "method": "",
            "payload": b"", "due_at": NOON,
        }  # fmt: skip
        rows = [
            {**common, "id": n, "contact_id": n, "address": str(n), "status": status, "route": route, "cost": cost}
            for n, status, route, cost in SENT
        ]
        await db.execute(insert(deliveries), rows)
    await database.dispose()


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    """Zalo switched on as well."""
    settings = furnished(sqlite_url)
    run_apart(_on_zalo(sqlite_url))
    zalo = {"zalo_app_id": "1", "zalo_app_secret": "x", "zalo_oa_id": "2", "zalo_oa_secret": "y"}
    return Settings.model_validate({"database_url": settings.database_url, "telegram_token": "1:token", **zalo})


@pytest.fixture
def run(settings: Settings, clock: Clock) -> Run:
    return runner(settings, clock)


def test_what_may_be_spent_is_kept_and_shown(run: Run) -> None:
    kept = draft(run, *TO_ALL, "--budget", "1000000", "--no-wait")
    assert kept["policy"] == {"budget": 1_000_000, "waits": False}
    shown = run("show", "1").stdout
    assert "hết nhiều nhất 1.000.000 đồng mỗi lượt" in " ".join(shown.split())
    assert "không chờ ai nhắn lại" in " ".join(shown.split())
    assert "Ngân sách" in run("edit", "1", "--as", "lan", "--budget", "-1", fails=True).stderr
    assert "chưa có mẫu" in run("edit", "1", "--as", "lan", "--phone", fails=True).stderr


def test_the_preview_tells_routes_and_money(run: Run) -> None:
    draft(run, *TO_ALL)
    told = json.loads(run("preview", "1", "--json").stdout)["outlook"]
    assert {one["route"]: one["people"] for one in told["routes"]} == {"free": 1, "paid": 1, "later": 1}
    assert (told["cost"], told["unpaid"], told["waiting"]) == (55, 1, 2)
    shown = " ".join(run("preview", "1").stdout.split())
    assert "miễn phí (vừa nhắn) 1" in shown
    assert "55 đồng" in shown
    assert "chưa có ngân sách" in shown


def test_the_status_tells_what_went_by_which_route_and_was_spent(run: Run, settings: Settings) -> None:
    draft(run, *TO_ALL, "--budget", "100")
    run_apart(_gone_out(settings.database_url))
    told = json.loads(run("status", "1", "--json").stdout)
    assert told["routes"] == [
        {"route": route, "status": status, "people": 1, "cost": cost} for _n, status, route, cost in sorted(
            SENT, key=lambda one: one[2]
        )
    ]  # fmt: skip
    assert (told["spent"], told["waiting"]) == (55, 1)
    shown = " ".join(run("status", "1").stdout.split())
    assert "khi họ nhắn lại đang chờ 1" in shown
    assert "trả phí (nhắn mấy ngày trước) đã gửi 1 55 đồng" in shown
    assert "55 đồng" in run("recipients", "1").stdout

"""A broadcast that goes out is held, taken up again, ended, or sent again to those whom it did not reach."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace
from sqlalchemy import insert, update

from bot.services.broadcasting.model import Broadcast, Timing
from bot.store import broadcasts
from bot.store.models import broadcasts as table
from bot.store.models import chunks, deliveries
from tests.conftest import Clock
from tests.services.office import DRAFT, Office, refused


async def running(office: Office, statuses: Sequence[str] = ("sent", "queued"), state: str = "sending") -> Broadcast:
    """A broadcast that was released and has begun, with an open chunk (a finished one when it is done)."""
    one = await office.approved()
    await office.desk.schedule(one.id, "an")
    async with office.database.begin() as db:
        chunk = {"broadcast_id": one.id, "channel": "fake"}
        number = (await db.execute(insert(chunks).values(chunk).returning(chunks.c.id))).scalar_one()
        rows = [
            {
                "id": place, "contact_id": place, "channel": "fake", "address": str(place), "reason": "broadcast",
                "broadcast_id": one.id, "chunk_id": number, "method": "", "payload": b"", "status": status,
                "due_at": office.now(),
            }
            for place, status in enumerate(statuses, 1)
        ]  # fmt: skip
        await db.execute(insert(deliveries), rows)
        if state == "done":
            await broadcasts.close_chunks(db, [number], status="expired", error="")
        values = {"state": state, "started_at": office.now(), "recipients": len(statuses)}
        await db.execute(update(table).where(table.c.id == one.id).values(values))
    return await office.find(one.id)


async def counts(office: Office, number: int) -> dict[str, int]:
    async with office.database.connect() as db:
        return dict(await broadcasts.counts(db, number))


async def test_what_runs_is_held_and_goes_on(office: Office) -> None:
    one = await running(office)
    paused = await office.desk.pause(one.id, "an", reason="chờ hỏi lại")
    assert (paused.state, paused.reason) == ("paused", "chờ hỏi lại")
    resumed = await office.desk.resume(one.id, "binh")
    assert (resumed.state, resumed.reason, resumed.digest) == ("sending", "", one.digest)
    assert await counts(office, one.id) == {"sent": 1, "queued": 1}


async def test_what_has_not_begun_is_held_and_waits_again(office: Office) -> None:
    one = await office.approved()
    due = (await office.desk.schedule(one.id, "an")).due_at
    await office.desk.pause(one.id, "an")
    resumed = await office.desk.resume(one.id, "an")
    assert (resumed.state, resumed.due_at) == ("scheduled", due)


async def test_what_was_changed_in_the_meantime_does_not_go_on(office: Office) -> None:
    one = await running(office, state="paused")
    office.change_fact(law="Nghị định 2")
    assert "đã đổi từ khi duyệt" in await refused(office.desk.resume(one.id, "binh"))
    assert (await office.find(one.id)).state == "paused"
    assert (await office.entries(one.id))[-1] == ("binh", "resume", "refused")


async def test_what_was_changed_before_it_began_must_be_submitted_again(office: Office) -> None:
    one = await office.approved()
    await office.desk.schedule(one.id, "an")
    await office.desk.pause(one.id, "an")
    office.change_message("Lãi suất: {lai.muc}.")
    assert "trình lại" in await refused(office.desk.resume(one.id, "an"))
    assert (await office.find(one.id)).state == "draft"


async def test_a_fact_that_lapsed_meanwhile_keeps_it_held(office: Office, clock: Clock) -> None:
    one = await running(office, state="paused")
    clock.advance(days=200)
    assert "quá ngày soát lại" in await refused(office.desk.resume(one.id, "an"))


async def test_cancelling_ends_what_was_not_sent(office: Office, clock: Clock) -> None:
    one = await running(office)
    cancelled = await office.desk.cancel(one.id, "an", reason="nhầm ngày")
    assert (cancelled.state, cancelled.reason, cancelled.ended_at) == ("cancelled", "nhầm ngày", clock())
    assert await counts(office, one.id) == {"sent": 1, "expired": 1}
    for step in (office.desk.resume(one.id, "an"), office.desk.cancel(one.id, "an")):
        assert "đã hủy" in await refused(step)


@pytest.mark.parametrize(("statuses", "left"), [
    (("failed",), {"sent": 1, "queued": 1, "unknown": 1, "blocked": 1}),
    (("unknown", "failed"), {"sent": 1, "queued": 2, "blocked": 1}),
])  # fmt: skip
async def test_only_what_failed_or_is_unknown_is_sent_again(
    office: Office, statuses: tuple[str, ...], left: dict[str, int]
) -> None:
    one = await running(office, ("sent", "failed", "unknown", "blocked"), "done")
    assert await office.desk.retry(one.id, "binh", statuses) == left["queued"]
    again = await office.find(one.id)
    assert (again.state, again.ended_at) == ("sending", None)
    assert await counts(office, one.id) == left
    assert (await office.entries(one.id))[-1] == ("binh", "retry", "done")


@pytest.mark.parametrize("statuses", [("blocked",), ("sent",), ("opted_out", "failed"), ()])
async def test_nobody_else_is_sent_it_again(office: Office, statuses: tuple[str, ...]) -> None:
    one = await running(office, ("sent", "failed", "blocked", "opted_out"), "done")
    assert "Chỉ gửi lại được" in await refused(office.desk.retry(one.id, "binh", statuses))
    assert await counts(office, one.id) == {"sent": 1, "failed": 1, "blocked": 1, "opted_out": 1}


async def test_a_retry_needs_an_approver_somebody_to_reach_and_fresh_news(office: Office, clock: Clock) -> None:
    one = await running(office, ("sent", "failed"), "done")
    assert "cần người duyệt hoặc quản trị" in await refused(office.desk.retry(one.id, "an"))
    assert "không có tin nào" in await refused(office.desk.retry(one.id, "binh", ("unknown",)))
    assert (await office.find(one.id)).state == "done"
    clock.advance(days=4)
    assert "đã hết hạn gửi" in await refused(office.desk.retry(one.id, "binh"))


async def test_a_broadcast_that_began_is_not_edited(office: Office) -> None:
    one = await running(office)
    later = replace(DRAFT, timing=Timing(closes="20:00"))
    assert "đang gửi" in await refused(office.desk.edit(one.id, later, "an", version_seen=1))

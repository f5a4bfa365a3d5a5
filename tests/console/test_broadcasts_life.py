"""The life of a broadcast through its pages: who may do what next, and what they are told."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from bot.services.broadcasting.model import Body, Timing
from tests.console.composing import drafted, text_of
from tests.console.office import Console
from tests.services.broadcasts import add_broadcast, add_messages
from tests.services.office import DRAFT


def digest_on(page: str) -> str:
    [digest] = re.findall(r'name="digest_seen" value="(\w+)"', page)
    return str(digest)


async def test_from_draft_to_release_each_page_leads_to_the_next(console: Console) -> None:
    one = await drafted(console)
    composer = text_of(await console.get(f"/broadcasts/{one.id}"))
    assert "Lưu và xem trước" in composer
    before = text_of(await console.get(f"/broadcasts/{one.id}/preview"))
    assert "Gửi tới 4 người ở 2 xã, phường" in before
    assert "Lãi là 6%." in before
    assert "Nghị định 1" in before
    assert (await console.post(f"/broadcasts/{one.id}/submit")).to == f"/broadcasts/{one.id}"
    sheet = await console.get(f"/broadcasts/{one.id}", "binh")
    told = text_of(sheet)
    for frozen in ("Lãi là 6%.", "Nghị định 1", "ho = ngheo", "Hộ nghèo", "Ngay khi được phát", "Số người khi trình 4"):
        assert frozen in told
    approved = await console.post(f"/broadcasts/{one.id}/approve", "binh", {"digest_seen": digest_on(sheet.text)})
    assert approved.status == 303
    assert "Cho gửi" in text_of(await console.get(f"/broadcasts/{one.id}"))
    assert (await console.post(f"/broadcasts/{one.id}/schedule")).status == 303
    assert "đã lên lịch" in text_of(await console.get(f"/broadcasts/{one.id}"))
    for act, state in (("pause", "paused"), ("resume", "scheduled"), ("cancel", "cancelled")):
        assert (await console.post(f"/broadcasts/{one.id}/{act}", fields={"reason": "Mưa bão"})).status == 303
        assert (await console.office.find(one.id)).state == state
    assert "Mưa bão" in text_of(await console.get(f"/broadcasts/{one.id}"))
    acts = [("an", "draft"), ("an", "submit"), ("binh", "approve"), ("an", "schedule")]
    acts += [("an", "pause"), ("an", "resume"), ("an", "cancel")]
    assert await console.office.entries(one.id) == [(login, act, "done") for login, act in acts]


async def test_who_wrote_it_is_told_why_they_cant_approve(console: Console) -> None:
    one = await drafted(console, login="binh")  # an approver, but of their own words
    await console.post(f"/broadcasts/{one.id}/submit", "binh")
    sheet = await console.get(f"/broadcasts/{one.id}", "binh")
    assert "đã soạn, sửa hoặc trình đợt gửi này nên không được duyệt" in text_of(sheet)
    assert "digest_seen" not in sheet.text
    forged = {"digest_seen": (await console.office.find(one.id)).digest}
    refused = await console.post(f"/broadcasts/{one.id}/approve", "binh", forged)
    assert (refused.status, (await console.office.find(one.id)).state) == (422, "submitted")
    assert "không được duyệt: nhờ người duyệt khác" in text_of(refused)
    assert (await console.post(f"/broadcasts/{one.id}/approve", "an", forged)).status == 403
    assert "chờ người duyệt" in text_of(await console.get(f"/broadcasts/{one.id}", "an"))


async def test_what_was_not_seen_isnt_approved(console: Console) -> None:
    one = await console.office.submitted()
    sheet = await console.get(f"/broadcasts/{one.id}", "binh")
    await console.office.edited(one.id, "an", name="Tin lãi, bản sau")
    await console.office.desk.submit(one.id, "an")
    refused = await console.post(f"/broadcasts/{one.id}/approve", "binh", {"digest_seen": digest_on(sheet.text)})
    assert (refused.status, (await console.office.find(one.id)).state) == (422, "submitted")
    assert "Bản đã xem không phải bản đang chờ duyệt" in text_of(refused)


async def test_what_changed_since_is_a_draft_again_and_the_page_says_why(console: Console) -> None:
    one = await console.office.submitted()
    seen = {"digest_seen": one.digest}
    console.office.change_message("Lãi nay là {lai.muc}.")
    console.library = console.office.library
    sheet = text_of(await console.get(f"/broadcasts/{one.id}", "binh"))
    assert "đã khác từ khi trình duyệt" in sheet
    refused = await console.post(f"/broadcasts/{one.id}/approve", "binh", seen)
    assert (refused.status, (await console.office.find(one.id)).state) == (422, "draft")
    assert "xem và trình lại" in text_of(refused)


async def test_handing_back_needs_a_reason_which_the_author_reads(console: Console) -> None:
    one = await console.office.submitted()
    refused = await console.post(f"/broadcasts/{one.id}/send-back", "binh", {"reason": " "})
    assert (refused.status, "Chưa nói vì sao trả lại" in text_of(refused)) == (422, True)
    assert (await console.post(f"/broadcasts/{one.id}/send-back", "binh", {"reason": "Sai ngày"})).status == 303
    assert "Sai ngày" in text_of(await console.get(f"/broadcasts/{one.id}", "an"))


async def test_a_finished_broadcast_offers_to_send_again_and_names_how_many(console: Console) -> None:
    done = await add_broadcast(
        console.database, Body(("tin.lai",)), "ho = ngheo", state="done", is_planned=True, recipients=9,
        started_at=console.clock(), ended_at=console.clock(),
    )  # fmt: skip
    await add_messages(console.database, done.id, 1, {"sent": 4, "failed": 3, "unknown": 2}, error="chat not found")
    page = text_of(await console.get(f"/broadcasts/{done.id}", "binh"))
    assert "Gửi lại 3 tin hỏng" in page
    assert "Gửi lại 2 tin chưa rõ" in page
    assert "có thể nhận hai lần" in page
    assert "chat not found" in page
    assert "Gửi lại 3 tin hỏng" not in text_of(await console.get(f"/broadcasts/{done.id}", "an"))


@pytest.mark.parametrize("act", ["submit", "approve", "send-back", "schedule", "pause", "resume", "cancel", "retry"])
async def test_who_only_reads_changes_nothing(console: Console, act: str) -> None:
    one = await console.office.submitted()
    assert (await console.post(f"/broadcasts/{one.id}/{act}", "xem", {"digest_seen": one.digest})).status == 403
    assert (await console.office.find(one.id)).state == "submitted"
    page = await console.get(f"/broadcasts/{one.id}", "xem")
    assert (page.status, f"/broadcasts/{one.id}/" in page.text and "<form" in page.text) == (200, False)


async def test_what_has_begun_isnt_edited_and_a_recurring_one_lists_its_runs(console: Console) -> None:
    weekly = Timing(console.clock(), "FREQ=WEEKLY;COUNT=3")
    parent = await add_broadcast(console.database, DRAFT.body, DRAFT.segment, state="scheduled", timing=weekly)
    run = await add_broadcast(
        console.database, DRAFT.body, DRAFT.segment, state="sending", parent_id=parent.id, slot=console.clock(),
        started_at=console.clock(), audience=7,
    )  # fmt: skip
    assert (await console.get(f"/broadcasts/{run.id}/edit")).to == f"/broadcasts/{run.id}"
    page = await console.get(f"/broadcasts/{parent.id}", "xem")
    assert "10:00 23/11/2026 đang gửi 0 / 7" in text_of(page)
    assert f"lượt của đợt {parent.id}" in text_of(await console.get(f"/broadcasts/{run.id}", "xem"))


async def test_anybody_who_drafts_may_stop_an_urgent_one_but_not_rewrite_it(console: Console) -> None:
    urgent = await console.office.desk.draft(replace(DRAFT, urgent=True), "dung")
    page = text_of(await console.get(f"/broadcasts/{urgent.id}", "an"))
    assert ("Hủy đợt gửi này" in page, "Lưu và xem trước" in page) == (True, False)
    assert (await console.post(f"/broadcasts/{urgent.id}/cancel", "an")).status == 303


async def test_a_draft_for_later_says_when_it_would_go(console: Console) -> None:
    later = Timing(at=console.clock().replace(day=30, hour=2))
    one = await drafted(console, replace(DRAFT, timing=later))
    assert "tin đầu lúc 9:00 30/11/2026" in text_of(await console.get(f"/broadcasts/{one.id}/preview"))

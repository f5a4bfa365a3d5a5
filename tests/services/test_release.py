"""Two people release a broadcast: each step, who may take it, and what makes it void. Each refusal is logged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from bot.services.broadcasting.model import Body, Policy, Timing
from bot.services.broadcasting.rights import Refused
from bot.store import officers
from tests.conftest import Clock
from tests.services.office import BODY, DRAFT, Office, approve_as, refused


async def test_a_broadcast_goes_from_draft_to_released_by_two_people(office: Office, clock: Clock) -> None:
    drafted = await office.desk.draft(DRAFT, "an")
    assert (drafted.state, drafted.authors, drafted.version) == ("draft", ("an",), 1)
    submitted = await office.desk.submit(drafted.id, "an")
    assert (submitted.state, submitted.audience, len(submitted.digest)) == ("submitted", 4, 64)
    approved = await office.desk.approve(drafted.id, "binh", digest_seen=submitted.digest)
    assert (approved.state, approved.approved_by, approved.digest) == ("approved", "binh", submitted.digest)
    scheduled = await office.desk.schedule(drafted.id, "an")
    assert (scheduled.state, scheduled.due_at) == ("scheduled", clock())
    steps = [("an", "draft", "done"), ("an", "submit", "done"), ("binh", "approve", "done"), ("an", "schedule", "done")]
    assert await office.entries(drafted.id) == steps


async def fact(office: Office) -> None:
    office.change_fact(law="Nghị định 2")


async def message(office: Office) -> None:
    office.change_message("Lãi suất là {lai.muc}.")


async def translation(office: Office) -> None:
    office.translate({BODY: "The rate is changed: {lai.muc}.", "Theo: {law}.": "Source: {law}."})


async def saved_segment(office: Office) -> None:
    await office.save("ho-ngheo", "ho = ngheo va xa = 1")


async def saved_segment_gone(office: Office) -> None:
    await office.unsave("ho-ngheo")


CHANGES = [fact, message, translation, saved_segment, saved_segment_gone]


async def prepared(office: Office) -> None:
    office.translate({BODY: "The rate is {lai.muc}.", "Theo: {law}.": "Source: {law}."})
    await office.save("ho-ngheo", "ho = ngheo")


@pytest.mark.parametrize("change", CHANGES)
async def test_what_changed_since_it_was_submitted_is_not_approved(
    office: Office, change: Callable[[Office], Awaitable[None]]
) -> None:
    await prepared(office)
    one = await office.submitted(replace(DRAFT, segment="@ho-ngheo"))
    await change(office)
    line = await refused(office.desk.approve(one.id, "binh", digest_seen=one.digest))
    assert "đã đổi từ khi trình" in line
    after = await office.find(one.id)
    assert (after.state, after.digest, after.version, after.reason) == ("draft", "", 2, line)
    assert (await office.entries(one.id))[-1] == ("binh", "approve", "refused")


@pytest.mark.parametrize("change", CHANGES)
async def test_what_changed_since_it_was_approved_is_not_released(
    office: Office, change: Callable[[Office], Awaitable[None]]
) -> None:
    await prepared(office)
    one = await office.approved(replace(DRAFT, segment="@ho-ngheo"))
    await change(office)
    assert "đã đổi từ khi trình" in await refused(office.desk.schedule(one.id, "an"))
    after = await office.find(one.id)
    assert (after.state, after.approved_by, after.digest) == ("draft", "", "")
    assert (await office.entries(one.id))[-1] == ("an", "schedule", "refused")


@pytest.mark.parametrize(
    "columns",
    [
        {"segment": "ho = can-ngheo"}, {"name": "Tên khác"}, {"body": Body(dialog="hoi-y")},
        {"timing": Timing(closes="20:00")},
    ],
)  # fmt: skip
@pytest.mark.parametrize("released", [False, True])
async def test_any_edit_voids_an_approval(office: Office, columns: dict[str, object], released: bool) -> None:
    one = await office.approved()
    if released:
        await office.desk.schedule(one.id, "an")
    edited = await office.edited(one.id, "an", **columns)
    assert (edited.state, edited.approved_by, edited.digest, edited.due_at) == ("draft", "", "", None)
    assert "bản nháp" in await refused(office.desk.schedule(one.id, "an"))
    assert (await office.entries(one.id))[-1] == ("an", "schedule", "refused")


async def test_of_two_who_approve_at_once_one_does(office: Office) -> None:
    one = await office.submitted()
    approvals = (office.desk.approve(one.id, login, digest_seen=one.digest) for login in ("binh", "chi", "dung"))
    results = await asyncio.gather(*approvals, return_exceptions=True)
    assert sum(isinstance(result, Refused) for result in results) == 2
    outcomes = sorted(outcome for _, step, outcome in await office.entries(one.id) if step == "approve")
    assert outcomes == ["done", "refused", "refused"]


async def test_who_edits_must_have_seen_the_last_version(office: Office) -> None:
    one = await office.desk.draft(DRAFT, "an")
    await office.edited(one.id, "binh", name="Của Bình")
    draft = replace(DRAFT, name="Của An")
    assert "đã có bản mới hơn" in await refused(office.desk.edit(one.id, draft, "an", version_seen=1))
    assert (await office.find(one.id)).name == "Của Bình"


async def test_an_edit_that_changes_nothing_is_none(office: Office) -> None:
    one = await office.approved()
    assert "không khác gì" in await refused(office.edited(one.id, "an"))
    assert (await office.find(one.id)).state == "approved"


@pytest.mark.parametrize(
    "act", ["draft", "edit", "submit", "schedule", "pause", "resume", "cancel", "retry", "send_back"]
)
async def test_who_only_reads_changes_nothing(office: Office, act: str) -> None:
    one, desk = await office.submitted(), office.desk
    acts: dict[str, Callable[[], Awaitable[object]]] = {
        "draft": lambda: desk.draft(DRAFT, "xem"),
        "edit": lambda: office.edited(one.id, "xem", name="Khác"),
        "submit": lambda: desk.submit(one.id, "xem"),
        "schedule": lambda: desk.schedule(one.id, "xem"),
        "pause": lambda: desk.pause(one.id, "xem"),
        "resume": lambda: desk.resume(one.id, "xem"),
        "cancel": lambda: desk.cancel(one.id, "xem"),
        "retry": lambda: desk.retry(one.id, "xem"),
        "send_back": lambda: desk.send_back(one.id, "xem", reason="Không được."),
    }
    assert "“xem” là người xem" in await refused(acts[act]())
    assert await office.find(one.id) == one
    assert (await office.entries())[-1] == ("xem", act, "refused")


async def test_an_approver_hands_it_back_with_a_reason_and_what_was_signed_is_void(office: Office) -> None:
    one, desk = await office.approved(), office.desk
    assert "vì sao" in await refused(desk.send_back(one.id, "binh", reason=" "))
    assert "“an” là cán bộ soạn" in await refused(desk.send_back(one.id, "an", reason="Sai ngày."))
    back = await desk.send_back(one.id, "binh", reason="Sai ngày.")
    assert (back.state, back.reason, back.version) == ("draft", "Sai ngày.", one.version + 1)
    assert (back.digest, back.submitted_by, back.approved_by, back.audience) == ("", "", "", 0)
    assert (await office.entries(one.id))[-1] == ("binh", "send_back", "done")
    again = await desk.submit(one.id, "an")
    assert again.reason == ""
    assert "Bản đã xem không phải" in await refused(desk.approve(one.id, "binh", digest_seen=one.digest))
    assert (await desk.approve(one.id, "binh", digest_seen=again.digest)).state == "approved"


async def test_a_draft_is_not_handed_back(office: Office) -> None:
    one = await office.desk.draft(DRAFT, "an")
    assert "nháp" in await refused(office.desk.send_back(one.id, "binh", reason="Sai ngày."))


async def test_only_an_admin_shortens_the_gap(office: Office) -> None:
    """A gap of nothing reaches people as a mark of urgency does."""
    hasty = replace(DRAFT, policy=Policy(gap=0))
    for login in ("an", "binh"):
        assert "Chỉ quản trị" in await refused(office.desk.draft(hasty, login))
    assert (await office.desk.draft(hasty, "dung")).policy.gap == 0
    assert (await office.desk.draft(replace(DRAFT, policy=Policy(gap=12)), "an")).policy.gap == 12


async def test_only_an_admin_marks_urgent(office: Office) -> None:
    urgent = replace(DRAFT, urgent=True)
    for login in ("an", "binh"):
        assert "Chỉ quản trị" in await refused(office.desk.draft(urgent, login))
    one = await office.desk.draft(urgent, "dung")
    assert one.urgent
    assert "Chỉ quản trị" in await refused(office.edited(one.id, "an", name="Khác"))
    assert "đã soạn" in await refused(approve_as(office, (await office.desk.submit(one.id, "an")).id, "dung"))


async def test_an_officer_of_a_commune_writes_to_its_people_alone(office: Office) -> None:
    async with office.database.begin() as db:
        await officers.set_role(db, "an", role="officer", communes=["1"])
        await officers.set_role(db, "binh", role="approver", communes=["2"])
    one = await office.desk.draft(DRAFT, "an")
    assert "có 1 người ở nơi khác" in await refused(office.desk.submit(one.id, "an"))
    await office.edited(one.id, "an", segment="ho = ngheo va xa = 1")
    ours = await office.desk.submit(one.id, "an")
    assert ours.audience == 3
    assert "không thuộc các xã, phường" in await refused(approve_as(office, one.id, "binh"))
    assert (await office.entries(one.id))[-1] == ("binh", "approve", "refused")


async def test_a_fact_that_lapsed_keeps_a_broadcast_from_going_on(office: Office, clock: Clock) -> None:
    one, other = await office.approved(), await office.submitted()
    clock.advance(days=200)
    for step in (office.desk.schedule(one.id, "an"), office.desk.approve(other.id, "binh", digest_seen=other.digest)):
        assert "quá ngày soát lại" in await refused(step)
    assert (await office.find(one.id)).state == "approved"


async def test_what_is_released_too_late_must_be_dated_anew(office: Office, clock: Clock) -> None:
    at = clock() + timedelta(hours=1)
    one = await office.approved(replace(DRAFT, timing=Timing(at=at, grace=2)))
    clock.advance(seconds=2 * 3600)
    assert (await office.desk.schedule(one.id, "an")).due_at == at
    late = await office.approved(replace(DRAFT, timing=Timing(at=clock() + timedelta(hours=1), grace=2)))
    clock.advance(seconds=4 * 3600)
    assert "Đã quá giờ gửi" in await refused(office.desk.schedule(late.id, "an"))


async def test_a_recurring_broadcast_falls_due_at_its_next_slot(office: Office, clock: Clock) -> None:
    at = datetime.fromisoformat("2026-11-23T11:00+07:00")
    one = await office.approved(replace(DRAFT, timing=Timing(at=at, rule="FREQ=DAILY;COUNT=3")))
    clock.advance(days=1)
    due = (await office.desk.schedule(one.id, "an")).due_at
    assert due == at + timedelta(days=1)


async def test_there_is_no_broadcast_of_that_number(office: Office) -> None:
    assert "Không có đợt gửi số 77" in await refused(office.desk.submit(77, "an"))
    assert await office.entries(77) == [("an", "submit", "refused")]

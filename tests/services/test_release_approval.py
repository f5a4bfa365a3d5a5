"""Every way round the second person is refused with a clear line, and logged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.store import officers
from tests.services.office import DRAFT, Office, approve_as, refused

Attack = Callable[[Office, int], Awaitable[object]]


async def by_who_edited(office: Office, number: int) -> object:
    await office.edited(number, "chi", name="Tên khác")
    await office.desk.submit(number, "an")
    return await approve_as(office, number, "chi")


async def by_who_submitted(office: Office, number: int) -> object:
    await office.edited(number, "an", name="Tên khác")
    await office.desk.submit(number, "chi")
    return await approve_as(office, number, "chi")


async def by_who_wrote_an_earlier_version(office: Office, number: int) -> object:
    await office.edited(number, "chi", name="Tên khác")
    await office.edited(number, "an", name=DRAFT.name)
    await office.desk.submit(number, "an")
    return await approve_as(office, number, "chi")


async def by_who_was_an_officer_then(office: Office, number: int) -> object:
    async with office.database.begin() as db:
        await officers.set_role(db, "an", role="admin")
    return await approve_as(office, number, "an")


async def by_who_was_disabled(office: Office, number: int) -> object:
    async with office.database.begin() as db:
        await officers.set_active(db, "binh", active=False)
    return await approve_as(office, number, "binh")


async def replayed_after_an_edit_and_back(office: Office, number: int) -> object:
    seen = (await office.find(number)).digest
    await office.edited(number, "an", segment="ho = can-ngheo")
    await office.edited(number, "an", segment=DRAFT.segment)
    await office.desk.submit(number, "an")
    return await office.desk.approve(number, "binh", digest_seen=seen)


async def replayed(office: Office, number: int) -> object:
    seen = (await office.find(number)).digest
    await office.desk.approve(number, "binh", digest_seen=seen)
    return await office.desk.approve(number, "chi", digest_seen=seen)


async def edited_meanwhile(office: Office, number: int) -> object:
    seen = (await office.find(number)).digest
    await office.edited(number, "an", segment="ho = can-ngheo")
    await office.desk.submit(number, "an")
    return await office.desk.approve(number, "binh", digest_seen=seen)


async def not_even_submitted(office: Office, number: int) -> object:
    seen = (await office.find(number)).digest
    await office.edited(number, "an", name="Tên khác")
    return await office.desk.approve(number, "binh", digest_seen=seen)


async def without_looking(office: Office, number: int) -> object:
    return await office.desk.approve(number, "binh", digest_seen="")


APPROVALS: dict[str, tuple[Attack, str, str]] = {
    "of one's own": (lambda o, n: approve_as(o, n, "an"), "an", "“an” là cán bộ soạn"),
    "by an author who became admin": (by_who_was_an_officer_then, "an", "đã soạn, sửa hoặc trình"),
    "by a co-author": (by_who_edited, "chi", "đã soạn, sửa hoặc trình"),
    "by an earlier author": (by_who_wrote_an_earlier_version, "chi", "đã soạn, sửa hoặc trình"),
    "by the submitter": (by_who_submitted, "chi", "đã soạn, sửa hoặc trình"),
    "by a staff reader": (lambda o, n: approve_as(o, n, "xem"), "xem", "“xem” là người xem"),
    "by a stranger": (lambda o, n: approve_as(o, n, "ai"), "ai", "Không có cán bộ “ai”"),
    "by a disabled officer": (by_who_was_disabled, "binh", "đã ngừng"),
    "replayed": (replayed, "chi", "việc này chỉ làm được khi: chờ duyệt"),
    "replayed after an edit and back": (replayed_after_an_edit_and_back, "binh", "không phải bản đang chờ duyệt"),
    "of a version edited meanwhile": (edited_meanwhile, "binh", "không phải bản đang chờ duyệt"),
    "of a draft": (not_even_submitted, "binh", "bản nháp; việc này chỉ làm được khi: chờ duyệt"),
    "unseen": (without_looking, "binh", "không phải bản đang chờ duyệt"),
}


@pytest.mark.parametrize("name", APPROVALS)
async def test_no_approval(office: Office, name: str) -> None:
    attack, who, line = APPROVALS[name]
    one = await office.submitted()
    assert line in await refused(attack(office, one.id))
    assert (await office.entries(one.id))[-1] == (who, "approve", "refused")
    after = await office.find(one.id)
    assert after.approved_by in ("", "binh" if name == "replayed" else "")
    assert after.state != "scheduled"

"""A draft with faults is not kept: all of them are told at once, each with its remedy."""

from __future__ import annotations

import math

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select

from bot.services.broadcasting.drafting import Draft
from bot.services.broadcasting.model import Body, Policy, Timing
from bot.store.models import broadcasts
from tests.conftest import Clock
from tests.services.office import DRAFT, Office, refused


async def kept(office: Office) -> int:
    async with office.database.connect() as db:
        return (await db.execute(select(func.count()).select_from(broadcasts))).scalar_one()


FAULTY: dict[str, tuple[Draft, str]] = {
    "no name": (replace(DRAFT, name=" "), "Tên: đợt gửi phải có tên"),
    "a long name": (replace(DRAFT, name="x" * 121), "nhiều nhất 120 chữ"),
    "a name of two lines": (replace(DRAFT, name="a\nb"), "trong một dòng"),
    "no such message": (replace(DRAFT, body=Body(("tin.lay",))), "Không có tin “tin.lay”"),
    "an unknown placeholder": (replace(DRAFT, body=Body(text={"vi": "{tuoi}"}, source="TB 1")), "{tuoi}"),
    "a text without source": (replace(DRAFT, body=Body(text={"vi": "Lời"})), "nguồn"),
    "nothing at all": (replace(DRAFT, body=Body()), "Nội dung"),
    "no such field": (replace(DRAFT, segment="hoo = ngheo"), "Nhóm người nhận: Cột 1"),
    "no query": (replace(DRAFT, segment=""), "Nhóm người nhận: Cột 1"),
    "no such saved segment": (replace(DRAFT, segment="@ai-do"), "không có nhóm đã lưu “ai-do”"),
    "everyone": (replace(DRAFT, segment="tat-ca"), "tất cả mọi người (5 người)"),
    "everyone, though another thing is confirmed": (
        replace(DRAFT, segment="tat-ca", policy=Policy(confirmed=("empty",))), "“everyone”",
    ),
    "nobody": (replace(DRAFT, segment="ho = khac"), "chưa có ai"),
    "a broken rule": (replace(DRAFT, timing=Timing(rule="FREQ=NEVER")), "at"),
    "hours that are none": (replace(DRAFT, timing=Timing(opens="25:00")), "opens"),
    "a gap below nothing": (replace(DRAFT, policy=Policy(gap=-1)), "gap"),
    "a gap that is no number": (replace(DRAFT, policy=Policy(gap=math.nan)), "gap"),
    "growth without end": (replace(DRAFT, policy=Policy(growth=math.inf)), "growth"),
    "fewer people than none": (replace(DRAFT, policy=Policy(most=-1)), "most"),
    "no errors allowed at all": (replace(DRAFT, policy=Policy(errors=0)), "errors"),
    "a confirmation of nothing": (replace(DRAFT, policy=Policy(confirmed=("all",))), "“all”"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTY)
async def test_a_fault_is_told_and_nothing_is_kept(office: Office, name: str) -> None:
    draft, line = FAULTY[name]
    assert line in await refused(office.desk.draft(draft, "an"))
    assert await kept(office) == 0
    assert await office.entries() == [("an", "draft", "refused")]


async def test_a_start_in_the_past_is_told(office: Office, clock: Clock) -> None:
    past = replace(DRAFT, timing=Timing(at=clock()))
    clock.advance(days=1)
    assert "at" in await refused(office.desk.draft(past, "an"))


async def test_an_edit_with_faults_leaves_everything_as_it_was(office: Office) -> None:
    one = await office.approved()
    assert "tất cả" in await refused(office.edited(one.id, "an", segment="tat-ca"))
    assert await office.find(one.id) == one


async def test_all_faults_are_told_together(office: Office) -> None:
    worst = Draft("", Body(("tin.lay", "tin.lai")), "hoo = ngheo", Timing(opens="7"), Policy(gap=-1, growth=7))
    told = await refused(office.desk.draft(worst, "an"))
    assert [line.split(":")[0].split(" ")[0] for line in told.splitlines()] == [
        "Tên", "Không", "Giờ", "Khoảng", "Mức", "Nhóm",
    ]  # fmt: skip


@pytest.mark.parametrize(("segment", "word", "audience"), [("tat-ca", "everyone", 5), ("ho = khac", "empty", 0)])
async def test_what_is_rarely_meant_goes_through_when_confirmed(
    office: Office, segment: str, word: str, audience: int
) -> None:
    one = await office.submitted(replace(DRAFT, segment=segment, policy=Policy(confirmed=(word,))))
    assert (one.state, one.audience) == ("submitted", audience)


async def test_a_saved_segment_that_is_everyone_asks_as_well(office: Office) -> None:
    await office.save("het", "tat-ca")
    assert "“everyone”" in await refused(office.desk.draft(replace(DRAFT, segment="@het"), "an"))


async def test_an_audience_that_became_empty_is_asked_about_when_it_is_submitted(office: Office) -> None:
    await office.save("nhom", "ho = ngheo")
    one = await office.desk.draft(replace(DRAFT, segment="@nhom"), "an")
    await office.save("nhom", "ho = khac")
    assert "chưa có ai" in await refused(office.desk.submit(one.id, "an"))
    assert (await office.find(one.id)).state == "draft"

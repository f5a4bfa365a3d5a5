"""The composer: what is wrong stands beside its field, what was typed is kept, and two editors don't lose a word."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from bot.services.broadcasting.drafting import draft_of
from bot.services.broadcasting.model import Body, Timing
from tests.console.composing import drafted, form_of, saved, text_of
from tests.console.office import Console
from tests.services.office import DRAFT

OWN = replace(DRAFT, body=Body(text={"vi": "Lớp nghề mở ngày mai."}, source="Thông báo 12/TB-UBND"))


def beside(page: str, field: str) -> str:
    """What is told in words beside *field*, which says itself that it is wrong."""
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', page), f"{field} isn't marked"
    [told] = re.findall(rf'id="h-{field}">\s*<p class="wrong">([^<]+)', page)
    return str(told)


@pytest.mark.parametrize(("field", "typed", "told"), [
    ("name", "", "phải có tên"),
    ("name", "Tên dài " * 20, "nhiều nhất 120 chữ"),
    ("source", "", "nói rõ nguồn"),
    ("text-vi", "Mời {tenn}.", "không có chỗ điền {tenn}"),
    ("segment", "ho = ngeo", "Gần nhất: ngheo"),
    ("opens", "25:00", "Viết hai giờ khác nhau"),
    ("shelf_life", "mãi mãi", "Viết một số, ví dụ 72"),
    ("grace", "-1", "từ 0 đến"),
    ("gap", "9999", "từ 0 đến 720 giờ"),
    ("growth", "250", "từ 0 đến 100"),
    ("not_after", "hôm qua", "ví dụ 30/11/2026 9:00"),
])  # fmt: skip
async def test_a_fault_stands_beside_its_field_and_what_was_typed_is_kept(
    console: Console, field: str, typed: str, told: str
) -> None:
    answer = await console.post("/broadcasts", fields=form_of(OWN, **{field: typed}))
    assert answer.status == 422
    assert told in beside(answer.text, field)
    for kept in (typed.strip(), "Lớp nghề mở ngày mai." if field != "text-vi" else typed):
        assert kept in answer.text
    assert await console.office.entries() == []


async def test_all_faults_are_told_at_once(console: Console) -> None:
    form = form_of(OWN, name="", source="", segment="xa = Atlantis", when="once", at="", gap="x")
    answer = await console.post("/broadcasts", fields=form)
    assert "còn 5 chỗ phải sửa" in text_of(answer)
    assert "Chọn ngày giờ bắt đầu" in beside(answer.text, "at")


@pytest.mark.parametrize(("segment", "box"), [("tat-ca", "everyone"), ("ho = khac", "empty")])
async def test_what_is_rarely_meant_is_asked_for_in_so_many_words(console: Console, segment: str, box: str) -> None:
    asked = await console.post("/broadcasts", fields=form_of(OWN, segment=segment))
    assert (asked.status, f'name="{box}"' in asked.text) == (422, True)
    kept = await console.post("/broadcasts", fields=form_of(OWN, segment=segment, **{box: "1"}))
    assert kept.status == 303
    assert f'name="{box}"' not in (await console.get("/broadcasts/new")).text


async def test_only_an_admin_marks_it_urgent(console: Console) -> None:
    refused = await console.post("/broadcasts", fields=form_of(OWN, urgent="1"))
    assert (refused.status, "Chỉ quản trị được đánh dấu khẩn" in refused.text) == (422, True)
    assert 'name="urgent"' not in (await console.get("/broadcasts/new")).text
    assert (await console.post("/broadcasts", "dung", form_of(OWN, urgent="1"))).status == 303


async def test_two_editors_the_second_is_told_and_both_texts_are_there(console: Console) -> None:
    one = await drafted(console, OWN)
    assert (await saved(console, one, "binh", **{"text-vi": "Lời của Bình."})).status == 303
    clash = await saved(console, one, "an", **{"text-vi": "Lời của An.", "name": "Tên của An"})
    assert clash.status == 409
    told = text_of(clash)
    for both in ("“binh” đã lưu bản 2", "Lời của Bình.", "Lời của An.", "Tên của An", "Lưu đè lên bản kia"):
        assert both in told or both in clash.text
    assert (await console.office.find(one.id)).body.text == {"vi": "Lời của Bình."}
    seen = re.findall(r'name="version_seen" value="(\d+)"', clash.text)
    typed = {"version_seen": seen[0], "text-vi": "Lời của An.", "name": "Tên của An"}
    form = form_of(draft_of(one), **typed)
    assert (await console.post(f"/broadcasts/{one.id}", "an", form)).status == 303  # one more press
    now = await console.office.find(one.id)
    assert (now.body.text, now.name, now.authors) == ({"vi": "Lời của An."}, "Tên của An", ("an", "binh"))


async def test_saving_what_is_unchanged_says_so(console: Console) -> None:
    one = await drafted(console, OWN)
    answer = await saved(console, one)
    assert (answer.status, "không khác gì" in answer.text) == (422, True)


async def test_an_approved_broadcast_that_is_edited_is_a_draft_again(console: Console) -> None:
    one = await console.office.approved()
    assert "phải trình và duyệt lại" in text_of(await console.get(f"/broadcasts/{one.id}/edit"))
    assert (await saved(console, one, name="Tên khác")).status == 303
    assert ((await console.office.find(one.id)).state, (await console.office.find(one.id)).digest) == ("draft", "")


async def test_a_repeated_one_is_chosen_in_plain_words(console: Console) -> None:
    weekly = {"when": "rule", "at": "2026-11-30T09:00", "repeat": "weekly", "days": ["MO", "TH"], "ends": "until"}
    missing = await console.post("/broadcasts", fields=form_of(OWN) | weekly)
    assert "Chọn ngày cuối cùng còn gửi" in beside(missing.text, "until")
    kept = await console.post("/broadcasts", fields=form_of(OWN) | weekly | {"until": "2026-12-31"})
    one = await console.office.find(int(kept.to.split("/")[2]))
    assert one.timing.rule == "FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20261231"
    said = "Thứ Hai và thứ Năm hằng tuần lúc 9:00, từ 30/11/2026 đến 31/12/2026; gửi từ 7:00 đến 20:30"
    assert said in text_of(await console.get(f"/broadcasts/{one.id}/preview"))


async def test_the_phone_shows_what_would_be_sent_while_one_types(console: Console) -> None:
    form = form_of(OWN, **{"text-vi": "Chào {ten}, **lớp nghề** mở."})
    look = await console.post("/broadcasts/look", fields=form, piece=True)
    assert "Chào Nguyễn Thị Hoa, <strong>lớp nghề</strong> mở." in look.text
    assert "Theo: Thông báo 12/TB-UBND." in text_of(look)
    sent = await console.post("/broadcasts/look", fields=form_of(DRAFT), piece=True)
    assert "Lãi là 6%." in text_of(sent)
    empty = await console.post("/broadcasts/look", fields={"kind": "text"}, piece=True)
    assert (empty.status, "tin sẽ hiện ở đây" in empty.text) == (200, True)


async def test_conditions_are_added_without_a_script_and_nothing_typed_is_lost(console: Console) -> None:
    form = form_of(OWN) | {"build": "add", "b-subject": "xa", "b-value": "xã Một", "b-join": "and"}
    page = await console.post("/broadcasts/build", fields=form)
    assert "ho = ngheo va xa = 1</textarea>" in page.text
    assert "Lớp nghề mở ngày mai." in page.text


async def test_markup_in_names_and_texts_is_only_text(console: Console) -> None:
    evil = "<script>alert(1)</script>"
    draft = replace(OWN, name=evil, body=Body(text={"vi": f"{evil} [x](javascript:alert(1))"}, source=evil))
    one = await drafted(console, draft)
    look = await console.post("/broadcasts/look", fields=form_of(draft), piece=True)
    paths = ("/broadcasts", f"/broadcasts/{one.id}", f"/broadcasts/{one.id}/preview", "/broadcasts/calendar")
    for page in (look, *[await console.get(path) for path in paths]):
        assert evil not in page.text
        assert 'href="javascript:' not in page.text
        assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"]


async def test_an_earlier_one_can_be_written_anew(console: Console) -> None:
    one = await drafted(console, replace(OWN, timing=Timing(opens="08:00")))
    page = await console.get(f"/broadcasts/new?like={one.id}")
    assert "Lớp nghề mở ngày mai." in page.text
    assert 'value="08:00"' in page.text
    assert 'name="version_seen" value="0"' in page.text

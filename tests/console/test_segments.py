"""Saved segments on their pages: who that is in words, how many, and who may change what others rely on."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.console.composing import drafted, text_of
from tests.console.office import Console
from tests.console.test_broadcasts_area import add_officer
from tests.services.office import DRAFT


async def entries_of(console: Console) -> list[tuple[str, str, str]]:
    return [entry for entry in await console.office.entries() if entry[1].startswith("segment.")]


async def test_a_query_is_named_changed_renamed_and_struck(console: Console) -> None:
    assert "Chưa có nhóm nào" in (await console.get("/segments")).text
    made = await console.post("/segments", fields={"name": "ngheo", "segment": "Hộ = 'nghèo'"})
    assert made.to == "/segments/ngheo"
    page = text_of(await console.get("/segments/ngheo"))
    assert "Hộ nghèo" in page
    assert "ho = ngheo" in page
    assert (await console.post("/segments/ngheo", fields={"segment": "ho = ngheo va xa = 1"})).status == 303
    assert "Hộ nghèo ở xã Một" in text_of(await console.get("/segments", "xem"))
    assert (await console.post("/segments/ngheo/rename", fields={"to": "ngheo-mot"})).to == "/segments/ngheo-mot"
    assert (await console.get("/segments/ngheo")).status == 404
    assert (await console.post("/segments/ngheo-mot/delete")).to == "/segments"
    acts = ["save", "save", "rename", "delete"]
    assert await entries_of(console) == [("an", f"segment.{act}", "done") for act in acts]


@pytest.mark.parametrize(("name", "segment", "told"), [
    ("Nghèo", "ho = ngheo", "chữ thường không dấu"),
    ("", "ho = ngheo", "chữ thường không dấu"),
    ("da-co", "ho = khac", "Đã có nhóm @da-co"),
    ("moi", "ho = ngeo", "Gần nhất: ngheo"),
    ("moi", "", "câu còn trống"),
])  # fmt: skip
async def test_what_cant_be_kept_is_told_and_stays_in_the_form(
    console: Console, name: str, segment: str, told: str
) -> None:
    await console.office.save("da-co", "ho = ngheo")
    answer = await console.post("/segments", fields={"name": name, "segment": segment})
    assert (answer.status, told in text_of(answer)) == (422, True)
    assert f"{segment}</textarea>" in answer.text
    assert f'name="name" type="text" value="{name}"' in answer.text
    assert (await entries_of(console))[-1] == ("an", "segment.save", "refused")


async def test_what_a_broadcast_calls_isnt_struck_or_renamed(console: Console) -> None:
    await console.office.save("ngheo", "ho = ngheo")
    one = await drafted(console, replace(DRAFT, segment="@ngheo"))
    assert f"Đợt gửi {one.id} đang gọi nhóm này" in text_of(await console.get("/segments/ngheo"))
    for act, fields in (("delete", {}), ("rename", {"to": "khac"})):
        refused = await console.post(f"/segments/ngheo/{act}", fields=fields)
        assert (refused.status, f"Đợt gửi {one.id} đang gọi nhóm @ngheo" in refused.text) == (422, True)
    await console.office.desk.cancel(one.id, "an")
    assert (await console.post("/segments/ngheo/delete")).status == 303


async def test_who_works_for_a_commune_changes_only_their_own(console: Console) -> None:
    await console.office.save("chung", "ho = ngheo")
    await add_officer(console, "mot", "officer", "1")
    assert "<textarea" not in (await console.get("/segments/chung", "mot")).text
    for act in ("", "/rename", "/delete"):
        refused = await console.post(f"/segments/chung{act}", "mot", {"segment": "ho = khac", "to": "khac"})
        assert (refused.status, "nhờ người phụ trách cả thành phố" in refused.text) == (422, True)
    assert (await console.post("/segments", "mot", {"name": "rieng", "segment": "xa = 1"})).status == 303
    assert (await console.post("/segments/rieng/delete", "mot")).status == 303


async def test_the_count_moves_while_one_writes_and_a_slip_is_shown_in_its_place(console: Console) -> None:
    async with console.database.begin() as db:
        for number in range(10, 17):
            await console.office.admit(db, number, "2", "ngheo")
    counted = await console.post("/segments/count", "xem", {"segment": "ho = ngheo va xa = 2"}, piece=True)
    assert "Hộ nghèo ở xã Hai" in counted.text
    assert "8 người nhận được" in text_of(counted)
    slip = await console.post("/segments/count", fields={"segment": "ho = ngheo va ho = ngeo"}, piece=True)
    assert "ho = ngheo va ho = <mark>ngeo</mark>" in slip.text
    assert 'value="=ho = ngheo va ho = ngheo"' in slip.text  # one press puts the nearest in its place
    empty = await console.post("/segments/count", fields={"segment": ""}, piece=True)
    assert "Chưa có điều kiện nào" in empty.text


async def test_few_people_are_never_told_apart(console: Console) -> None:
    async with console.database.begin() as db:
        for number in range(10, 30):
            await console.office.admit(db, number, "2", "ngheo")
    counted = text_of(await console.post("/segments/count", fields={"segment": "ho = ngheo"}, piece=True))
    assert "24 người nhận được" in counted
    assert "Xã Một dưới 5" in counted  # three people
    assert "Xã Hai không nêu" in counted  # else the three could be worked out
    assert " 21 " not in counted


@pytest.mark.parametrize(("picked", "query"), [
    ({"b-subject": "xa", "b-value": "xã Hai"}, "ho = ngheo va xa = 2"),
    ({"b-subject": "xa", "b-value": "2", "b-join": "or"}, "ho = ngheo hoac xa = 2"),
    ({"b-subject": "da-toi", "b-value": "hoi-y", "b-days": "7", "b-not": "1"},
     "ho = ngheo va khong da-toi hoi-y trong 7 ngay"),
    ({"b-subject": "gap-cuoi", "b-days": "30"}, "ho = ngheo va gap-cuoi trong 30 ngay"),
])  # fmt: skip
async def test_the_menus_write_the_query(console: Console, picked: dict[str, str], query: str) -> None:
    fields = {"segment": "ho = ngheo", "build": "add", **picked}
    piece = await console.post("/segments/build", fields=fields, piece=True)
    assert f"{query}</textarea>" in piece.text
    assert "<html" not in piece.text
    page = await console.post("/segments/build", fields=fields)  # without a script
    assert f"{query}</textarea>" in page.text
    assert "<html" in page.text


@pytest.mark.parametrize(("picked", "told"), [
    ({"b-subject": "xa", "b-value": "Atlantis"}, "không phải là giá trị của xa"),
    ({"b-subject": "xa", "b-value": ""}, "Chọn hoặc viết một giá trị"),
    ({"b-subject": "sao-hoa", "b-value": "1"}, "Chọn một điều kiện trong danh sách"),
    ({"b-subject": "gap-dau", "b-days": "nhiều"}, "Cột"),
])  # fmt: skip
async def test_what_the_menus_cant_add_leaves_the_query_alone(
    console: Console, picked: dict[str, str], told: str
) -> None:
    fields = {"segment": "ho = ngheo", "build": "add", **picked}
    piece = await console.post("/segments/build", fields=fields, piece=True)
    assert "ho = ngheo</textarea>" in piece.text
    assert told in piece.text


async def test_a_condition_is_taken_out_by_its_button(console: Console) -> None:
    page = await console.get("/segments/new?query=ho+%3D+ngheo+va+xa+%3D+1")
    assert 'value="=xa = 1"' in page.text
    fields = {"segment": "ho = ngheo va xa = 1", "build": "=xa = 1"}
    piece = await console.post("/segments/build", fields=fields, piece=True)
    assert ">xa = 1</textarea>" in piece.text


async def test_markup_in_a_query_is_only_text(console: Console) -> None:
    evil = 'nguon = "<script>alert(1)</script>"'
    assert (await console.post("/segments", fields={"name": "xau", "segment": evil})).status == 303
    counted = await console.post("/segments/count", fields={"segment": f"{evil} va <b>"}, piece=True)
    for page in (counted, await console.get("/segments"), await console.get("/segments/xau")):
        assert "<script>alert" not in page.text
        assert "<b>" not in page.text

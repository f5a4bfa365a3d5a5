"""Numbers that people tell by the way: read, used where a dialog asks for them, said back, put right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.amounts import amounts_in
from bot.engine.events import FieldChanged, Typed
from bot.engine.stated import INCOME, LOAN, MONTHS, PEOPLE, digits_of, stated_in, with_numbers
from tests.engine.household import Household
from tests.shipped import library_of, shipped

LOANS = """
dialog: vay
title: Vay vốn
topic: true
words: [vay vốn, muốn vay]
nodes:
  hoi: {ask: Tính thử chứ?, choices: [{label: Tính, go: bao-nhieu}, {label: Nghỉ, go: het}]}
  bao-nhieu: {ask: "Cần mấy triệu đồng? Ví dụ 20.", type: number, field: vay-trieu, low: 1, high: 1000, give_up: hoi, next: may-thang}
  may-thang: {ask: "Trả trong mấy tháng?", type: number, field: vay-thang, low: 1, high: 240, give_up: hoi, next: chia}
  chia: {say: [{text: "Mỗi tháng {vay-trieu/vay-thang}."}, {text: "Nhà {so-nguoi} người."}], next: hoi}
  het: {say: [{text: Vâng.}], end: true}
"""  # noqa: E501


def filled(text: str, **fields: str) -> str:
    return with_numbers(text, fields, lambda _field, value: digits_of(value, "vi"))


def at_loans() -> Household:
    return Household(library_of({"vay": LOANS}))


@pytest.mark.parametrize(
    ("said", "stated"),
    [
        ("nhà 4 người, mỗi tháng 6 triệu", {PEOPLE: "4", INCOME: "6"}),
        ("nhà tôi có bốn người, tháng kiếm được 6 triệu rưỡi", {PEOPLE: "4", INCOME: "6.5"}),
        ("nha 5 khau thu nhap 7tr", {PEOPLE: "5", INCOME: "7"}),
        ("gia đình 3 miệng ăn, 6 triệu một tháng", {PEOPLE: "3", INCOME: "6"}),
        ("lương 5tr5/tháng", {INCOME: "5.5"}), ("cả nhà mỗi tháng 900 nghìn", {INCOME: "0.9"}),
        ("tôi muốn vay 50 triệu trả trong 3 năm", {LOAN: "50", MONTHS: "36"}),
        ("muon vay 20tr tra trong 24 thang", {LOAN: "20", MONTHS: "24"}),
        ("vay 50 triệu, mỗi tháng trả 2 triệu", {LOAN: "50"}),
        ("mỗi tháng thu 6 triệu, xin vay 30 triệu", {INCOME: "6", LOAN: "30"}),
        ("nhà có 2 người già", {}), ("nhà có 2 người con đi học", {}), ("mỗi người 2 triệu một tháng", {}),
        ("đang nợ vay 40 triệu", {}), ("mẹ tôi 78 tuổi", {}), ("năm 2027", {}), ("4 người", {}),
        ("vay 20 triệu hay vay 30 triệu", {}), ("6 triệu", {}), ("", {}), ("bảo hiểm y tế", {}),
    ],
)  # fmt: skip
def test_what_is_told_by_the_way_is_read_and_what_may_mean_two_things_is_not(
    said: str, stated: dict[str, str]
) -> None:  # fmt: skip
    assert stated_in(said) == stated


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    assert all(amount.value >= 0 for amount in amounts_in(text))
    assert all(value for value in stated_in(text).values())


def test_a_number_told_before_is_said_back_where_it_is_asked_for() -> None:
    person = at_loans().say("tôi muốn vay 50 triệu trả trong 36 tháng")
    assert person.at == ("vay", "hoi")
    person.say("1")
    assert [event.node for event in person.all(Typed)] == ["bao-nhieu", "may-thang"]
    assert person.has(FieldChanged("vay-trieu", "50"))
    told = "Cần mấy triệu đồng? Bà con đã nói: 50.\n\nTrả trong mấy tháng? Bà con đã nói: 36.\n\nTôi ghi vậy."
    assert person.text.startswith(told)
    assert person.text.count("quay lại") == 1
    assert "Mỗi tháng 1,39 triệu đồng." in person.text
    assert "Nhà" not in person.text
    person = at_loans().say("muốn vay 20 triệu trả trong 24 tháng").say("1")
    assert "Mỗi tháng 830.000 đồng." in person.text


def test_back_leads_to_the_question_and_what_is_typed_there_counts() -> None:
    person = at_loans().say("muốn vay 50 triệu").say("1")
    assert person.at == ("vay", "may-thang")
    assert person.say("quay lại").at == ("vay", "bao-nhieu")
    assert person.say("30").has(FieldChanged("vay-trieu", "30"))
    assert person.say("quay lại").say("quay lại").at == ("vay", "hoi")


def test_what_was_told_counts_once() -> None:
    person = at_loans().say("muốn vay 50 triệu").say("1").say("24")
    assert person.at == ("vay", "hoi")
    assert person.say("1").at == ("vay", "bao-nhieu")


def test_a_number_that_the_question_does_not_take_is_asked_for() -> None:
    assert at_loans().say("muốn vay 5 tỷ").say("1").at == ("vay", "bao-nhieu")


def test_of_several_numbers_each_answers_its_own_question() -> None:
    person = at_loans().say("muốn vay").say("1").say("trả trong 2 năm, tôi vay 40 triệu")
    assert person.person.fields["vay-trieu"] == "40"
    assert person.person.fields["vay-thang"] == "24"


@pytest.mark.parametrize(
    ("typed", "field"), [("6,5", "6.5"), ("6 triệu rưỡi", "6.5"), ("20", "20"), ("20 triệu", "20")]
)
def test_where_millions_are_asked_for_a_part_of_one_is_taken(typed: str, field: str) -> None:
    assert at_loans().say("muốn vay").say("1").say(typed).has(FieldChanged("vay-trieu", field))


def test_words_that_count_with_an_unknown_number_are_not_said() -> None:
    assert filled("Nhà {so-nguoi} người.") == ""
    assert filled("{a/b}", a="1", b="0") == ""
    assert filled("{a}", a="6 triệu") == ""
    assert filled("{a/b}, {a}, {a}", a="6.5", b="4.5") == "1,44, 6,5, 6,5"


def test_numbers_are_written_as_the_language_does() -> None:
    assert [digits_of(value, "vi") for value in (1.5, 830_000, 4, 0)] == ["1,5", "830.000", "4", "0"]
    assert [digits_of(value, "en") for value in (1.5, 830_000, 4, 0)] == ["1.5", "830,000", "4", "0"]


def test_where_a_dialog_asks_for_the_number_it_is_taken_at_once() -> None:
    person = at_loans().say("vay vốn").say("chắc muốn vay 50 triệu")
    assert person.at == ("vay", "may-thang")
    assert person.person.fields["vay-trieu"] == "50"
    person = at_loans().say("vay vốn").say("trả trong 24 tháng")
    assert person.at == ("vay", "bao-nhieu"), "what comes before it is asked for first"
    assert person.say("20").person.fields["vay-thang"] == "24"


def test_a_household_that_told_its_numbers_hears_what_each_has() -> None:
    person = Household(shipped(), {"ho": "can-ngheo"}).start("tieu-chuan")
    assert "Chia đều" not in person.text
    person.say("nhà tôi 4 người, cả nhà mỗi tháng được 6 triệu")
    assert "Nhà mình 4 người, mỗi tháng thu 6 triệu đồng. Chia đều, mỗi người khoảng 1,5 triệu đồng." in person.text
    assert person.at == ("tieu-chuan", "hoi")


def test_who_tells_them_with_the_question_hears_it_at_once() -> None:
    person = Household(shipped(), {"ho": "khac"}).say("chuẩn nghèo: nhà 4 khẩu, mỗi tháng 6 triệu")
    assert person.at == ("tieu-chuan", "hoi")
    assert "mỗi người khoảng 1,5 triệu đồng" in person.text

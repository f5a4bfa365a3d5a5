"""Vietnamese made comparable, and numbers that pick something out."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.words import fold, number_named, plain

VIETNAMESE = st.text(
    "aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ ,.!?0123456789"
)


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert plain(plain(text)) == plain(text)


@given(VIETNAMESE)
def test_case_and_composition_make_no_difference(text: str) -> None:
    spellings = [unicodedata.normalize(form, shape) for form in ("NFC", "NFD") for shape in (text, text.upper())]
    assert {fold(spelling) for spelling in spellings} == {fold(text)}
    assert {plain(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")} == {plain(text)}


@given(st.text())
def test_what_is_folded_is_plain_ascii_words(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())
    assert not folded or folded.replace(" ", "").isalnum()
    assert folded.isascii()


@pytest.mark.parametrize(
    ("typed", "folded"),
    [("Vay VỐN!", "vay von"), ("đường Đê", "duong de"), ("  hai\n dòng ", "hai dong"), ("①②", "12"), ("…", "")],
)
def test_folding(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("2", 2), ("2.", 2), (" 02 ", 2), ("số 2", 2), ("so 2", 2), ("câu 3", 3), ("cái thứ ba", 3), ("mục một", 1),
        ("ý thứ nhất", 1), ("chọn 4", 4), ("chọn bốn", 4), ("phần thứ tư", 4), ("12", 12), ("0", 0), ("①", 1),
        ("2️⃣", 2), ("２", 2), ("(2)", 2), ("so2", 2), ("dạ số 2 ạ", 2), ("em chọn cái thứ hai nhé cô", 2),
        ("thứ 3", 3), ("bấm phím 4", 4), ("lựa chọn số hai", 2), ("cái đầu", 1), ("cai dau tien", 1),
        ("ý cuối cùng", 7),
        ("chon cai cuoi", 7), ("năm", 5), ("sáu", 6), ("sau", 6), ("hai ạ", 2),
        ("2 người", None), ("hai con", None), ("100", None), ("vay vốn", None), ("", None), ("ba mẹ", None),
        ("đâu", None), ("bà", None), ("Nam", 5), ("Nám", None), ("để sau", None), ("nhất", None), ("dau", None),
        ("1 và 2", None), ("10-15", None), ("1,5", None), ("cho em hỏi", None),
    ],
)  # fmt: skip
def test_a_number_may_be_named_in_many_ways(typed: str, number: int | None) -> None:
    assert number_named(typed, 7) == number


def test_of_nobody_knows_how_many_there_is_no_last_one() -> None:
    assert number_named("cái cuối") is None

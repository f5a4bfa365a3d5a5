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
        ("2 người", None), ("hai con", None), ("100", None), ("vay vốn", None), ("", None), ("ba mẹ", None),
    ],
)  # fmt: skip
def test_a_number_may_be_named_in_many_ways(typed: str, number: int | None) -> None:
    assert number_named(typed) == number

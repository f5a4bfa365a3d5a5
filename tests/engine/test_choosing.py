"""Which of the choices on offer an answer means: by its label in any spelling, by its number, by words of it."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.checks.table import check_library
from bot.engine.choosing import option_meant, option_named
from bot.engine.model import Option, Target
from tests.shipped import library_of, shipped

TODAY = date(2026, 11, 23)


def options(*labels: str) -> list[Option]:
    return [Option(label, label, Target(node="n"), label) for label in labels]


LOANS = options("Vay được bao nhiêu", "Cách làm hồ sơ", "Gặp cán bộ", "Váy đẹp", "Không, cảm ơn")
TOPICS = options("Vay vốn", "Vay vốn học nghề", "Việc làm", "Thẻ bảo hiểm y tế", "Trợ cấp hằng tháng", "Nhà ở")


def named(choices: list[Option], typed: str) -> str | None:
    found = option_named(shipped(), choices, typed, "vi")
    return found.label if found else None


def meant(choices: list[Option], typed: str) -> str | None:
    found = option_meant(shipped(), choices, typed, "vi")
    return found.label if found else None


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("Vay được bao nhiêu", "Vay được bao nhiêu"), ("vay duoc bao nhieu?", "Vay được bao nhiêu"),
        ("VAY ĐƯỢC BAO NHIÊU", "Vay được bao nhiêu"), ("vay dc bn", "Vay được bao nhiêu"),
        ("vay dduwowcj bao nhieeu", "Vay được bao nhiêu"), ("vayduocbaonhieu", "Vay được bao nhiêu"),
        ("vay được bao nhiêu ạ", "Vay được bao nhiêu"), ("cho em hỏi cách làm hồ sơ với ạ", "Cách làm hồ sơ"),
        ("2", "Cách làm hồ sơ"), ("số 2", "Cách làm hồ sơ"), ("số 2 ạ", "Cách làm hồ sơ"), ("②", "Cách làm hồ sơ"),
        ("2️⃣", "Cách làm hồ sơ"), ("em chọn cái thứ hai nhé", "Cách làm hồ sơ"), ("cai dau tien", "Vay được bao nhiêu"),
        ("chonj soos 2", "Cách làm hồ sơ"),
        ("cái cuối", "Không, cảm ơn"), ("cuối cùng", "Không, cảm ơn"), ("câu cuối cùng", "Không, cảm ơn"),
        ("2. Cách làm hồ sơ", "Cách làm hồ sơ"), ("2 cach lam ho so", "Cách làm hồ sơ"), ("3 Cách làm hồ sơ", None),
        ("9", None), ("0", None), ("hồ sơ", None), ("trời mưa", None), ("", None), ("2 người", None),
    ],
)  # fmt: skip
def test_an_option_may_be_named_by_its_label_or_number(typed: str, label: str | None) -> None:
    assert named(LOANS, typed) == label


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("làm hồ sơ", "Cách làm hồ sơ"), ("lam ho so", "Cách làm hồ sơ"), ("lm hso", "Cách làm hồ sơ"),
        ("cho tôi xem cách làm hồ sơ với", "Cách làm hồ sơ"), ("không", "Không, cảm ơn"), ("khong", "Không, cảm ơn"),
        ("hồ sơ làm cách nào", "Cách làm hồ sơ"), ("hồ sơ cách làm", "Cách làm hồ sơ"),
        ("cách làm hò xơ", "Cách làm hồ sơ"),
        ("gap cna bo", "Gặp cán bộ"), ("vay duoc bao nhiue", "Vay được bao nhiêu"),
        ("khổng", None), ("bao", None), ("2", None), ("trời mưa", None), ("", None), ("làm", None),
    ],
)  # fmt: skip
def test_an_option_may_be_meant_by_words_that_only_it_has(typed: str, label: str | None) -> None:
    assert meant(LOANS, typed) == label


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("tôi muốn vay vốn học nghề", "Vay vốn học nghề"), ("toi muon vay von", "Vay vốn"),
        ("hỏi về thẻ bhyt", "Thẻ bảo hiểm y tế"), ("học nghề", "Vay vốn học nghề"), ("trợ cấp", "Trợ cấp hằng tháng"),
        ("em không vay vốn đâu", None), ("không phải việc làm", None), ("vay vốn với việc làm", None),
        ("trợ cấp hàng thnág", "Trợ cấp hằng tháng"),
    ],
)  # fmt: skip
def test_longer_evidence_beats_shorter_and_a_refusal_is_none(typed: str, label: str | None) -> None:
    assert (named(TOPICS, typed) or meant(TOPICS, typed)) == label


def test_diacritics_decide_between_labels_that_fold_alike() -> None:
    pair = options("Vay", "Váy", "Khác")
    assert [named(pair, typed) for typed in ("vay", "VÁY", "vaý", "vays", "vày")] == ["Vay", "Váy", "Váy", "Váy", None]


def test_a_word_that_answers_means_only_a_label_that_begins_with_it() -> None:
    places = options("Nộp ở xã khác được không", "Nộp ở đâu")
    assert [meant(places, typed) for typed in ("không", "khong a", "thôi", "xã khác")] == [
        None,
        None,
        None,
        places[0].label,
    ]


def test_between_labels_that_are_one_slip_apart_a_slip_decides_nothing() -> None:
    pair = options("Vay vốn nuôi gà", "Vay vốn nuôi bò")
    assert meant(pair, "vay vốn nuôi gò") is None
    assert meant(pair, "vay vốn nuooi gà") == "Vay vốn nuôi gà"


SPELLINGS = [
    str.upper, str.lower, lambda text: unicodedata.normalize("NFD", text), lambda text: f"{text} ạ",
    lambda text: f"dạ cho em {text} với", lambda text: f"  {text}!!!", lambda text: text + text[-1] * 3,
]  # fmt: skip


@given(st.sampled_from(TOPICS), st.sampled_from(SPELLINGS), st.sampled_from(SPELLINGS))
def test_case_composition_and_courtesy_never_change_what_is_chosen(option: Option, one, other) -> None:  # type: ignore[no-untyped-def]
    assert named(TOPICS, one(other(option.label))) == option.label


@given(st.sampled_from(TOPICS), st.integers(1, 40), st.sampled_from("abcdeghiklmnopqrstuvxy"))
def test_one_slip_in_a_label_of_six_letters_or_more_still_means_it(option: Option, at: int, letter: str) -> None:
    at %= len(option.label)
    typed = option.label[:at] + letter + option.label[at + 1 :]
    if len(option.label) > 8 and option.label[at] != " ":
        assert (named(TOPICS, typed) or meant(TOPICS, typed)) == option.label


def test_siblings_that_are_one_once_their_spelling_is_repaired_are_an_error() -> None:
    menu = """
dialog: menu
title: Trang chính
nodes:
  hoi:
    ask: Bà con thuộc hộ nào?
    choices:
      - {label: Hộ nghèo, go: hoi}
      - {label: Hộ ngèo, go: hoi}
      - {label: Hộ khác, go: hoi}
"""
    found = [finding for finding in check_library(library_of({"menu": menu}), TODAY) if finding.rule == "sibling-fold"]
    assert [finding.line for finding in found] == [9]

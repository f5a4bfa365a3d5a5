"""What is taken for danger, and what isn't: on sentences that nothing was learnt from, and on what must never fail."""

from __future__ import annotations

import json
import unicodedata
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.understanding.danger import danger_in, signs_of_danger
from bot.library.dangers import FOLDER
from bot.library.learning.danger import Typing, load_shorts
from bot.library.learning.sentences import without_marks
from tests.shipped import ROOT, shipped

HELD_OUT = [
    json.loads(line) for line in (ROOT / "tests/fixtures/understanding/danger.jsonl").read_text("utf-8").splitlines()
]
"""Learnt from by nothing. What is no danger in it is about the same things. At the first look 34 of 40 cries and 2 of
50 others alarmed; six gaps in the groups of words were filled since."""
LEARNT = sorted(
    line for file in (ROOT / "content" / FOLDER).glob("*.txt") if file.stem != "khong"
    for line in file.read_text("utf-8").splitlines()
)  # fmt: skip


def kind_of(text: str) -> str:
    found = danger_in(shipped(), text)
    return found.kind if found else ""


def hurried(text: str) -> str:
    return Typing(shipped().spellings, load_shorts(ROOT / "content")).ways(text)[2]


@pytest.mark.parametrize(
    ("way", "least", "most"),
    [(str, 0.92, 0.08), (without_marks, 0.92, 0.1), (hurried, 0.85, 0.1)], ids=["text", "bare", "hurried"],
)  # fmt: skip
def test_what_was_never_seen_is_recognised(way: object, least: float, most: float) -> None:
    assert callable(way)
    cries = [kind_of(way(one["text"])) for one in HELD_OUT if one["kind"]]
    calm = [kind_of(way(one["text"])) for one in HELD_OUT if not one["kind"]]
    assert sum(map(bool, cries)) / len(cries) >= least
    assert sum(map(bool, calm)) / len(calm) <= most


def test_nearly_everybody_is_told_the_number_for_what_happens_to_them() -> None:
    told = [(kind_of(one["text"]), one["kind"]) for one in HELD_OUT if one["kind"]]
    alarmed = [(found, kind) for found, kind in told if found]
    assert sum(found == kind for found, kind in alarmed) / len(alarmed) >= 0.85


@pytest.mark.parametrize("text", LEARNT[::7])
def test_what_was_learnt_is_kept(text: str) -> None:
    assert kind_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "nóng chết đi được", "đói muốn chết", "cười chết mất thôi", "buồn ngủ muốn chết", "cháy túi rồi", "lãi cắt cổ",
        "chồng đánh bạc", "con tôi đi đánh giày", "bị đánh trượt hộ nghèo", "giá rẻ chết người", "xe chết máy",
        "gà chết hết rồi", "cứu đói ở đâu", "giải cứu dưa hấu", "bạn bè tôi", "tôi muốn bán lợn",
        "chồng tôi mất năm ngoái", "bố mẹ cháu mất rồi, cháu ở với bà", "ngày xưa chồng hay đánh, nay ly hôn lâu rồi",
        "năm ngoái nhà cháy, giờ làm lại", "nợ ngân hàng năm mươi triệu", "nợ nhiều quá không biết trả sao",
        "xem phim có cảnh giết người", "trên tivi đưa tin cháy nhà", "số 113 là số gì", "phòng cháy chữa cháy",
        "thuốc trừ sâu cho lúa", "con sốt nhẹ", "mẹ tôi bị cao huyết áp", "tiền mai táng cho bố", "thoát nghèo",
        "vay vốn", "học nghề", "bảo hiểm y tế", "dừng", "menu", "giúp tôi với", "cảm ơn", "chào", "1", "không", "có",
    ],
)  # fmt: skip
def test_idioms_what_is_over_news_debts_and_everyday_words_alarm_nobody(text: str) -> None:
    assert kind_of(text) == ""
    assert kind_of(without_marks(text)) == ""


def test_bare_words_with_two_meanings_are_taken_for_the_worse_one() -> None:
    """Who is told a number for "slowly" loses nothing; "tự tử" is to kill oneself."""
    assert kind_of("từ từ đã") == ""
    assert kind_of("tu tu") == kind_of("tự tử") == "tu-tu"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("chồng em đang đánh em", "bao-luc"), ("nó cầm dao dọa giết tôi", "bao-luc"), ("bố đánh cháu", "tre-em"),
        ("con tôi bị xâm hại", "tre-em"), ("em bị lừa bán sang Campuchia", "bi-giu"), ("con tôi mất tích", "bi-giu"),
        ("tôi không muốn sống nữa", "tu-tu"), ("tôi muốn chết", "tu-tu"), ("em uống thuốc ngủ rồi", "tu-tu"),
        ("mẹ tôi ngất xỉu", "cap-cuu"), ("vợ tôi sắp đẻ ở nhà", "cap-cuu"), ("con tôi co giật", "cap-cuu"),
        ("nhà tôi cháy", "chay-lu"), ("nước cuốn con tôi rồi", "chay-lu"), ("cứu tôi với", "chung"),
    ],
)  # fmt: skip
def test_the_plainest_words_for_a_danger_are_known_in_every_spelling(text: str, kind: str) -> None:
    for typed in (text, text.upper(), f"{text}!!!", without_marks(text), unicodedata.normalize("NFD", text)):
        assert kind_of(typed) == kind, typed


@given(st.sampled_from(LEARNT), st.sampled_from(["NFC", "NFD"]), st.booleans())
def test_case_and_composition_decide_nothing(text: str, form: str, is_upper: bool) -> None:
    typed = unicodedata.normalize(form, text.upper() if is_upper else text)  # type: ignore[arg-type]
    assert kind_of(typed) == kind_of(text)


@given(st.text(max_size=300))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    kind_of(text)


def test_a_story_of_any_length_is_read() -> None:
    words = ["tôi", "kể", "chuyện", "nhà", "từ", "đầu", "đến", "cuối", "cho", "mọi", "người", "nghe"]
    story = " ".join(Random(3).choices(words, k=20_000))
    assert kind_of(story) == ""


def test_what_spoke_for_it_can_be_told() -> None:
    signs = signs_of_danger(shipped(), "chồng em đang cầm dao đuổi đánh em")
    assert signs == sorted(signs, key=lambda entry: (-entry[1], entry[0]))
    assert signs[0][1] > 0

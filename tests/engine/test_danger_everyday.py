"""What people type every day is no cry for help: where they live, words that work everywhere, thanks and greetings."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.engine.understanding.danger import danger_in
from bot.engine.understanding.spelling import accented_in
from bot.library.learning.sentences import without_marks
from tests.shipped import shipped

CRIES = ("help", "officer")
"""Commands whose words somebody in danger may use as well."""


def alarming(*texts: str) -> list[str]:
    """Those of *texts* that are taken for danger, as they stand or without diacritics."""
    return [typed for text in texts for typed in (text, without_marks(text)) if danger_in(shipped(), typed) is not None]


@pytest.mark.parametrize("frame", ["{}", "tôi ở {}", "nhà em ở {} ạ"])
def test_where_somebody_lives_is_no_danger(frame: str) -> None:
    communes = shipped().communes.values()
    names = {name for one in communes for name in (one.name, *one.old_communes, *one.old_districts)}
    assert alarming(*(frame.format(name) for name in sorted(names))) == []


def test_words_that_work_everywhere_are_no_danger() -> None:
    words = [word for name, spellings in shipped().commands.items() if name not in CRIES for word in spellings]
    assert alarming(*words) == []


FRAGMENTS = (
    "em", "oki em", "thansk em", "ukie chị", "rồi em", "em đang", "tôi đang đây", "đang", "nếu được", "có người",
    "mọi người ơi", "hai người", "ba người", "nhà em bốn người", "hai đứa", "không thấy", "chưa về", "tôi đi đây",
    "nó bảo thế", "tra cứu", "để tôi xem", "em bị gạch tên",
)  # fmt: skip
"""What people send before, after or instead of a sentence."""


def test_what_says_nothing_yet_is_no_danger() -> None:
    assert alarming(*FRAGMENTS) == []


@given(
    st.sampled_from(("em", "tôi", "con", "cháu", "chị", "mẹ", "anh", "nó")),
    st.text("bcdghklmnpqrstvx", min_size=3, max_size=8),
)
def test_who_alone_is_in_no_danger_whatever_unknown_word_stands_beside(who: str, unknown: str) -> None:
    assume(accented_in(unknown, shipped().spellings) == (unknown,))  # "gvv" is known: it is read as "giáo viên"
    assert alarming(who, f"{unknown} {who}", f"{who} {unknown}") == []

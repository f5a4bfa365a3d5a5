"""Choices as lines under a text."""

from __future__ import annotations

from unicodedata import is_normalized, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.lines import menu_parts

LABELS = ["1. Có", "2. Không"]


def test_choices_stand_under_the_text_and_links_show_their_address() -> None:
    parts = menu_parts("Xem [trang này](https://a.vn), **bà con** nhé.\n\n- một\n- hai", LABELS, 2000)
    assert parts == ["Xem trang này (https://a.vn), bà con nhé.\n\n• một\n• hai\n\n1. Có\n2. Không"]


def test_a_label_without_a_number_has_a_bullet() -> None:
    assert menu_parts("Hỏi", ["Bỏ qua"], 2000) == ["Hỏi\n\n• Bỏ qua"]


def test_a_sentence_is_counted_as_it_is_sent() -> None:
    loose = normalize("NFD", "Vượt nghèo. " * 150)
    parts = menu_parts(loose, [normalize("NFD", "1. Nghề")], 2000)
    assert len(parts) == 1
    assert is_normalized("NFC", parts[0])


def test_a_long_text_is_cut_at_a_sentence_and_the_last_part_bears_the_choices() -> None:
    *before, last = menu_parts("Một câu dài vừa phải. " * 200, LABELS, 2000)
    assert before
    assert all(part.endswith(".") and len(part) <= 2000 for part in before)
    assert last.endswith("\n\n1. Có\n2. Không")


def test_a_label_that_cannot_be_seen_is_refused_and_no_text_is_no_message() -> None:
    with pytest.raises(ValueError, match="label"):
        menu_parts("Hỏi", ["1. Có", "  "], 2000)
    assert menu_parts(" \n", LABELS, 2000) == []


@given(st.text(max_size=400), st.lists(st.text(min_size=1, max_size=40).filter(str.strip), max_size=6))
def test_every_part_fits_and_every_choice_is_there(text: str, labels: list[str]) -> None:
    parts = menu_parts(text, labels, 100)
    assert all(0 < len(part) <= 100 for part in parts)
    if parts and all(len(label) < 40 and label.isalnum() for label in labels):
        shown = "\n".join(parts).splitlines()
        assert all(any(line.removeprefix("• ") == normalize("NFC", label) for line in shown) for label in labels)

"""What staff add as examples: new sentences go under their topic, and nothing that must not be learnt does."""

from __future__ import annotations

from pathlib import Path
from unicodedata import is_normalized

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.words import fold
from bot.library.examples import LONGEST, Example, add_examples, examples_from, lesson_from, load_examples

THERE = {"vay-von": ["Tôi muốn vay vốn"], "ngoai": ["Mai có mưa không"]}
TOPICS = ("vay-von", "hoc-nghe")


def test_what_is_new_is_added_once_under_its_topic_in_the_order_it_came() -> None:
    told = [
        Example("Vay ở đâu  ạ\n", "vay-von"), Example("học may", "hoc-nghe"), Example("VAY Ở ĐÂU Ạ?", "vay-von"),
        Example("toi muon vay von", "vay-von"), Example("đá bóng tối nay", "ngoai"),
    ]  # fmt: skip
    lesson = lesson_from(told, THERE, TOPICS)
    assert lesson.added == {"vay-von": ["Vay ở đâu ạ"], "hoc-nghe": ["học may"], "ngoai": ["đá bóng tối nay"]}
    assert lesson.count == 3
    assert [(one.example, one.reason) for one in lesson.left] == [(told[2], "known"), (told[3], "known")]


@pytest.mark.parametrize(("text", "topic", "reason"), [
    ("Mai có mưa không?", "vay-von", "elsewhere"),
    ("Tôi muốn vay vốn", "hoc-nghe", "elsewhere"),
    ("vay ở đâu", "vay-von-moi", "topic"),
    ("gọi cháu 0912 345 678 nhé", "vay-von", "private"),
    ("gọi cháu +84.912.345.678 nhé", "vay-von", "private"),
    ("căn cước 001187012345 vay được không", "vay-von", "private"),
    ("chứng minh thư 012345678 vay được không", "vay-von", "private"),
    ("viết vào a.b@c.vn", "vay-von", "private"),
    ("xem https://vay.vn", "vay-von", "private"),
    ("vay " * LONGEST, "vay-von", "long"),
    ("?! 👍", "vay-von", "empty"),
])  # fmt: skip
def test_what_must_not_be_learnt_is_left_and_says_why(text: str, topic: str, reason: str) -> None:
    lesson = lesson_from([Example(text, topic)], THERE, TOPICS)
    assert lesson.added == {}
    assert [one.reason for one in lesson.left] == [reason]


@pytest.mark.parametrize("text", ["vay 100.000.000 được không", "lãi 6,6 một năm", "sinh năm 1956 có được không"])
def test_sums_and_years_are_nobodys_secret(text: str) -> None:
    assert lesson_from([Example(text, "vay-von")], THERE, TOPICS).added == {"vay-von": [text]}


def test_sentences_go_under_those_that_are_there_and_a_second_time_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples/vay-von.txt").write_text("Tôi muốn vay vốn", encoding="utf-8")  # no newline at its end
    told = [Example("Vay ở đâu", "vay-von"), Example("học may", "hoc-nghe")]
    lesson = lesson_from(told, load_examples(tmp_path), TOPICS)
    assert [file.name for file in add_examples(tmp_path, lesson)] == ["vay-von.txt", "hoc-nghe.txt"]
    assert load_examples(tmp_path) == {"vay-von": ["Tôi muốn vay vốn", "Vay ở đâu"], "hoc-nghe": ["học may"]}
    assert sorted(file.name for file in (tmp_path / "examples").iterdir()) == ["hoc-nghe.txt", "vay-von.txt"]
    assert lesson_from(told, load_examples(tmp_path), TOPICS).count == 0


def test_the_export_of_the_console_is_read_and_a_line_that_isnt_one_is_named() -> None:
    line = '{"text": "học may", "topic": "hoc-nghe"}'
    assert examples_from(f"{line}\n\n{line}\n".encode()) == [Example("học may", "hoc-nghe")] * 2
    for broken in ('{"text": "x"}', "x", '{"text": 1, "topic": "y"}', "[]"):
        with pytest.raises(ValueError, match=r"^2: "):
            examples_from(f"{line}\n{broken}\n".encode())


@given(st.lists(st.builds(Example, st.text(max_size=40), st.sampled_from(["vay-von", "hoc-nghe", "ngoai", "x"]))))
def test_whatever_staff_add_keeps_the_rules_of_the_examples(added: list[Example]) -> None:
    """One line each, composed, with something to read, nothing twice: as tests/library/test_examples.py asks."""
    lesson = lesson_from(added, THERE, TOPICS)
    lines = [line for lines in lesson.added.values() for line in lines]
    assert all([line] == line.splitlines() and line == line.strip() and is_normalized("NFC", line) for line in lines)
    folded = [fold(line) for line in (*lines, *THERE["vay-von"], *THERE["ngoai"])]
    assert all(folded)
    assert len(set(folded)) == len(folded)
    assert lesson.count + len(lesson.left) == len(added)

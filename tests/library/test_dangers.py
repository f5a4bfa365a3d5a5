"""What danger is known by: learnt anew it is the same, and what is wrong with its files is told."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from rapidfuzz import fuzz, process

from bot.engine.alarm import LISTENS, SAFE
from bot.engine.understanding.signs import Lexicon, Weights, signs_in, stored
from bot.engine.walk import URGENT
from bot.engine.words import fold
from bot.library.dangers import FILE, FOLDER, Learnt, load_dangers, load_groups
from bot.library.learning.danger import build_dangers
from bot.library.source import Problem
from tests.library.test_examples import NEAR
from tests.shipped import ROOT, shipped

CONTENT = ROOT / "content"


def test_learning_again_gives_the_same_bytes() -> None:
    assert build_dangers(CONTENT) == (CONTENT / FILE).read_bytes()


def test_every_kind_has_a_file_a_node_and_a_message() -> None:
    kinds = {file.stem for file in (CONTENT / FOLDER).glob("*.txt")} - {"khong"}
    learnt = msgspec.json.decode((CONTENT / FILE).read_bytes(), type=Learnt)
    assert set(learnt.kinds.labels) == kinds
    assert kinds | {LISTENS, SAFE} <= shipped().dialogs[URGENT].nodes.keys()
    assert {f"{URGENT}.{kind}" for kind in kinds} <= shipped().messages.keys()


def test_no_sentence_is_told_twice_or_as_two_things() -> None:
    files = [*(CONTENT / FOLDER).glob("*.txt"), *(CONTENT / "examples").glob("*.txt")]
    told = [line.casefold() for file in files for line in file.read_text("utf-8").splitlines()]
    assert [line for line, times in Counter(told).items() if times > 1] == []


def test_phrases_are_written_as_people_write_them() -> None:
    problems: list[Problem] = []
    groups = load_groups(CONTENT, problems)
    assert not problems
    for name, phrases in groups.items():
        assert phrases, name
        assert len(set(phrases)) == len(phrases), name


@pytest.mark.parametrize("written", [b"", b"{}", b"[]", b"\xff"])
def test_a_file_that_the_bot_did_not_write_is_told(tmp_path: Path, written: bytes) -> None:
    (tmp_path / "understanding").mkdir()
    (tmp_path / FILE).write_bytes(written)
    problems: list[Problem] = []
    assert load_dangers(tmp_path, problems) is None
    [problem] = problems
    assert "bot understand --build" in problem.remedy


def test_without_the_file_nobody_is_alarmed_and_nothing_is_wrong(tmp_path: Path) -> None:
    problems: list[Problem] = []
    assert load_dangers(tmp_path, problems) is None
    assert not problems


LEXICON = Lexicon(
    {"hit": ("đánh", "đánh đập"), "thanh-ngu": ("đánh bạc",), "who": ("chồng", "em"), "run": ("chạy",)}, ["chạy"]
)


def test_a_longer_phrase_takes_its_words_away() -> None:
    assert "#hit" in signs_in(LEXICON, ("chồng", "đánh", "em"))
    assert "#hit" not in signs_in(LEXICON, ("chồng", "đánh", "bạc"))
    assert "danh" not in signs_in(LEXICON, ("chồng", "đánh", "bạc"))  # an idiom says nothing of its words


def test_diacritics_decide_unless_none_are_typed() -> None:
    assert "#hit" in signs_in(LEXICON, ("chong", "danh", "em"))
    assert "#hit" not in signs_in(LEXICON, ("chồng", "dành", "tiền"))
    assert "#hit" not in signs_in(LEXICON, ("chồng", "ghi", "danh", "rồi"))
    assert "#run" in signs_in(LEXICON, ("em", "chạy"))
    assert "#run" not in signs_in(LEXICON, ("em", "chay"))


def test_which_group_comes_first_counts() -> None:
    assert "who>hit" in signs_in(LEXICON, ("chồng", "đánh"))
    assert "hit>who" not in signs_in(LEXICON, ("chồng", "đánh"))


def test_weights_add_up_and_must_fit_their_features() -> None:
    kept = stored(["a", "b"], [0.5, -0.5], {"x": [1.0, -1.0], "y": [0.0, 0.5], "z": [0.001, 0.0]}, most=3)
    assert kept.features.split("\n") == ["x", "y"]  # what rounds to nothing is left out
    weights = Weights(kept)
    assert weights.scores([]) == [0.5, -0.5]
    assert weights.scores(["x"]) == pytest.approx([1.5, -1.5])
    assert weights.scores(["x", "unknown", "y", "z"])[1] == pytest.approx(-0.5 - 0.25, abs=0.01)
    with pytest.raises(ValueError, match="as many weights"):
        Weights(msgspec.structs.replace(kept, features="x\ny\nz"))


def test_what_is_measured_by_is_no_copy_of_what_is_learnt_from() -> None:
    learnt = [fold(line) for file in (CONTENT / FOLDER).glob("*.txt") for line in file.read_text("utf-8").splitlines()]
    for file in (ROOT / "tests/fixtures/understanding").glob("*.jsonl"):
        for line in file.read_text("utf-8").splitlines():
            text = fold(json.loads(line)["text"])
            nearest = process.extractOne(text, learnt, scorer=fuzz.ratio, score_cutoff=NEAR)
            assert nearest is None, (text, nearest)

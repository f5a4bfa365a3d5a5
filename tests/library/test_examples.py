"""Sentences as people say them, by what they ask for: the router is to learn from them, and is measured by others."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from unicodedata import is_normalized

import pytest
from rapidfuzz import fuzz, process

from bot.engine.words import fold

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = sorted((ROOT / "content/examples").glob("*.txt"))
UNSEEN = sorted((ROOT / "tests/fixtures/understanding").glob("*.jsonl"))
NO_DIALOG = {"ngoai", "nguy-cap", "khong-nguy-cap"}
"""None of ours; danger; what only sounds like it."""
NEAR = 80
"""From this likeness on (rapidfuzz's ratio of folded forms) one sentence is a copy of the other."""


def sentences(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_file_is_named_after_what_its_sentences_ask_for(path: Path) -> None:
    assert path.stem in NO_DIALOG or (ROOT / "dialogs" / f"{path.stem}.yaml").exists()
    for line in sentences(path):
        assert line == line.strip()
        assert fold(line)
        assert is_normalized("NFC", line)


def test_nothing_is_said_twice_or_under_two_names() -> None:
    said = Counter(fold(line) for path in EXAMPLES for line in sentences(path))
    assert [text for text, times in said.items() if times > 1] == []


@pytest.mark.parametrize("path", UNSEEN, ids=lambda path: path.stem)
def test_what_is_measured_by_is_no_copy_of_what_is_learnt_from(path: Path) -> None:
    learnt = [fold(line) for one in EXAMPLES for line in sentences(one)]
    for line in sentences(path):
        text = fold(json.loads(line)["text"])
        nearest = process.extractOne(text, learnt, scorer=fuzz.ratio, score_cutoff=NEAR)
        assert nearest is None, (text, nearest)

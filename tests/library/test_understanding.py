"""The table of chat spellings: read as it stands, and what is wrong in it told by its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.engine.understanding.spelling import accented_in, words_in
from bot.engine.understanding.syllables import SYLLABLES
from bot.engine.words import fold
from bot.library.source import Problem
from bot.library.understanding import load_spellings
from tests.library.packs import SOUND, write
from tests.shipped import ROOT, shipped

HEAD = "cách gõ\tđọc là\tđứng sau\tđứng trước\tnguồn\n"
TABLE = "content/understanding/spellings.tsv"


def problems_in(root: Path, table: str) -> list[Problem]:
    write(root, SOUND | {TABLE: HEAD + table})
    problems: list[Problem] = []
    load_spellings(root / "content", problems)
    return problems


def test_the_first_row_that_fits_its_neighbours_is_read(tmp_path: Path) -> None:
    write(tmp_path, {TABLE: HEAD + "k\tnghìn\t#\t\tR\nk\tcó\t^\t\tR\nk\tkhông\t\t\tR\n# lời ghi\nz\tvậy\t\t$\tR\n"})
    spellings = load_spellings(tmp_path / "content", [])
    assert accented_in("k vay 500k dc k z z", spellings) == ("có", "vay", "500", "nghìn", "dc", "không", "z", "vậy")


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ("ko\tkhông\t\t", 2), ("ko\t\t\t\tR", 2), ("k dc\tkhông được\t\t\tR", 2),
        ("k\tkhông\t\t\tR\nk\tnghìn\t#\t\tR", 3), ("ko\tkhông\t\t\t", 2),
    ],
)  # fmt: skip
def test_a_row_that_can_not_be_used_is_told_by_its_line(tmp_path: Path, row: str, line: int) -> None:
    assert [(problem.path, problem.line) for problem in problems_in(tmp_path, row)] == [(TABLE, line)]


def test_without_a_table_nothing_is_missing(tmp_path: Path) -> None:
    problems: list[Problem] = []
    load_spellings(tmp_path, problems)
    assert problems == []


def rows() -> list[list[str]]:
    lines = (ROOT / TABLE).read_text(encoding="utf-8").splitlines()[1:]
    return [line.split("\t") for line in lines if not line.startswith("# ")]


def test_every_source_of_the_shipped_table_is_explained_in_it() -> None:
    explained = {
        line[2]
        for line in (ROOT / TABLE).read_text(encoding="utf-8").splitlines()
        if line.startswith("# ") and line[3] == ":"
    }
    assert {row[4] for row in rows()} == explained


def test_no_row_of_the_shipped_table_reads_a_word_of_ours_as_another() -> None:
    """A spelling that is a syllable is read so with any diacritics: none may be a word that people use with us."""
    changed = [row for row in rows() if fold(row[1]) != row[0] and not (row[2] or row[3])]
    said = {fold(word) for row in changed for word in row[1].split()}
    assert [row[0] for row in changed if row[0] in SYLLABLES and row[0] in said] == []


@pytest.mark.parametrize(
    "phrase", ["how to use", "change my commune", "choose topics", "go back", "see more", "not now"]
)
def test_english_that_the_bot_listens_for_is_not_made_vietnamese(phrase: str) -> None:
    assert words_in(phrase, shipped().spellings) == tuple(phrase.split())

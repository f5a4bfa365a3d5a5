"""What understanding is learnt from, and that the same sentences always give the same model."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import yaml

from bot.engine.understanding.features import concepts_of, features_of
from bot.engine.understanding.model import Model
from bot.library.learning.build import build_model, build_usage, learnt
from bot.library.learning.machine import Sample, train
from bot.library.learning.noise import hurried
from bot.library.learning.sentences import Sentence, load_concepts, load_sentences, without_marks
from bot.library.source import LibraryError, Problem
from bot.library.understanding import load_spellings
from bot.library.usage import USAGE
from tests.shipped import ROOT

CONTENT = ROOT / "content"
BUILT = CONTENT / "understanding/model.json"
MEGABYTE = 10**6


def test_the_model_is_what_is_learnt_from_the_sentences_that_are_there() -> None:
    """If this fails: python -m bot understand --build, and commit the file with what changed."""
    assert build_model(CONTENT) == BUILT.read_bytes()


def test_the_counts_are_those_of_the_sentences_that_are_there() -> None:
    assert build_usage(CONTENT) == (CONTENT / USAGE).read_bytes()


def test_what_was_counted_is_read_as_it_was(tmp_path: Path) -> None:
    kept, counted = load_spellings(CONTENT, []).usage, load_spellings(CONTENT, [], afresh=True).usage
    assert (kept.words, kept.pairs, kept.forms) == (counted.words, counted.pairs, counted.forms)


def test_counts_that_can_not_be_read_are_told_by_file_and_remedy(tmp_path: Path) -> None:
    (tmp_path / USAGE).parent.mkdir()
    (tmp_path / USAGE).write_text('{"words": {}}')
    problems: list[Problem] = []
    load_spellings(tmp_path, problems)
    [problem] = problems
    assert problem.path.endswith(USAGE)
    assert problem.remedy == "Tạo lại: python -m bot understand --build."


def test_all_that_was_learnt_is_under_a_megabyte() -> None:
    """Weights; the counts of words beside them only spare reading the sentences at every start."""
    learnt = [CONTENT / "understanding" / name for name in ("model.json", "danger.json")]
    assert sum(file.stat().st_size for file in learnt) < MEGABYTE


def test_what_was_learnt_is_known_again() -> None:
    said = {
        "vay-von": ["vay tiền", "vay vốn nuôi bò", "cần vốn"],
        "hoc-nghe": ["học nghề may", "lớp dạy nghề", "nghề hàn"],
    }
    sentences = [Sentence(tuple(one.split()), label, 1.0) for label, lines in said.items() for one in lines]
    model = Model(learnt(sentences, {}))
    for label, lines in said.items():
        for line in lines:
            scores = model.scores(line.split())
            assert max(scores, key=scores.__getitem__) == label


def test_training_parts_what_can_be_parted_and_repeats_itself() -> None:
    samples = [Sample((0, at), (1.0, 1.0), label, 1.0) for at, label in ((1, 0), (2, 0), (3, 1), (4, 1))]
    weights = train(samples, 0, 5)
    assert [weights[0] + weights[at] > 0 for at in (1, 2, 3, 4)] == [True, True, False, False]
    assert train(samples, 0, 5) == weights


def test_every_sentence_is_learnt_with_and_without_diacritics() -> None:
    spellings = load_spellings(CONTENT, [])
    learnt_from = load_sentences(CONTENT, spellings)
    assert len(learnt_from) > 20_000
    assert all(sentence.words for sentence in learnt_from)
    marked = [any(not word.isascii() for word in sentence.words) for sentence in learnt_from]
    assert 0.25 < sum(marked) / len(marked) < 0.75


def test_frames_have_one_place_for_a_thing() -> None:
    frames = (CONTENT / "understanding/frames.txt").read_text(encoding="utf-8").splitlines()
    assert [frame for frame in frames if frame.count("{}") != 1] == []


def test_things_are_named_once_and_under_topics_that_have_examples() -> None:
    subjects = yaml.safe_load((CONTENT / "understanding/subjects.yaml").read_text(encoding="utf-8"))["subjects"]
    every = [thing for things in subjects.values() for thing in things]
    assert len(every) == len(set(every))
    assert {label for label in subjects if not (CONTENT / f"examples/{label}.txt").exists()} == set()


def test_a_word_stands_for_its_group_with_and_without_diacritics() -> None:
    concepts = concepts_of(load_concepts(CONTENT))
    for word in ("dê", "de"):
        assert "~vat-nuoi" in features_of(["nuôi" if word == "dê" else "nuoi", word], concepts)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "understanding"
    folder.mkdir()
    (folder / "concepts.yaml").write_text("concepts: [", encoding="utf-8")
    with pytest.raises(LibraryError, match="concepts"):
        build_model(tmp_path)


def test_hurry_repeats_itself_and_leaves_something_of_every_word() -> None:
    text = "cho tôi hỏi thủ tục vay vốn ngân hàng chính sách xã hội như thế nào"
    shorts = {"không": ("ko",), "tôi": ("t",)}
    first = hurried(text, shorts, Random(1))
    assert first == hurried(text, shorts, Random(1))
    assert first != text
    assert len(first.split()) == len(text.split())


def test_without_marks_is_what_a_plain_keyboard_gives() -> None:
    assert without_marks("Đi đường, hỏi già") == "Di duong, hoi gia"

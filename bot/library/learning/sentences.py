"""What is learnt from: the examples, and names of things put into frames that speak for no topic."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

from msgspec import Struct

from bot.engine.understanding.spelling import Spellings, accented_in
from bot.engine.words import fold
from bot.library.examples import FOREIGN, NO_DANGER, load_examples
from bot.library.learning.machine import SEED
from bot.library.learning.noise import hurried
from bot.library.source import LibraryError, Problem, load_text, load_yaml, source_of
from bot.library.table import Table

FRAMED = 3
"""Sentences made of each name of a thing. Two to six were alike in cross-validation."""
FRAMED_WEIGHT = 0.35
"""What one of them counts beside a sentence that somebody wrote; 0.15 to 0.5 were alike."""


class Sentence(Struct, frozen=True):
    """Accented words, what they ask for (the name of their file), and what they count."""

    words: tuple[str, ...]
    label: str
    weight: float


def load_concepts(content: Path) -> dict[str, tuple[str, ...]]:
    """Words that stand for one another, as they are written, by the name of their group."""
    groups = _lists(content, "concepts").items()
    return {
        name: tuple(sorted({unicodedata.normalize("NFC", entry).casefold() for entry in entries}))
        for name, entries in sorted(groups)
    }


def load_sentences(content: Path, spellings: Spellings) -> list[Sentence]:
    """All of them: each as it was written, without its diacritics so that nothing hangs on them, and in a hurry."""
    shorts, random = spellings.shorts(), Random(SEED)
    found = []
    for text, label in _written(content):
        bare = without_marks(text)
        typed = ((text, 0.4), (bare, 0.3), (without_marks(hurried(text, shorts, random)), 0.3))
        found += [Sentence(accented_in(one, spellings), label, weight) for one, weight in typed]
    for at, (text, label) in enumerate(_framed(content)):
        one = without_marks(text) if at % 2 else text
        found.append(Sentence(accented_in(one, spellings), label, FRAMED_WEIGHT))
    return found


def without_marks(text: str) -> str:
    """*text* as it is typed on a keyboard without Vietnamese letters."""
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _written(content: Path) -> Iterator[tuple[str, str]]:
    for label, lines in load_examples(content).items():
        for line in lines:
            yield line, FOREIGN if label == NO_DANGER else label


def load_asides(content: Path) -> tuple[str, ...]:
    """The folded words that stand in two frames or more: they speak for no topic."""
    times = Counter(word for frame in dict.fromkeys(_frames(content)) for word in set(fold(frame).split()))
    return tuple(sorted(word for word, count in times.items() if count > 1))


def _frames(content: Path) -> list[str]:
    file = content / "understanding/frames.txt"
    problems: list[Problem] = []
    text = load_text(file, source_of(file, content, problems)) if file.exists() else None
    _refuse(problems)
    return (text or "").splitlines()


def _framed(content: Path) -> Iterator[tuple[str, str]]:
    frames, random = _frames(content), Random(SEED)
    for label, things in _lists(content, "subjects").items():
        for thing in things:
            for frame in random.sample(frames, min(FRAMED, len(frames))):
                yield frame.replace("{}", thing), label


def _lists(content: Path, name: str) -> Mapping[str, tuple[str, ...]]:
    """The lists of `content/understanding/<name>.yaml`; none where there is no such file."""
    file = content / f"understanding/{name}.yaml"
    if not file.exists():
        return {}
    problems: list[Problem] = []
    source = source_of(file, content, problems)
    spot = load_yaml(file, source)
    found = {}
    if spot is not None:
        table = Table(source, spot)
        lists = table.table(name) if table.need(name) else None
        found = {key: lists.texts(key) for key in lists.keys()} if lists else {}  # noqa: SIM118 - a Table is no dict
    _refuse(problems)
    return found


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise LibraryError(problems)

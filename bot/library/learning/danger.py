"""From sentences to the bytes of `content/understanding/danger.json`: what of a cry for help speaks how loud."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from pathlib import Path
from random import Random

import msgspec
from msgspec import Struct

from bot.engine.understanding.judgement import DANGER
from bot.engine.understanding.signs import Lexicon, Stored, signs_in, stored
from bot.engine.understanding.spelling import Spellings, accented_in
from bot.engine.words import fold
from bot.library.dangers import FOLDER, Learnt, load_groups, places_in
from bot.library.examples import load_examples
from bot.library.learning.machine import SEED, Sample, train
from bot.library.learning.noise import hurried
from bot.library.learning.sentences import without_marks
from bot.library.source import LibraryError, Problem
from bot.library.understanding import load_spellings

THRESHOLD = -0.6
"""Above this score, with what the model of topics adds (bot.engine.understanding.danger), somebody is told the number.
Who is told it needlessly reads three lines more; who isn't told may be hurt."""
MISSED = 3.0
"""How dear a danger that is missed is beside a false alarm, for the machine that learns; 1 to 6 were alike."""
SHARE = 0.3
"""Of those who type a word bare, how many must mean this one. With 0.3 nine in ten bare cries for help are heard where
six in a hundred were lost without it; 0.6 was no better."""
HALF = 0.5
"""Of the hurried ways, how many are typed without diacritics: about as many people do."""
PLACED = ("tôi ở {}", "nhà em ở {} ạ")
"""How people say where they live."""
RARE = 3
"""Samples in which a feature must stand: what stands in one sentence alone is that sentence learnt by heart."""
KEPT, KEPT_FOR_KINDS = 6_000, 1_200
"""Features kept, those with the largest weights: all are no better, and every model together is to be under 1 MB."""
SAFE = "khong"
"""The file of what only sounds like danger; the others are named after kinds of danger."""
_BIAS = 0
"""The place of what every sample has."""


class Told(Struct, frozen=True):
    """A sentence as typed, and the kind of danger it tells of: "" for none, None for one that nobody named."""

    text: str
    kind: str | None


class Typing:
    """How people type what they mean."""

    def __init__(self, spellings: Spellings, shorts: Mapping[str, Sequence[str]]) -> None:
        self.spellings, self._shorts, self._random = spellings, shorts, Random(SEED)

    def ways(self, text: str) -> tuple[str, ...]:
        """*text* as it stands, without diacritics, and in a hurry: with or without them. Two hurries taught no more."""
        hasty = hurried(text, self._shorts, self._random)
        return text, without_marks(text), hasty if self._random.random() < HALF else without_marks(hasty)


def build_dangers(content: Path) -> bytes:
    """Learn from *content*; about 20 s. LibraryError when its files can't be used."""
    problems: list[Problem] = []
    groups, spellings = load_groups(content, problems), load_spellings(content, problems, afresh=True)
    if problems:
        raise LibraryError(problems)
    return msgspec.json.encode(learnt(load_told(content), groups, Typing(spellings, load_shorts(content))))


def load_told(content: Path) -> list[Told]:
    """All sentences: those about danger by kind, what only sounds like it, and the examples of all topics."""
    found = []
    for file in sorted((content / FOLDER).glob("*.txt")):
        kind = "" if file.stem == SAFE else file.stem
        found += [Told(line, kind) for line in file.read_text(encoding="utf-8").splitlines()]
    for topic, lines in load_examples(content).items():
        found += [Told(line, None if topic == DANGER else "") for line in lines]
    return [*found, *_places(content)]


def _places(content: Path) -> list[Told]:
    """Where people live: names such as "Kim Lũ" are no flood."""
    names = places_in(content)
    framed = [PLACED[at % len(PLACED)].format(name) for at, name in enumerate(names)]
    return [Told(text, "") for text in [*names, *framed]]


def load_shorts(content: Path) -> dict[str, list[str]]:
    """The ways in which the table of chat spellings shortens a word, by that word."""
    shorts: dict[str, list[str]] = {}
    file = content / "understanding/spellings.tsv"
    for line in file.read_text(encoding="utf-8").splitlines()[1:] if file.exists() else ():
        typed, word, *_ = (*line.split("\t"), "", "")
        if not line.startswith("# ") and word and " " not in word:
            shorts.setdefault(word, []).append(typed)
    return shorts


def doubtful_in(groups: Mapping[str, Sequence[str]], told: Sequence[Told], spellings: Spellings) -> tuple[str, ...]:
    """The single words of *groups* that people mean by their folded form less often than `SHARE` of the time."""
    said = Counter(word for one in told for word in accented_in(one.text, spellings))
    alike = Counter[str]()
    for word, times in said.items():
        alike[fold(word)] += times
    single = sorted({phrase for phrases in groups.values() for phrase in phrases if " " not in phrase})
    return tuple(word for word in single if said[word] < SHARE * alike[fold(word)])


def learnt(told: Sequence[Told], groups: Mapping[str, Sequence[str]], typing: Typing) -> Learnt:
    """The weights of *told*, each sentence learnt as it was written, without diacritics, and typed in a hurry."""
    doubtful = doubtful_in(groups, told, typing.spellings)
    lexicon = Lexicon(groups, doubtful)
    looked = [
        (signs_in(lexicon, accented_in(typed, typing.spellings)), one.kind)
        for one in told
        for typed in typing.ways(one.text)
    ]
    alarming = [(signs, DANGER if kind != "" else "") for signs, kind in looked]
    kinds = [(signs, kind) for signs, kind in looked if kind]
    named = sorted({kind for _, kind in kinds})
    of_danger, of_kinds = _weights(alarming, [DANGER], MISSED, KEPT), _weights(kinds, named, 1.0, KEPT_FOR_KINDS)
    return Learnt(THRESHOLD, doubtful, of_danger, of_kinds)


def _weights(looked: Sequence[tuple[Sequence[str], str]], labels: Sequence[str], missed: float, kept: int) -> Stored:
    """A machine for each of *labels*: is it this one, or not."""
    names = _common(signs for signs, _ in looked)
    places = {name: at for at, name in enumerate(names, start=1)}
    samples = [
        _sample(signs, places, labels.index(label) if label in labels else -1, missed if label in labels else 1.0)
        for signs, label in looked
    ]
    samples = [sample for sample in samples if len(sample.places) > 1]
    columns = [train(samples, label, len(names) + 1) for label in range(len(labels))]
    rows: Mapping[str, list[float]] = {name: [column[at] for column in columns] for name, at in places.items()}
    return stored(labels, [column[_BIAS] for column in columns], rows, kept)


def _common(looked: Iterable[Sequence[str]]) -> list[str]:
    times = Counter(name for signs in looked for name in signs)
    return sorted(name for name, count in times.items() if count >= RARE)


def _sample(signs: Sequence[str], places: Mapping[str, int], label: int, cost: float) -> Sample:
    known = [places[name] for name in signs if name in places]
    value = 1 / sqrt(len(signs) or 1)
    return Sample((_BIAS, *known), (1.0, *(value for _ in known)), label, cost)

"""A linear classifier with small whole weights, read from the file that `bot understand --build` writes."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import sqrt

import msgspec
from msgspec import Struct

from bot.engine.understanding.features import CONCEPT, concepts_of, features_of
from bot.engine.understanding.packed import Places

KEPT = 256
"""Sentences whose features are remembered: one message is looked at several times, and again when it is explained."""
NOUGHT = 128
"""The byte of a weight of 0."""
SHARED = "0123456789abcdefghijklmnopqrstuvwxyz"
"""How many letters a name shares with the one before it, as one letter."""


class Stored(Struct, frozen=True, forbid_unknown_fields=True):
    """The file. `concepts` are groups of words as written; `asides` are folded words that speak for no topic, such as
    "thu", "tuc" and "bao", "nhieu".

    `features` in order, a line each: how many letters are as in the line before, and the rest. `weights`, for each of
    them: how many labels it speaks for or against, its rarity, and for each such label its place and the weight.
    """

    labels: tuple[str, ...]
    biases: tuple[float, ...]
    scale: float
    rarity_scale: float
    concepts: dict[str, tuple[str, ...]]
    asides: tuple[str, ...]
    features: str
    weights: str


class Model:
    """Weights of features for labels. Features that it has not learnt count for nothing."""

    def __init__(self, stored: Stored) -> None:
        """ValueError when the parts don't fit one another."""
        self.labels, self._biases, self._scale = stored.labels, stored.biases, stored.scale
        self.concepts = concepts_of(stored.concepts)
        self.asides = frozenset(stored.asides)
        self._rarity_scale = stored.rarity_scale
        self._bytes = b64decode(stored.weights, validate=True)
        self._rows = Places(zip(unshared(stored.features), _starts(self._bytes), strict=True))
        self._look = lru_cache(maxsize=KEPT)(self._looked)
        if len(stored.biases) != len(stored.labels):
            raise ValueError("every label needs a bias")

    @classmethod
    def from_json(cls, data: bytes) -> Model:
        """The model in the file's bytes; ValueError when it is not one."""
        return cls(msgspec.json.decode(data, type=Stored))

    def scores(self, words: Sequence[str]) -> dict[str, float]:
        """How much accented *words* speak for each label: above 0 for what they ask for, below for what they don't."""
        totals, rarity = [0] * len(self.labels), 0
        for _, at in self._look(tuple(words)):
            rarity += self._bytes[at + 1]
            for place, weight in self._weights(at):
                totals[place] += weight
        by = self._scale / self._length(rarity)
        return {label: bias + total * by for label, bias, total in zip(self.labels, self._biases, totals, strict=True)}

    def knows_pair(self, words: Sequence[str]) -> bool:
        """Whether two of accented *words* in a row, or a word of a concept, have been learnt."""
        return any(" " in name or name.startswith(CONCEPT) for name, _ in self._look(tuple(words)))

    def evidence(self, words: Sequence[str], label: str) -> list[tuple[str, float]]:
        """What each feature of *words* adds to the score of *label*, the most first."""
        known = self._look(tuple(words))
        by = self._scale / self._length(sum(self._bytes[at + 1] for _, at in known))
        place = self.labels.index(label)
        found = [(name, dict(self._weights(at)).get(place, 0) * by) for name, at in known]
        return sorted(found, key=lambda entry: (-entry[1], entry[0]))

    def _looked(self, words: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
        """The features of *words* that have been learnt, and where each one's row begins."""
        found = ((name, self._rows.get(name)) for name in features_of(words, self.concepts))
        return tuple((name, at) for name, at in found if at is not None)

    def _weights(self, at: int) -> Iterator[tuple[int, int]]:
        """The (place of a label, weight) in the row that begins *at*."""
        end = at + 2 + 2 * self._bytes[at]
        return zip(self._bytes[at + 2 : end : 2], map(_weight, self._bytes[at + 3 : end : 2]), strict=True)

    def _length(self, rarity: int) -> float:
        """Long sentences speak no louder than short ones: the length of the vector of rarities."""
        return sqrt(rarity * self._rarity_scale) or 1.0


def _weight(byte: int) -> int:
    return byte - NOUGHT


def shared(names: Iterable[str]) -> str:
    """Sorted *names* as they are stored: neighbours begin alike, and the file is a third smaller for it."""
    lines, before = [], ""
    for name in names:
        same = 0
        while same < min(len(name), len(before), len(SHARED) - 1) and name[same] == before[same]:
            same += 1
        lines.append(SHARED[same] + name[same:])
        before = name
    return "\n".join(lines)


def unshared(lines: str) -> Iterator[str]:
    """The names that `shared` put into *lines*."""
    name = ""
    for line in lines.split("\n") if lines else ():
        name = name[: SHARED.index(line[0])] + line[1:]
        yield name


def _starts(rows: bytes) -> Iterator[int]:
    at = 0
    while at < len(rows):
        yield at
        at += 2 + 2 * rows[at]

"""What speaks for danger and what against it: groups of words that mean alike, and weights learnt for them."""

from __future__ import annotations

from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from math import sqrt

from msgspec import Struct

from bot.engine.understanding.features import bare
from bot.engine.understanding.packed import Places
from bot.engine.words import fold

NEAR = 5
"""Words within which it counts which of two groups comes first: "nó đánh tôi" is not "tôi đánh nó"."""
IDIOMS = "thanh-ngu"
"""The group of phrases whose words mean nothing of what they say: "đánh bạc", "chết đi được"."""
AROUND = frozenset((
    "ke-hai", "minh", "nguoi-than", "tre", "uong", "dang", "da-qua", "da-mat", "xin", "hoi-chung", "tin-tuc", "vat",
    "phu-dinh", "benh-lau", "kien", "nha-cua", "tien-no", "lua-tien", "ra-di",
))  # fmt: skip
"""The groups that say who, when, and about what, and nothing of a danger."""
TOP = 127
"""The largest signed byte."""
EXACT, GROUP = "=", "#"
"""How features that are no folded words are marked."""


class Stored(Struct, frozen=True, forbid_unknown_fields=True):
    """Weights as a file holds them: for each feature a row of signed bytes, one for each label."""

    labels: tuple[str, ...]
    biases: tuple[float, ...]
    scale: float
    features: str
    weights: str


def stored(labels: Sequence[str], biases: Sequence[float], rows: Mapping[str, Sequence[float]], most: int) -> Stored:
    """*rows* of weights by feature, rounded to bytes: the *most* that weigh most, without what rounds to nothing."""
    strength = {name: max(map(abs, row)) for name, row in rows.items()}
    scale = max(strength.values()) / TOP
    strongest = sorted(rows, key=lambda name: (-strength[name], name))[:most]
    whole = {name: [round(weight / scale) for weight in rows[name]] for name in strongest}
    kept = {name: row for name, row in sorted(whole.items()) if any(row)}
    weights = array("b", (weight for row in kept.values() for weight in row))
    coded = b64encode(weights.tobytes()).decode()
    return Stored(tuple(labels), tuple(round(bias, 4) for bias in biases), scale, "\n".join(kept), coded)


class Weights:
    """A linear classifier over features that are there or not."""

    def __init__(self, data: Stored) -> None:
        """ValueError when the parts don't fit one another."""
        names = data.features.split("\n")
        self.labels, self._biases, self._scale = data.labels, data.biases, data.scale
        width = len(data.labels)
        weights = memoryview(b64decode(data.weights, validate=True)).cast("b")
        if len(weights) != width * len(names) or len(data.biases) != width:
            raise ValueError("as many weights are needed as features times labels")
        self._weights = weights
        self._rows = Places((name, at * width) for at, name in enumerate(names))

    def scores(self, features: Sequence[str]) -> list[float]:
        """For each label how much *features* speak for it. Long sentences speak no louder than short ones."""
        rows = [row for _, row in self._known(features)]
        by = self._scale / sqrt(len(features) or 1)
        totals = map(sum, zip(*rows, strict=True)) if rows else [0] * len(self.labels)
        return [bias + total * by for bias, total in zip(self._biases, totals, strict=True)]

    def evidence(self, features: Sequence[str], label: int) -> list[tuple[str, float]]:
        """What each of *features* adds to the score of the *label*-th label, the most first."""
        by = self._scale / sqrt(len(features) or 1)
        found = ((name, row[label] * by) for name, row in self._known(features))
        return sorted(found, key=lambda entry: (-entry[1], entry[0]))

    def _known(self, features: Sequence[str]) -> Iterator[tuple[str, memoryview]]:
        """Those of *features* that have been learnt, with their rows."""
        for name in features:
            at = self._rows.get(name)
            if at is not None:
                yield name, self._weights[at : at + len(self.labels)]


Phrases = tuple[tuple[str, tuple[str, ...]], ...]
"""Phrases that fold alike, each with its groups."""


class Lexicon:
    """Groups of phrases. A phrase is found as it is written, or typed without its diacritics: "danh" may be "đánh"."""

    def __init__(self, groups: Mapping[str, Sequence[str]], doubtful: Iterable[str] = ()) -> None:
        """*groups*: phrases in lower case and composed, words parted by single spaces. The *doubtful* of one word are
        not found without their diacritics: "chay" is "chạy" more often than "cháy"."""
        self._doubtful = frozenset(doubtful)
        alike: dict[str, dict[str, tuple[str, ...]]] = {}  # by their folded words
        for group, phrases in groups.items():
            for phrase in phrases:
                others = alike.setdefault(" ".join(map(fold, phrase.split())), {})
                others[phrase] = tuple(sorted({*others.get(phrase, ()), group}))
        kept: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._phrases: dict[str, Phrases] = {
            folded: tuple((phrase, kept.setdefault(names, names)) for phrase, names in others.items())
            for folded, others in alike.items()
        }
        self._longest: dict[str, int] = {}
        for first, *more in (folded.split() for folded in alike):
            self._longest[first] = max(self._longest.get(first, 0), 1 + len(more))

    def find(self, words: Sequence[str], folded: Sequence[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """(first word, word behind the last, groups) of each phrase, the longest at every place; none overlap."""
        is_marked = 2 * sum(word != bare_ for word, bare_ in zip(words, folded, strict=True)) >= len(words)
        at = 0
        while at < len(words):
            for size in range(min(self._longest.get(folded[at], 0), len(words) - at), 0, -1):
                known = self._phrases.get(" ".join(folded[at : at + size]))
                groups = known and self._groups(known, words[at : at + size], is_marked)
                if groups:
                    yield at, at + size, groups
                    at += size
                    break
            else:
                at += 1

    def _groups(self, known: Phrases, typed: Sequence[str], is_marked: bool) -> tuple[str, ...]:
        """The groups of those phrases that *typed* can be.

        A word with diacritics is itself alone. One without may be any, but who writes the others with theirs means it.
        """
        written = " ".join(typed)
        has_marks = not written.isascii()
        fitting = (
            groups
            for phrase, groups in known
            if (is_marked and phrase == written)
            or (has_marks and _is_bare_of(typed, phrase))
            or (not (is_marked or phrase in self._doubtful) and _is_bare_of(typed, phrase))
        )
        names = set().union(*fitting)
        return (IDIOMS,) if IDIOMS in names else tuple(sorted(names))


def _is_bare_of(typed: Sequence[str], phrase: str) -> bool:
    """Whether *typed* is *phrase* with some of its words bare; both fold alike."""
    return all(one == word or one.isascii() for one, word in zip(typed, phrase.split(), strict=True))


def signs_in(lexicon: Lexicon, words: Sequence[str]) -> list[str]:
    """The features of accented *words*, each once: folded words and pairs, words as written, groups and their pairs."""
    words = bare(words)
    folded = [fold(word) for word in words]
    groups: list[tuple[int, str]] = []
    open_ = [True] * len(words)  # whether a word means what it says
    for first, behind, names in lexicon.find(words, folded):
        groups.extend((first, name) for name in names)
        if IDIOMS in names:
            open_[first:behind] = [False] * (behind - first)
    found = [word for word, is_open in zip(folded, open_, strict=True) if is_open]
    found += [
        f"{one} {two}"
        for (one, is_open), (two, is_open_too) in pairwise([("^", True), *zip(folded, open_, strict=True), ("$", True)])
        if is_open and is_open_too
    ]
    found += [EXACT + word for word, is_open in zip(words, open_, strict=True) if is_open and not word.isascii()]
    return list(dict.fromkeys([*found, *_of_groups(groups)]))


def _of_groups(groups: Sequence[tuple[int, str]]) -> Iterator[str]:
    """Which groups there are, which of them together, and which comes shortly before which."""
    yield from (GROUP + name for _, name in groups)
    if not groups:
        yield GROUP
    for (at, one), (then, two) in combinations(groups, 2):
        if at != then:
            yield f"{min(one, two)}+{max(one, two)}"
            if then - at <= NEAR:
                yield f"{one}>{two}"


def only_sounds_so(signs: Sequence[str]) -> bool:
    """Whether an idiom or the name of a place is among *signs*, and no word of any danger."""
    return GROUP + IDIOMS in signs and not names_danger(signs)


def names_danger(signs: Sequence[str]) -> bool:
    """Whether a word of a danger is among *signs*, and not only who, when and about what."""
    names = {sign.removeprefix(GROUP) for sign in signs if sign.startswith(GROUP)} - {""}
    return not names <= AROUND | {IDIOMS}


class Dangers:
    """What is known of danger. Compared by identity: caches hang on it."""

    def __init__(self, lexicon: Lexicon, danger: Weights, kinds: Weights, threshold: float) -> None:
        self.lexicon, self.danger, self.kinds, self.threshold = lexicon, danger, kinds, threshold

"""Which of the choices on offer a text means: by its label, in any spelling, by its number, or by words of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct

from bot.engine.model import Option
from bot.engine.state import Library
from bot.engine.understanding.courtesy import forms, without_courtesy
from bot.engine.understanding.orders import command_in
from bot.engine.understanding.spelling import accented_in
from bot.engine.words import fold, number_named, plain

SHORTEST = 4
"""Letters of the shortest words that may stand for a label: "có" and "bà" stand in many."""
SLIP = 6
"""A label may be mistyped by one letter in six, as a word of six letters may by one; by MOST at all."""
MOST = 3
NEGATIONS = forms("không khỏi chẳng đừng chưa")
"""Before the words of a label they refuse it."""
_WANTING = forms("muốn phải cần vay hỏi xem là")
"""These may stand between a negation and what it refuses: "không muốn học nghề"."""


class Label(Struct, frozen=True):
    """A label, or an answer, in the shapes that are compared: as it stands, folded, and as words in their spelling."""

    plain: str
    folded: str
    accented: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def spelt(self) -> str:
        """Its words, folded, between single spaces."""
        return " ".join(self.words)


@lru_cache(maxsize=4096)
def _label(library: Library, label: str) -> Label:
    return _shapes(library, label)


def _shapes(library: Library, text: str) -> Label:
    accented = accented_in(text, library.spellings)
    return Label(plain(text), fold(text), accented, tuple(map(fold, accented)))


def _labels(library: Library, options: Sequence[Option], language: str) -> list[tuple[Option, Label]]:
    return [(option, _label(library, library.translate(language, option.label))) for option in options]


def option_named(library: Library, options: Sequence[Option], text: str, language: str) -> Option | None:
    """The option that *text* names by its label or its number, with courtesy or without, in any spelling.

    Diacritics decide between labels that fold alike: what was typed exactly goes before what only folds to it.
    """
    labels = _labels(library, options, language)
    wanted = _shapes(library, text)
    core = without_courtesy(wanted.accented)
    bare = tuple(map(fold, core))
    tests = (
        lambda label: label.plain == wanted.plain,
        lambda label: label.accented == wanted.accented,
        lambda label: label.accented == core,
        lambda label: label.folded == wanted.folded,
        lambda label: label.words in (wanted.words, bare),
    )
    for is_named in tests if wanted.folded else ():
        found = [option for option, label in labels if is_named(label)]
        if len(found) == 1:
            return found[0]
    return _numbered(labels, text, wanted)


def _numbered(labels: Sequence[tuple[Option, Label]], text: str, wanted: Label) -> Option | None:
    """The option whose number *text* is, or begins with before the option's own label: "2. Cách làm hồ sơ"."""
    number = number_named(text, len(labels))
    if number is None:
        number = number_named(" ".join(wanted.accented), len(labels))
    if number is None and wanted.words and wanted.words[0].isdigit():
        at = int(wanted.words[0]) if len(wanted.words[0]) < 3 else 0
        is_whole = 1 <= at <= len(labels) and labels[at - 1][1].words == wanted.words[1:]
        number = at if is_whole else None
    return labels[number - 1][0] if number is not None and 1 <= number <= len(labels) else None


def option_meant(library: Library, options: Sequence[Option], text: str, language: str) -> Option | None:
    """The one option that *text* speaks of without naming it: a part of its label is typed, or the whole with slips,
    or among other words, or its words in another order. The longer evidence goes before the shorter.
    """
    wanted = _shapes(library, text)
    if len(wanted.spelt) < SHORTEST or number_named(text, len(options)) is not None:
        return None
    labels = _labels(library, options, language)
    if command_in(library, text):  # "không" is part of many a label, but means only one that begins so
        return _single(option for option, label in labels if label.words[: len(wanted.words)] == wanted.words)
    is_marked = not text.isascii() and len(wanted.words) == 1
    inside = _single(option for option, label in labels if _is_part(wanted, label, is_marked))
    return inside or _mistyped(labels, wanted) or _longest(_around(labels, wanted)) or _reordered(labels, wanted)


def _single(options: Iterable[Option]) -> Option | None:
    found = list(options)
    return found[0] if len(found) == 1 else None


def _is_part(wanted: Label, label: Label, is_marked: bool) -> bool:
    """Whether what is wanted stands in the label; one word with diacritics must stand there with the same."""
    if is_marked:
        return wanted.accented[0] in label.accented
    return f" {wanted.spelt} " in f" {label.spelt} "


def _around(labels: Sequence[tuple[Option, Label]], wanted: Label) -> list[tuple[Option, Label]]:
    """The options whose whole label stands in what was typed, and is not refused there."""
    typed = f" {wanted.spelt} "
    found = []
    for option, label in labels:
        at = typed.find(f" {label.spelt} ") if len(label.spelt) >= SHORTEST else -1
        if at >= 0 and not _is_refused(typed[:at].split()):
            found.append((option, label))
    return found


def _is_refused(before: list[str]) -> bool:
    while before and before[-1] in _WANTING:
        before = before[:-1]
    return bool(before) and before[-1] in NEGATIONS


def _longest(found: list[tuple[Option, Label]]) -> Option | None:
    """The option whose label holds those of all others found: "vay vốn làm nghề" is more than "vay vốn"."""
    found.sort(key=lambda pair: -len(pair[1].spelt))
    if not found or any(label.spelt not in found[0][1].spelt for _, label in found[1:]):
        return None
    return found[0][0] if len(found) == 1 or len(found[0][1].spelt) > len(found[1][1].spelt) else None


def _reordered(labels: Sequence[tuple[Option, Label]], wanted: Label) -> Option | None:
    """The one option that has every word of what was typed: "hồ sơ vay" for "Hồ sơ để vay"."""
    words = set(map(fold, without_courtesy(wanted.accented)))
    if len(words) < 2 or words & NEGATIONS:
        return None
    return _single(option for option, label in labels if words.issubset(label.words))


def _mistyped(labels: Sequence[tuple[Option, Label]], wanted: Label) -> Option | None:
    """The option whose label is nearest, if it is near enough for its length and no other is as near."""
    from rapidfuzz.distance import OSA  # 3 MB, from the first slip on

    near = []
    for option, label in labels:
        bound = min(len(label.spelt) // SLIP, MOST)
        pairs = ((label.spelt, wanted.spelt), (label.folded, wanted.folded))  # a repair may lead away from a slip
        distance = min(OSA.distance(one, other, score_cutoff=bound) for one, other in pairs)
        if bound and distance <= bound:
            near.append((distance, option))
    near.sort(key=lambda pair: pair[0])
    return near[0][1] if near and (len(near) == 1 or near[0][0] < near[1][0]) else None

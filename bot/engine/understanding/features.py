"""What of a sentence the model looks at: its words, pairs of them, and words that stand for one another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from bot.engine.understanding.spelling import MOST_LETTERS
from bot.engine.words import composed, fold

Concepts = Mapping[str, tuple[str, ...]]
"""Names of groups of words by what is in them, once as written and once folded: "dê" and "de" are "vat-nuoi"."""
Groups = Mapping[str, tuple[str, ...]]
"""The same the other way round, and only as written."""

LONGEST = 4
"""Words of the longest entry of a concept ("bảo hiểm y tế") and of the longest courtesy."""
EXACT, CONCEPT = "=", "~"
"""How features that are no folded words are marked."""
MARKED = 0.4
"""From this share of words with diacritics on, a word without any is meant so: "vay" beside "vậy". Below it, somebody
leaves them out as it comes."""
_WHO = ("tôi", "em", "cháu", "mình", "bác", "con", "chị", "anh", "cô", "chú", "ông", "bà", "bạn", "ad")
_OPENINGS = (
    *("dạ", "vâng", "ạ", "alo", "thưa", "xin hỏi", "cho hỏi", "xin cho hỏi"),
    *(frame.format(who) for who in _WHO for frame in ("{} ơi", "cho {} hỏi", "{} muốn hỏi", "{} hỏi")),
)
_CLOSINGS = ("ạ", "ah", "ak", "với", "nhé", "nhỉ", "nha", "cho hỏi", "xin hỏi")
_WORD = re.compile(r"\w+")


def _both(courtesies: Sequence[str]) -> frozenset[str]:
    """As they are written, and without diacritics: "da" and "voi" may be courtesies, "đã" and "vôi" are not."""
    return frozenset((*courtesies, *map(fold, courtesies))) - {"nha"}


_BEFORE, _BEHIND = _both(_OPENINGS), _both(_CLOSINGS)


def bare(words: Sequence[str]) -> Sequence[str]:
    """Accented *words* without the courtesies around them ("dạ cho em hỏi … với ạ"), unless there is nothing else."""
    return words[_core(words)]


def unadorned(text: str) -> str:
    """*text* without the courtesies around it that are spelt out, in lower case: read before anything is repaired, so
    that they change nothing of how what stands beside them is read."""
    typed = composed(text[:MOST_LETTERS])
    words = list(_WORD.finditer(typed))
    kept = words[_core([word.group() for word in words])]
    return typed[kept[0].start() : kept[-1].end()] if kept else typed


def _core(words: Sequence[str]) -> slice:
    """Where of *words* what is meant stands. What is behind goes first: of "anh ơi với" is left "anh ơi"."""
    first, last = 0, len(words)
    while size := _courtesy(words[first:last], _BEHIND, is_before=False):
        last -= size
    while size := _courtesy(words[first:last], _BEFORE, is_before=True):
        first += size
    return slice(first, last)


def _courtesy(words: Sequence[str], among: frozenset[str], *, is_before: bool) -> int:
    """How many words at one end of *words* are a courtesy; there is always something left."""
    for size in range(min(LONGEST, len(words) - 1), 0, -1):
        if " ".join(words[:size] if is_before else words[-size:]) in among:
            return size
    return 0


def concepts_of(groups: Groups) -> Concepts:
    """What a text can be looked up in, of *groups*."""
    found: dict[str, set[str]] = {}
    for name, entries in groups.items():
        for entry in entries:
            for shape in (entry, fold(entry)):
                found.setdefault(shape, set()).add(name)
    return {shape: tuple(sorted(names)) for shape, names in found.items()}


def features_of(words: Sequence[str], concepts: Concepts) -> list[str]:
    """The features of accented *words*, each once: folded words and pairs, words as written, and concepts."""
    words = bare(words)
    folded = [fold(word) for word in words]
    found = [*folded, *map(" ".join, pairwise(folded))]
    marked = [word for word in words if not word.isascii()]
    found += [EXACT + word for word in (words if len(marked) >= len(words) * MARKED else marked)]
    found += [CONCEPT + name for name in _concepts_in(words, folded, concepts)]
    return list(dict.fromkeys(found))


def _concepts_in(words: Sequence[str], folded: Sequence[str], concepts: Concepts) -> Iterator[str]:
    """The names of the groups that words belong to, the longest entry first at every place."""
    at = 0
    while at < len(words):
        size = LONGEST
        while size and not (names := _names(words[at : at + size], folded[at : at + size], concepts)):
            size -= 1
        if size:
            yield from names
        at += max(size, 1)


def _names(words: Sequence[str], folded: Sequence[str], concepts: Concepts) -> tuple[str, ...]:
    """Words without diacritics may be any that fold to them."""
    typed = " ".join(words)
    return concepts.get(" ".join(folded) if typed.isascii() else typed, ())

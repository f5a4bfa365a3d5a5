"""Counts the words that people use with us, and keeps the counts: to count them anew at every start takes too long."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
from msgspec import Struct

from bot.engine.understanding.model import shared, unshared
from bot.engine.understanding.spelling import Rows
from bot.engine.understanding.syllables import SYLLABLES
from bot.engine.understanding.usage import Usage
from bot.engine.words import composed, fold

USAGE = "understanding/usage.json"
"""Where the counts are kept, from the folder of the content."""
_WORD = re.compile(r"[^\W0-9_]+|\n")
BREAK = "\n"
"""What parts lines: the last word of one and the first of the next are no pair."""
WIDTH, OTHER = 20, (1 << 20) - 1
"""Two numbers of words in one: the first stands above so many bits, the second in these."""
TWICE = 2
"""A pair counts from its second time on, and what isn't Vietnamese likewise: the first may be somebody's slip."""


class Stored(Struct, frozen=True, forbid_unknown_fields=True):
    """The file. `pairs` are sorted and shortened as the features of the model are, `times` say how often each is."""

    words: dict[str, int]
    pairs: str
    times: tuple[int, ...]
    forms: tuple[str, ...]


def packed(usage: Usage) -> bytes:
    """The file's bytes for *usage*."""
    pairs = sorted(usage.pairs)
    times = tuple(usage.pairs[pair] for pair in pairs)
    return msgspec.json.encode(Stored(dict(usage.words), shared(pairs), times, usage.forms))


def unpacked(data: bytes) -> Usage:
    """What `packed` made *data* of; ValueError when it is nothing of the kind."""
    stored = msgspec.json.decode(data, type=Stored)
    return Usage(stored.words, dict(zip(unshared(stored.pairs), stored.times, strict=True)), stored.forms)


def count_usage(content: Path, rows: Rows) -> Usage:
    """How often each word and each pair of words stands in the examples, folded; the words of *rows* count as known."""
    files = [*sorted((content / "examples").glob("*.txt")), *sorted((content / "understanding/danger").glob("*.txt"))]
    folded = {BREAK: BREAK}
    numbers = {BREAK: 0}
    formed: Counter[str] = Counter()
    said = _words_of(files, folded, numbers, formed)
    times = Counter(said)
    words = [*numbers]
    known = {word for word, number in numbers.items() if times[number] >= TWICE or word in SYLLABLES}
    known = known - rows.keys() - {BREAK}
    known |= {fold(word) for row in rows.values() for one in row for word in one.reading}
    counts = {word: times[numbers[word]] if word in numbers else 1 for word in sorted(known)}
    pairs = Counter(one << WIDTH | other for one, other in pairwise(said))
    kept = {
        f"{words[pair >> WIDTH]} {words[pair & OTHER]}": count
        for pair, count in pairs.items()
        if count >= TWICE and words[pair >> WIDTH] in known and words[pair & OTHER] in known
    }
    forms = [form for form in sorted(folded) if not form.isascii() and folded[form] in known]
    return Usage(counts, kept, sorted(forms, key=lambda form: -formed[form]))


def _words_of(
    files: Sequence[Path], folded: dict[str, str], numbers: dict[str, int], formed: Counter[str]
) -> list[int]:  # fmt: skip
    """The folded words of all lines, with a `BREAK` behind each line, as *numbers*: texts would take 12 MB, which a
    process that goes on doesn't give back, and twice the time. *folded* keeps each form's folding, *formed* counts
    them."""
    said: list[int] = []
    places: dict[str, int] = {BREAK: 0}
    for file in files:
        forms = _WORD.findall(composed(file.read_text(encoding="utf-8")))
        formed.update(forms)
        for form in set(forms) - folded.keys():
            word = folded[form] = sys.intern(fold(form))
            places[form] = numbers.setdefault(word, len(numbers))
        said.extend(map(places.__getitem__, forms))
        said.append(0)
    return said

"""Two wishes in one message: where it may be parted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from bot.engine.understanding.features import bare
from bot.engine.words import fold

_JOINTS = frozenset(("va", "voi", "cung", "hay", "hoac", "roi", "lan", "con", "nua", "ca", "vua"))
_LISTED = re.compile(r"[,;+&/\n]")
LISTED = 12
"""Words of the longest message whose commas part wishes: in a story they part everything."""

Halves = tuple[Sequence[str], Sequence[str]]


def halves(text: str, words: Sequence[str], read: Callable[[str], Sequence[str]]) -> Iterator[Halves]:
    """Accented *words* of *text* parted at each "và", "với", "rồi", or comma. *read* gives the words of a part."""
    said = bare(words)
    joined = ((said[:at], said[at + 1 :]) for at in range(1, len(said) - 1) if fold(said[at]) in _JOINTS)
    listed = [(text[: found.start()], text[found.end() :]) for found in _LISTED.finditer(text)]
    parts = [(read(first), read(second)) for first, second in listed] if len(said) <= LISTED else []
    yield from ((first, second) for first, second in (*joined, *parts) if first and second)

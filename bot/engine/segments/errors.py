"""What is wrong with a query: where, what, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable

from bot.engine.words import fold

CLOSE = 60.0
"""Least similarity (0-100) at which something is worth naming; the loader of dialogs uses the same."""


class SegmentError(Exception):
    """A query can't be understood. `column` counts letters from 1; the text is one whole Vietnamese line.

    `kind` says what kind of thing `word` was meant to be ("field", "ho", "xa", "dialog", "syntax" …); `nearest` is
    what there is most like it, or empty.
    """

    def __init__(self, column: int, kind: str, what: str, *, word: str = "", nearest: str = "") -> None:
        self.column, self.kind, self.word, self.nearest = column, kind, word, nearest
        near = f" Gần nhất: {nearest}." if nearest else ""
        super().__init__(f"Cột {column}: {what}.{near}")


def nearest(word: str, known: Iterable[str]) -> str:
    """The one of *known* most like *word* (letters compared without case and diacritics), or ""."""
    from rapidfuzz import fuzz, process  # 3 MB: a query without errors does without

    best = process.extractOne(word, list(known), scorer=fuzz.ratio, processor=fold, score_cutoff=CLOSE)
    return best[0] if best else ""

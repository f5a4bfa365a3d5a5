"""From free text to a topic: the longest phrase of a dialog's `words` that stands in what was typed."""

from __future__ import annotations

from functools import lru_cache

from bot.engine.state import Library
from bot.engine.words import fold, plain


@lru_cache(maxsize=4)
def _phrases(library: Library) -> tuple[tuple[str, str, str], ...]:
    """(folded phrase between spaces, phrase with diacritics, dialog id), the longest first."""
    found = [
        (f" {fold(words)} ", f" {plain(words)} ", dialog.id)
        for dialog in library.dialogs.values()
        for words in (*dialog.words, *((dialog.title,) if dialog.words else ()))
        if fold(words)
    ]
    return tuple(sorted(found, key=lambda entry: (-len(entry[0]), entry[0])))


def find_topic(library: Library, text: str) -> str | None:
    """The dialog that *text* asks for, or None. Of phrases of one length, the one with its diacritics right wins."""
    folded, typed = f" {fold(text)} ", f" {plain(text)} "
    best: tuple[int, bool] = (0, False)
    topic: str | None = None
    for phrase, exact, dialog in _phrases(library):
        if len(phrase) < best[0]:
            break
        if phrase in folded:
            rank = (len(phrase), exact in typed)
            if rank > best:
                best, topic = rank, dialog
    return topic

"""Choices as lines under a text, where a platform has no buttons or refuses them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import normalize

from bot.channels.layout import cut, plain


def menu_parts(markdown: str, labels: Sequence[str], limit: int) -> list[str]:
    """*markdown* as messages of plain text of at most *limit* code points, the choices as lines under the last.

    Composed (NFC): a Vietnamese sentence written with combining marks is a quarter longer. Empty if nothing would be
    seen. ValueError: a label that can't be seen.
    """
    titles = titles_of(labels)
    texts = cut(plain(normalize("NFC", markdown)), limit)
    return with_lines(texts, titles, limit) if texts and titles else texts


def titles_of(labels: Sequence[str]) -> list[str]:
    """The labels composed and without space around them. ValueError: one that can't be seen."""
    titles = [normalize("NFC", label).strip() for label in labels]
    if not all(titles):
        raise ValueError("a choice needs a label that can be seen")
    return titles


def with_lines(texts: Sequence[str], titles: Sequence[str], limit: int) -> list[str]:
    """The parts with the choices as lines under the last, or as messages of their own where there are very many."""
    lines = listed("", titles).strip()
    if len(lines) > limit // 2:
        return [*texts, *cut(lines, limit)]
    *before, last = with_room(texts, titles, limit)
    return [*before, listed(last, titles)]


def with_room(texts: Sequence[str], titles: Sequence[str], limit: int) -> list[str]:
    """The parts, the last with room for the lines of the choices."""
    *before, last = texts
    return [*before, *cut(last, limit - len(listed("", titles)))]


def listed(text: str, titles: Sequence[str]) -> str:
    """The choices as lines under *text*. A label without a number is answered by its words, as its bullet says."""
    lines = [title if title[0].isdecimal() else f"• {title}" for title in titles]
    return "\n".join((f"{text}\n", *lines))

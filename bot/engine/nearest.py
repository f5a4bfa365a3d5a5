"""The choice that a question within a topic comes nearest to, by the words of its label."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.model import Option
from bot.engine.state import Library
from bot.engine.words import fold

LEAST = 2
"""Words of a label that must have been typed: one is in too many questions."""
SHARE = 0.6
"""The share of its words that these must be. Of our 3,946 sentences for topics 258 have such a choice in theirs, and of
61 that were looked at 45 ask for just that; the others are told something of the topic, and asked on."""
COMMON = frozenset(
    [
        "co", "la", "gi", "thi", "o", "nao", "cho", "cua", "va", "voi", "de", "duoc", "bao", "nhieu", "ai", "dau",
        "khong", "phan", "cac", "mot", "nhung", "xem", "tiep", "hoi", "ve", "nha", "minh", "con", "toi", "thay",
    ]
)  # fmt: skip
"""Words that stand in labels and questions of all kinds, folded."""


def option_near(library: Library, options: Sequence[Option], text: str, language: str, title: str) -> Option | None:
    """The one option whose label shares most words with *text*, of those that lead on within the topic called *title*.

    The topic's own words tell its choices not apart.
    """
    typed, own = set(fold(text).split()), set(fold(title).split())
    ranked: list[tuple[float, int, Option]] = []
    for option in options:
        label = [w for w in fold(library.translate(language, option.label)).split() if w not in COMMON | own]
        shared = sum(word in typed for word in label)
        if option.go.node and shared >= LEAST and shared >= SHARE * len(label):
            ranked.append((shared / len(label), shared, option))
    best = max(ranked, key=lambda entry: entry[:2], default=None)
    return best[2] if best and sum(entry[:2] == best[:2] for entry in ranked) == 1 else None

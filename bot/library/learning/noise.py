"""Slips of our own making: sentences as they come from a small keyboard in a hurry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

SHARE = 0.3
"""Words of a sentence that are typed otherwise: our guess; with half as many messages in a hurry are read worse."""
_SOUNDS = (("ph", "f"), ("ngh", "ng"), ("gh", "g"), ("qu", "w"), ("gi", "j"), ("d", "z"), ("tr", "ch"), ("x", "s"))
_ENDS = (("ng", "g"), ("nh", "h"), ("ch", "k"), ("c", "k"), ("i", "y"))


def hurried(text: str, shorts: Mapping[str, Sequence[str]], random: Random) -> str:
    """*text* with some of its words as *shorts* has them by the whole word, as they sound, or mistyped."""
    return " ".join(_hurried(word, shorts, random) if random.random() < SHARE else word for word in text.split())


def _hurried(word: str, shorts: Mapping[str, Sequence[str]], random: Random) -> str:
    known = shorts.get(word.casefold(), ())
    if known and random.random() < 0.7:
        return random.choice(known)
    if random.random() < 0.5:
        return _as_it_sounds(word, random)
    return _mistyped(word, random)


def _as_it_sounds(word: str, random: Random) -> str:
    fits = [short + word[len(long) :] for long, short in _SOUNDS if word.startswith(long)]
    fits += [word[: -len(long)] + short for long, short in _ENDS if len(word) > 2 and word.endswith(long)]
    return random.choice(fits) if fits else word


def _mistyped(word: str, random: Random) -> str:
    """A letter left out, two that changed places, or one twice; the first stays, as it mostly does."""
    if len(word) < 4:
        return word
    at = random.randrange(1, len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    return before + random.choice((after, after[0] + letter + after[1:], letter + letter + after))

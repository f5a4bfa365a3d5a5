"""Other spellings of one word: keys that didn't compose, letters repeated, habits of chat spelling, dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from unicodedata import normalize

from bot.engine.understanding.keyboards import from_telex, from_vni

_Rules = tuple[tuple[re.Pattern[str], str], ...]
_AFTER_VOWEL = "(?<=[aeiouy\u0300-\u036f])"


def _rules(*pairs: tuple[str, str]) -> _Rules:
    return tuple((re.compile(pattern), standard) for pattern, standard in pairs)


_HABITS = _rules(
    ("^f", "ph"), ("^j", "gi"), ("^w", "qu"), ("^q(?=[aei])", "qu"), ("^dz", "d"), ("^z", "d"), ("^z", "v"),
    ("^z", "gi"), ("^k(?=[aou])", "c"), ("^c(?=[eiy])", "k"), ("^ng(?=[eiy])", "ngh"), ("^ngh(?=[aou])", "ng"),
    ("^g(?=e)", "gh"), ("^gh(?=[aou])", "g"), ("^([nt])k", r"\1h"), ("j(?=.)", "i"), ("j$", "i"),
    (f"{_AFTER_VOWEL}g$", "ng"), (f"{_AFTER_VOWEL}h$", "nh"), (f"{_AFTER_VOWEL}k$", "c"),
    (f"{_AFTER_VOWEL}c?k$", "ch"), ("y(?=[\u0300-\u036f]*$)", "i"),
)  # fmt: skip
"""How chat spelling shortens and plays with sounds, and the standard spelling; on decomposed words."""
_DIALECT = _rules(("^l", "n"), ("^n(?![gh])", "l"), ("^x", "s"), ("^s", "x"), ("^ch", "tr"), ("^tr", "ch"))
"""Sounds that are one in the North, and so are mixed up in writing."""
_REPEATED = re.compile("([a-zđ])([\u0300-\u036f]*)(?:\\1[\u0300-\u036f]*)+")
"""A letter typed more than once, decomposed: "kooo", "quáaa"."""
SHORTEST = 3
"""Letters from which a habit is looked for: of shorter ones ("ko") only the table knows."""
_PIECE = re.compile(r"[0-9]+|[^\W0-9_]+")
_ZERO = re.compile(r"(?<=[^\W0-9_])0(?=[^\W0-9_]|$)")
_VOWEL = re.compile("[aeiouy]")


def retyped(token: str) -> Iterator[str]:
    """*token* as its keys were meant, with its repeated letters once, and then with up to two habits undone."""
    keys = [*dict.fromkeys(_recomposed(token))]
    yield from keys
    for one in (token, *keys) if len(token) >= SHORTEST else ():
        yield from _respelt(one, _HABITS, 2)


def in_dialect(token: str) -> Iterator[str]:
    """*token* with a sound exchanged for the one that it is mixed up with."""
    return _respelt(token, _DIALECT, 1)


def _recomposed(token: str) -> Iterator[str]:
    if len(set(token)) == 1 and not _VOWEL.match(normalize("NFD", token)):
        return  # "kkk" is laughter
    once = normalize("NFC", _REPEATED.sub(r"\1\2", normalize("NFD", token)))
    for one in dict.fromkeys((token, once)):
        telex = from_telex(one)
        if telex is not None and telex != one:
            yield telex
    if once != token:
        yield once


def _respelt(token: str, rules: _Rules, most: int) -> Iterator[str]:
    """*token* by one of *rules*, and then by up to *most* of them."""
    letters = [normalize("NFD", token)]
    for _ in range(most):
        letters = [other for one in letters for other in _changed(one, rules)]
        yield from (normalize("NFC", one) for one in letters)


def _changed(letters: str, rules: Sequence[tuple[re.Pattern[str], str]]) -> Iterator[str]:
    for pattern, standard in rules:
        other = pattern.sub(standard, letters, count=1)
        if other != letters:
            yield other


def unmixed(token: str) -> Iterator[str]:
    """The words that digits among the letters of *token* may stand for: VNI keys ("vo61n"), a zero for an o."""
    is_inside = token[0].isalpha() and not _PIECE.fullmatch(token.rstrip("0123456789"))
    is_typed = is_inside or _digits(token) > 1  # one digit behind a word counts something: "tổ5", "số2"
    word = from_vni(token) if is_typed else None
    if word is not None:
        yield word
    if _ZERO.search(token):
        yield _ZERO.sub("o", token)


def _digits(token: str) -> int:
    return sum(map(str.isdigit, token))


def pieces(token: str) -> tuple[str, ...]:
    """Numbers and letters of *token*, apart: "50tr" -> ("50", "tr")."""
    return tuple(_PIECE.findall(token)) or (token,)

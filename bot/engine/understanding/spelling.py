"""What people type made into words: chat spellings written out, keys that didn't compose, words glued together.

`words_in` gives folded words and `accented_in` the same words with their diacritics. Every step is a repair of what is
no word as it stands: what is one is left alone, and what no repair makes a word stays as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from msgspec import Struct

from bot.engine.understanding.repairs import in_dialect, pieces, retyped, unmixed
from bot.engine.understanding.syllables import LETTERS, SYLLABLES, settled
from bot.engine.understanding.usage import LONG, LONGEST, SHORT, Usage, kind_of_slip
from bot.engine.words import composed, fold

KEPT = 16384
"""Tokens whose reading is remembered: the words of a language come again, a flood of nonsense pushes out the oldest."""
ROUNDS = 4
"""A repair may bring forth what another one mends ("50tr" is 50 and "tr"); three rounds are the most seen."""
MOST = 200
"""Words read of one message: nobody asks at such length, and somebody may try what a megabyte does."""
MOST_LETTERS = 4096
"""Letters read of one message: as many as Telegram lets one have."""
NUMBER, FIRST, LAST = "#", "^", "$"
"""What a context of the table may name besides words: a number, the beginning, the end."""

_TOKEN = re.compile(rf"[0-9]{{1,3}}(?:[.,][0-9]{{3}})+(?![0-9])|[0-9{LETTERS}]+")
_VOWEL = re.compile("[aeiouy]")


class Row(Struct, frozen=True):
    """One way to read a chat spelling, as accented words; with contexts only behind or before one of those words."""

    reading: tuple[str, ...]
    after: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()

    @property
    def is_clear(self) -> bool:
        """Whether it holds everywhere."""
        return not self.after and not self.before

    def holds(self, left: str, right: str) -> bool:
        """Whether the spelling may be read so between these folded words; empty: there is none."""
        return self.is_clear or _named(left or FIRST, self.after) or _named(right or LAST, self.before)


def _named(word: str, among: frozenset[str]) -> bool:
    return word in among or (NUMBER in among and word.isdigit())


class Unsure(Struct, frozen=True):
    """A token that the words around it decide: by *rows* of the table, as one of the words *near* it, or joined to the
    token behind it. Without their support it is *alone*; where it *is_odd*, a form that nobody writes, they can't
    support that; where it *is_said*, a word that people use, they must leave no doubt that another was meant.
    """

    alone: tuple[str, ...]
    rows: tuple[Row, ...] = ()
    near: tuple[str, ...] = ()
    joins: bool = False
    is_odd: bool = False
    is_said: bool = False


Rows = Mapping[str, tuple[Row, ...]]


class Spellings:
    """How tokens are read: by the table of chat spellings, and by the words that people use with us."""

    def __init__(self, rows: Rows | None = None, usage: Usage | None = None) -> None:
        self._rows = rows or {}
        self._long = sorted(typed for typed in self._rows if len(typed) >= LONG)
        self.usage = usage or Usage({}, {})
        self._read = lru_cache(maxsize=KEPT)(self._reading)

    def read(self, tokens: tuple[str, ...]) -> tuple[str, ...]:
        """One round of repairs over composed *tokens*."""
        words: list[str] = []
        is_taken = False
        for at, token in enumerate(tokens):
            found = self._read(token)
            if is_taken:
                is_taken = False
            elif isinstance(found, Unsure):
                behind = tokens[at + 1] if at + 1 < len(tokens) else ""
                is_taken = found.joins and self._is_rest(token, behind)
                before = words[-1] if words else ""
                words += (token + behind,) if is_taken else self._chosen(token, found, before, behind)
            else:
                words += found
        return tuple(words)

    def shorts(self) -> dict[str, tuple[str, ...]]:
        """The chat spellings of single words, by the word that they stand for."""
        found: dict[str, tuple[str, ...]] = {}
        for typed, rows in self._rows.items():
            for row in rows:
                if len(row.reading) == 1 and row.reading[0] != typed:
                    found[row.reading[0]] = (*found.get(row.reading[0], ()), typed)
        return found

    def _is_rest(self, token: str, behind: str) -> bool:
        """Whether *behind*, no word itself, makes one with *token*: "ngh èo"."""
        words = self.usage.words
        return bool(behind) and fold(behind) not in words and fold(token + behind) in words

    def _chosen(self, token: str, unsure: Unsure, before: str, behind: str) -> tuple[str, ...]:
        """How *token*, which is *unsure*, is read between *before* and *behind*."""
        left, right = fold(before), fold(behind)
        if unsure.rows:
            found = self._read(behind) if behind else ()
            right = fold(found[0]) if isinstance(found, tuple) and found else right
            return next((row.reading for row in unsure.rows if row.holds(left, right)), unsure.alone)
        if unsure.is_said:
            meant = self.usage.meant(left, token, right)
            return (meant,) if meant else unsure.alone
        return self._fitting(token, unsure, left, right, is_plain=(before + behind).isascii())

    def _fitting(self, token: str, unsure: Unsure, left: str, right: str, *, is_plain: bool) -> tuple[str, ...]:
        """The word near *token* that its neighbours speak for, unless they speak for itself. *is_plain*: they have no
        diacritics, and what is read between them needs none."""
        usage, typed = self.usage, fold(token)
        could_be = unsure.alone == (settled(token),) and not unsure.is_odd
        if not unsure.near or (could_be and usage.said(left, typed, right)):
            return unsure.alone
        best = max(unsure.near, key=lambda word: usage.fit(left, fold(word), right, typed))
        if not usage.said(left, fold(best), right):
            return unsure.alone
        return (best if is_plain else usage.marked(best),)

    def _reading(self, token: str) -> tuple[str, ...] | Unsure:
        """What one token is: words, pieces for the next round, or a matter of the words around it."""
        folded = fold(token)
        rows = self._rows.get(token)
        if rows is None and folded in SYLLABLES and not (folded != token and self.usage.has(token)):
            rows = self._rows.get(folded)  # "túi" is no "tui"
        if rows is not None:
            if folded != token and not rows[-1].is_clear:
                rows += self._rows.get(folded, ())
            return rows[0].reading if len(rows) == 1 and rows[0].is_clear else Unsure((token,), rows)
        if token.isdigit():
            return (token,)
        if not token.isalpha():
            other = next((one for one in unmixed(token) if self._is_known(one) or fold(one) in SYLLABLES), None)
            return pieces(token) if other is None else (settled(other),)
        return self._word(token, folded)

    def _is_known(self, token: str) -> bool:
        return token in self._rows or fold(token) in self.usage.words

    def _word(self, token: str, folded: str) -> tuple[str, ...] | Unsure:
        """Letters alone. What only could be a word may be a slip for a longer one that goes with its neighbours."""
        if self.usage.has(token):
            is_open = len(folded) >= LONG - 1 and not token.isascii()  # bare, too many words may be meant
            return Unsure((settled(token),), is_said=True) if is_open else (settled(token),)
        near = self.usage.near(token)
        if folded in self.usage.words or folded in SYLLABLES:
            shortest = LONG if folded in self.usage.words else SHORT
            likely = [word for word in near if len(word) >= shortest and self._may_be(token, word)]
            likely = [*self._formed(token, likely), *(one for one in in_dialect(token) if self.usage.has(one))]
            is_odd = not token.isascii()
            return Unsure((settled(token),), near=tuple(likely), is_odd=is_odd) if likely else (settled(token),)
        tried = [*retyped(token)]
        known = next((one for one in tried if self._is_known(one)), None)
        if known is not None:
            is_open = len(folded) >= LONG and known not in self._rows
            near = self._formed(token, near)
            return Unsure((settled(known),), near=near) if near and is_open else (settled(known),)
        if not _VOWEL.search(folded):
            return self._unvoiced(token, near)
        syllable = next(((settled(one),) for one in tried if fold(one) in SYLLABLES), ())
        return self._guessed(token, folded, near, syllable)

    def _listed(self, token: str) -> tuple[str, ...]:
        """*token*, or the long entry of the table that it is a slip for: "thansk"."""
        if len(token) < LONG - 1:
            return (token,)
        from rapidfuzz.distance import OSA

        near = (one for one in self._long if OSA.distance(one, token, score_cutoff=1) == 1)
        return (next(near, token),)

    def _unvoiced(self, token: str, near: tuple[str, ...]) -> Unsure:
        """Letters without a vowel: one was left out, or the next token is the rest of the word."""
        usage = self.usage
        near = usage.voiced(token) or near
        is_plain = (len(token) >= SHORT and usage.is_ahead(near)) or len(token) >= LONG - 1
        return Unsure(near[:1] if near and is_plain else self._listed(token), near=near, joins=True)

    def _may_be(self, token: str, word: str) -> bool:
        """Whether *token* may be *word* with a slip: diacritics that were typed speak too."""
        return token.isascii() or self.usage.resembles(token, word)

    def _formed(self, token: str, words: Sequence[str]) -> tuple[str, ...]:
        """Folded *words* with the diacritics that were typed in *token*, as near as they are written with any."""
        return tuple(self.usage.form_of(token, word) for word in words)

    def _guessed(
        self, token: str, folded: str, near: tuple[str, ...], syllable: tuple[str, ...]
    ) -> Unsure | tuple[str, ...]:
        """What is no word in any spelling: one that its neighbours speak for, else several in one, else the nearest."""
        usage = self.usage
        parted = usage.parted(folded)
        slip = near[:1] if len(folded) >= LONG or usage.is_plain(near, folded) else ()
        if parted and not usage.is_drowned(parted, slip, folded):
            return parted
        is_touch = bool(slip) and len(slip[0]) == len(folded) and kind_of_slip(slip[0], folded) < 2
        begun = () if is_touch else usage.begun(folded)
        begun = () if usage.is_drowned(begun, slip, folded) else begun
        near = self._formed(token, near)
        alone = begun or syllable or near[: len(slip)] or (self._listed(token) if token.isascii() else ())
        if not alone:
            return self._read(folded)  # read as if no diacritics had been typed
        return Unsure(alone, near=near) if near and not begun else alone


BARE = Spellings()
"""No table and no words known: of a library without any."""


def accented_in(text: str, spellings: Spellings = BARE) -> tuple[str, ...]:
    """The words of *text* with the diacritics that were typed, in lower case; tones stand where they belong."""
    found = _TOKEN.findall(composed(text[:MOST_LETTERS]))
    tokens = tuple(token.replace(".", "").replace(",", "")[:LONGEST] for token in found[:MOST])
    for _ in range(ROUNDS):
        read = spellings.read(tokens)
        if read == tokens:
            break
        tokens = read
    return tokens


def words_in(text: str, spellings: Spellings = BARE) -> tuple[str, ...]:
    """The words of *text* without diacritics: "ko dc vay" -> ("khong", "duoc", "vay")."""
    return tuple(map(fold, accented_in(text, spellings)))

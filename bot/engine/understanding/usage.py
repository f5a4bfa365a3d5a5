"""The words that people use with us, and which follow which: what the repairs of spelling choose among."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise

from bot.engine.words import fold

_VOWEL = re.compile("[aeiouy]")
KEPT = 2048
"""Tokens whose neighbours are remembered: more than there are long words that people use with us."""
LONGEST = 30
"""Letters of the longest token that is looked at: "xuatkhaulaodong" has 15, glued words of a whole question 25."""
SHORT, LONG = 4, 6
"""Letters from which one slip is mended: below LONG only where the words around it, or the kind of slip, leave one."""
OFTENER = 4
"""How many times as often as the next one a word must be said to be taken for a slip of a short word."""
FAR_OFTENER = 20
"""How many times as often as a pair of words a single one must be said for two letters that ran together, or a first
word cut short, to be a slip for it: "chyen" is "chuyen" and not "cho yen", "kbiet" is "khong biet" and not "biet"."""
SLIPS = (1.0, 0.5, 0.2)
"""How often each kind of slip is made, beside the first; see `kind_of_slip`."""
SELDOM = 2
"""How often a pair is taken to be said that we haven't heard: at 2 a word that was meant is never taken for another in
16,000 sentences, and 90 slips of 7,400 that made a word are mended; at 1 it would be 2 and 145."""
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _near_keys() -> frozenset[str]:
    """Pairs of letters on keys that touch each other."""
    at = {key: (x + y / 2, y) for y, row in enumerate(_ROWS) for x, key in enumerate(row)}
    return frozenset(
        one + other
        for one, (x, y) in at.items()
        for other, (x2, y2) in at.items()
        if one != other and abs(x - x2) <= 1 and abs(y - y2) <= 1
    )


_NEAR = _near_keys()


class Usage:
    """How often folded words are said, and pairs of them in a row ("ho ngheo"); *forms* are words with diacritics, the
    most said first."""

    def __init__(self, words: Mapping[str, int], pairs: Mapping[str, int], forms: Iterable[str] = ()) -> None:
        self.words, self.pairs, self.forms = words, pairs, tuple(forms)
        self._forms: dict[str, list[str]] = {}
        for form in self.forms:
            self._forms.setdefault(fold(form), []).append(form)
        self.near = lru_cache(maxsize=KEPT)(self._near)
        self._by_size: dict[int, list[str]] = {}
        for word in words:
            self._by_size.setdefault(len(word), []).append(word)

    @cached_property
    def _ends(self) -> Mapping[str, Sequence[str]]:
        """Pairs by their second word, the most said first: sorted when a shortened word first comes."""
        found: dict[str, list[str]] = {}
        for pair in sorted(self.pairs, key=lambda pair: (-self.pairs[pair], pair)):
            found.setdefault(pair.partition(" ")[2], []).append(pair)
        return found

    @cached_property
    def _by_consonants(self) -> Mapping[str, Sequence[str]]:
        """Words of one vowel by what is left without it, where that is long enough to be looked at."""
        found: dict[str, list[str]] = {}
        for word in sorted(self.words, key=lambda word: (-self.words[word], word)):
            bare, count = _VOWEL.subn("", word)
            if count == 1 and len(bare) >= SHORT - 1:
                found.setdefault(bare, []).append(word)
        return found

    def said(self, left: str, word: str, right: str) -> int:
        """How often *word* is said behind *left* or before *right*."""
        return self.pairs.get(f"{left} {word}", 0) + self.pairs.get(f"{word} {right}", 0)

    def _near(self, token: str) -> tuple[str, ...]:
        """The folded words that *token* is one slip away from: by kind of slip, then by how often they are said. Where
        some are as near with the diacritics that were typed, only those."""
        folded = fold(token)
        size = len(folded)
        if not SHORT <= size <= LONGEST:
            return ()
        words = [word for n in (size - 1, size, size + 1) if n >= SHORT for word in self._by_size.get(n, ())]
        from rapidfuzz.distance import OSA  # 3 MB, from the first slip on

        found = [word for word in words if word != folded and OSA.distance(word, folded, score_cutoff=1) == 1]
        if not token.isascii():
            found = [word for word in found if self.resembles(token, word)] or found
        return tuple(sorted(found, key=lambda word: (kind_of_slip(word, folded), -self.words[word], word)))

    def voiced(self, folded: str) -> tuple[str, ...]:
        """The words of one vowel that *folded* is without it, the most said first: "khng", "cht"."""
        return tuple(self._by_consonants.get(folded, ()))

    def fit(self, left: str, word: str, right: str, typed: str) -> float:
        """How likely it is that between *left* and *right* *word* was meant by *typed*, beside other words."""
        return self.said(left, word, right) * SLIPS[kind_of_slip(word, typed)]

    def meant(self, left: str, token: str, right: str) -> str:
        """The long word that must be a slip, though *token* is a word: far more often said between *left* and *right*
        ("người huyết tật"). "" for none, which is the rule."""
        said = self.said(left, fold(token), right)
        if said >= OFTENER:
            return ""
        least = FAR_OFTENER * max(said, SELDOM)
        near = [word for word in self.near(token) if len(word) >= LONG and self.said(left, word, right) >= least]
        best = max(near, key=lambda word: self.fit(left, word, right, fold(token)), default="")
        return self.form_of(token, best) if best and self.resembles(token, best) else ""

    def marked(self, word: str) -> str:
        """*word* with its diacritics, where it is written in one way only."""
        forms = self._forms.get(word, ())
        return forms[0] if len(forms) == 1 else word

    def has(self, token: str) -> bool:
        """Whether people say *token* as it stands, its diacritics included if it has any."""
        folded = fold(token)
        return folded in self.words if token.isascii() else token in self._forms.get(folded, ())

    def resembles(self, token: str, word: str) -> bool:
        """Whether *token*, with diacritics, is one slip away from a form of *word* with its own: "tường", "trường"."""
        from rapidfuzz.distance import OSA

        return any(OSA.distance(form, token, score_cutoff=1) == 1 for form in self._forms.get(word, ()))

    def form_of(self, token: str, word: str) -> str:
        """The form of folded *word* that *token* is nearest to; *word* itself where no diacritics were typed."""
        forms = () if token.isascii() else self._forms.get(word, ())
        if not forms:
            return word
        from rapidfuzz.distance import OSA

        return min(forms, key=lambda form: OSA.distance(form, token))

    def is_plain(self, near: Sequence[str], folded: str) -> bool:
        """Whether the first of the words *near* is a small slip, and no other as small is said nearly as often."""
        kinds = [kind_of_slip(word, folded) for word in near[:2]]
        is_small = bool(kinds) and kinds[0] < 2
        return is_small and (kinds[1:] != kinds[:1] or self.is_ahead(near))

    def is_ahead(self, near: Sequence[str]) -> bool:
        """Whether the first of the words *near* is said far more often than the second, if there is one."""
        return bool(near) and (len(near) == 1 or self.words[near[0]] >= OFTENER * self.words[near[1]])

    def is_drowned(self, reading: Sequence[str], slip: Sequence[str], typed: str) -> bool:
        """Whether the words of *reading* are said one after the other far less often than the one of *slip*; where that
        is *typed* with all its letters, less often will do: "guiong" is "giuong" and not "gui ong"."""
        if not slip:
            return False
        rarest = min((self.pairs.get(" ".join(pair), 0) for pair in pairwise(reading)), default=0)
        return self.words[slip[0]] >= rarest * (FAR_OFTENER if kind_of_slip(slip[0], typed) else OFTENER)

    def parted(self, folded: str) -> tuple[str, ...]:
        """Words that were typed without the spaces between them: only such as people say one after the other."""
        if not SHORT <= len(folded) <= LONGEST:
            return ()
        found = self._partings(folded, "")
        return min(found, key=lambda parts: (len(parts[1]), -parts[0]))[1] if found else ()

    def _partings(self, rest: str, before: str) -> list[tuple[int, tuple[str, ...]]]:
        """Every way to take *rest* apart behind the word *before*, with how often its rarest pair is said."""
        found: list[tuple[int, tuple[str, ...]]] = []
        for size in range(1, len(rest) + (before != "")):
            part = rest[:size]
            said = self.pairs.get(f"{before} {part}", 0) if before else self.words.get(part, 0)
            if not said:
                continue
            if size == len(rest):
                found.append((said, (part,)))
            found += [(min(said, least), (part, *parts)) for least, parts in self._partings(rest[size:], part)]
        return found

    def begun(self, folded: str) -> tuple[str, ...]:
        """A pair whose first word was shortened to its first letters: "htro", "bhiem", "kbiet"."""
        vowel = _VOWEL.search(folded)
        for cut in range(1, vowel.start() + 1 if vowel else 1):
            for pair in self._ends.get(folded[cut:], ()):
                if pair.startswith(folded[:cut]):
                    return tuple(pair.split())
        return ()


def kind_of_slip(word: str, typed: str) -> int:
    """0: two letters changed places. 1: a letter too many or too few, or the key beside it. 2: any other letter."""
    if len(word) != len(typed):
        return 1
    if sorted(word) == sorted(typed):
        return 0
    return 1 if next(one + other for one, other in zip(word, typed, strict=True) if one != other) in _NEAR else 2

"""Communes by the names people give: today's, the old commune's, or the old district's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from bot.engine.state import Commune, Library
from bot.engine.understanding.courtesy import forms, without_courtesy
from bot.engine.understanding.spelling import accented_in
from bot.engine.understanding.syllables import marks_of
from bot.engine.words import fold

CLOSE = 86.0
"""Least similarity (0-100) at which a mistyped name is offered: one wrong letter in seven."""
LONGEST = 5
"""Words of the longest name with its kind: "thị trấn Chúc Sơn" has four, "phường Ô Chợ Dừa" too."""
MOST = 30
"""Words of a text that are looked through for names."""
_WHERE = forms("ở tại thuộc quê về từ gần bên")
"""Behind these a name of two words is a place."""
_LARGE = ("thi xa ", "huyen ", "quan ", "h ", "q ")
_SMALL = ("thi tran ", "phuong ", "xa ", "tt ", "p ", "x ")


@lru_cache(maxsize=12)
def _names(library: Library, kind: str) -> Mapping[str, tuple[str, ...]]:
    """Folded name -> codes, today's names before old communes before old districts; *kind* leaves some out."""
    found: dict[str, dict[str, None]] = {}
    places = sorted(library.communes.values(), key=lambda commune: fold(commune.name))
    small = (lambda c: (c.name,), lambda c: c.old_communes)
    large = (lambda c: c.old_districts,)
    for layer in {"small": small, "large": large}.get(kind, (*small, *large)):
        for commune in places:
            for name in layer(commune):
                found.setdefault(fold(name) if layer in small else _bare(name)[0], {})[commune.code] = None
    return {name: tuple(codes) for name, codes in found.items()}


def _bare(name: str) -> tuple[str, str]:
    """*name* folded and without "xã", "huyện" … in front, and which kind that was: "small", "large" or ""."""
    folded = fold(name)
    for kind, prefixes in (("large", _LARGE), ("small", _SMALL)):
        for prefix in prefixes:
            rest = folded.removeprefix(prefix)
            if rest != folded and rest and not rest.isdigit():  # "phường 1" keeps its number
                return rest, kind
    return folded, ""


def communes_at(library: Library, address: str) -> tuple[Commune, ...]:
    """The communes in which a written address lies: those that its parts name, without guessing at spellings.

    Each part after the first narrows it down ("Tản Lĩnh, Ba Vì, Hà Nội"); streets and houses name none.
    """
    left: dict[str, None] = {}
    for part in address.split(","):
        whole = fold(part)
        wanted, kind = (whole, "") if whole in _names(library, "") else _bare(whole)
        codes = _names(library, kind).get(wanted, ())
        left = dict.fromkeys(code for code in codes if code in left or not left) or left
    return tuple(library.communes[code] for code in left)


def find_communes(library: Library, text: str) -> tuple[Commune, ...]:
    """The communes that *text* may mean, the likeliest first; empty when none comes near.

    A name may stand among other words ("dạ em ở Ba Vì ạ"), and a larger place behind it narrows it down.
    """
    first = text.split(",")[0]
    whole = fold(first) or fold(text)
    wanted, kind = whole, ""
    if whole not in _names(library, ""):  # "Phương Liệt" and "Quan Hoa" only look like "phường", "quận" in front
        wanted, kind = _bare(whole)
    names = _names(library, kind)
    codes = names.get(wanted)
    if codes is None and len(wanted) >= 4:
        from rapidfuzz import fuzz, process  # 3 MB, from the first name on that isn't spelt as we know it

        close = process.extract(wanted, names.keys(), scorer=fuzz.ratio, score_cutoff=CLOSE, limit=4)
        codes = tuple(dict.fromkeys(code for name, _, _ in close for code in names[name]))
    return tuple(library.communes[code] for code in codes or _codes_within(library, text))


def _codes_within(library: Library, text: str) -> tuple[str, ...]:
    """The codes of the places whose names stand in *text*: of the first, as far as those behind it agree."""
    words = without_courtesy(accented_in(text, library.spellings)[:MOST])
    left: tuple[str, ...] = ()
    at, is_place = 0, True
    while at < len(words):
        size, codes = _named_at(library, words[at : at + LONGEST], is_place)
        both = tuple(code for code in codes if code in left)
        left = both or left or codes
        at, is_place = at + max(size, 1), bool(codes) or words[at] in _WHERE
    return left


def _named_at(library: Library, words: tuple[str, ...], is_place: bool) -> tuple[int, tuple[str, ...]]:
    """How many of *words* are a name, and the codes of its places. Without a kind in front, and where nothing says that
    a place follows, it is none: "hợp đồng" is a contract before it is the old commune.
    """
    for size in range(len(words), 1, -1):  # one word alone ("Láng") says too little
        whole = " ".join(map(fold, words[:size]))
        wanted, kind = (whole, "") if whole in _names(library, "") else _bare(whole)
        codes = _names(library, kind).get(wanted, ()) if is_place or kind else ()
        if codes and _marks_agree(library, codes, wanted, words[size - len(wanted.split()) : size]):
            return size, codes
    return 0, ()


def _marks_agree(library: Library, codes: tuple[str, ...], wanted: str, typed: tuple[str, ...]) -> bool:
    """Whether a place of that folded name bears all the diacritics that were typed: "có bị" is not "Cổ Bi"."""
    communes = [library.communes[code] for code in codes]
    names = {name for one in communes for name in (one.name, *one.old_communes, *one.old_districts)}
    words = (accented_in(name)[-len(typed) :] for name in names if f" {fold(name)}".endswith(f" {wanted}"))
    return any(all(marks_of(one) <= marks_of(other) for one, other in zip(typed, name, strict=True)) for name in words)

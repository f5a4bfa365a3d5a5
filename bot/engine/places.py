"""Communes by the names people give: today's, the old commune's, or the old district's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rapidfuzz import fuzz, process

from bot.engine.state import Commune, Library
from bot.engine.words import fold

CLOSE = 86.0
"""Least similarity (0-100) at which a mistyped name is offered: one wrong letter in seven."""
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


def find_communes(library: Library, text: str) -> tuple[Commune, ...]:
    """The communes that *text* may mean, the likeliest first; empty when none comes near."""
    first = text.split(",")[0]
    whole = fold(first) or fold(text)
    wanted, kind = whole, ""
    if whole not in _names(library, ""):  # "Phương Liệt" and "Quan Hoa" only look like "phường", "quận" in front
        wanted, kind = _bare(whole)
    names = _names(library, kind)
    codes = names.get(wanted)
    if codes is None and len(wanted) >= 4:
        close = process.extract(wanted, names.keys(), scorer=fuzz.ratio, score_cutoff=CLOSE, limit=4)
        codes = tuple(dict.fromkeys(code for name, _, _ in close for code in names[name]))
    return tuple(library.communes[code] for code in codes or ())

"""Communes in words: by name, by the old district that they all came from, or how many they are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from bot.engine.state import Library
from bot.speech import _

NAMED = 3
"""Communes that are named one by one; a longer list nobody reads, and the query has it."""


def places_in_words(codes: Sequence[str], library: Library) -> str:
    """ "ở xã Ba Vì", "ở huyện Ba Vì cũ" or "ở 12 xã, phường (Ba Đình, Ngọc Hà, Giảng Võ, …)"."""
    known = [code for code in codes if code]
    told = [_("ở {places}").format(places=_places(known, library))] if known else []
    return _(" hoặc ").join([*told, *([_("chưa rõ ở đâu")] if "" in codes else [])])


def _places(codes: Sequence[str], library: Library) -> str:
    district = _districts(library).get(frozenset(codes))
    if district and len(codes) > 1:
        return _("{district} cũ").format(district=district)
    names = [_name(code, library) for code in codes]
    if len(names) <= NAMED:
        *first, last = names
        return _("{first} hoặc {last}").format(first=", ".join(first), last=last) if first else last
    shown = ", ".join(library.communes[code].name if code in library.communes else code for code in codes[:NAMED])
    return _("{count} xã, phường ({names}, …)").format(count=len(names), names=shown)


def _name(code: str, library: Library) -> str:
    commune = library.communes.get(code)
    return f"{_(commune.kind)} {commune.name}" if commune else code


@lru_cache(maxsize=4)
def _districts(library: Library) -> dict[frozenset[str], str]:
    """The old district whose communes these are, of whom each part counts whole as queries count it."""
    found: dict[str, set[str]] = {}
    for commune in library.communes.values():
        for district in commune.old_districts:
            found.setdefault(district, set()).add(commune.code)
    return {frozenset(codes): district for district, codes in found.items()}

"""Reads what danger is known by: `content/understanding/danger/words.yaml`, and the weights learnt for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from bot.engine.understanding.signs import IDIOMS, Dangers, Lexicon, Stored, Weights
from bot.engine.understanding.syllables import settled
from bot.engine.words import plain
from bot.library.content import load_communes
from bot.library.source import Problem, load_yaml, source_of
from bot.library.table import Table

FOLDER = "understanding/danger"
FILE = "understanding/danger.json"


class Learnt(Struct, frozen=True, forbid_unknown_fields=True):
    """The file that `bot understand --build` writes."""

    threshold: float
    doubtful: tuple[str, ...]
    danger: Stored
    kinds: Stored


def load_groups(content: Path, problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    """The groups of words by name, each phrase in lower case and composed; none where there is no such file.

    Names of places are among the phrases that don't mean what they say: nobody is drowning in "Trạm Trôi".
    """
    file = content / FOLDER / "words.yaml"
    if not file.exists():
        return {}
    source = source_of(file, content, problems)
    spot = load_yaml(file, source)
    if spot is None:
        return {}
    table = Table(source, spot)
    groups = {name: tuple(map(_as_read, table.texts(name))) for name in table.keys()}  # noqa: SIM118 - no dict
    return groups | {IDIOMS: tuple(dict.fromkeys((*groups.get(IDIOMS, ()), *_places(content))))}


def places_in(content: Path) -> list[str]:
    """The names of communes, wards and what they were made from."""
    communes = load_communes(content, []).values()
    return sorted({name for one in communes for name in (one.name, *one.old_communes, *one.old_districts)})


def _places(content: Path) -> list[str]:
    """Those of several words, as they are typed: one word alone may mean anything."""
    names = (_as_read(re.sub(r"\W+", " ", name)) for name in places_in(content))
    return [name for name in names if " " in name]


def _as_read(phrase: str) -> str:
    """*phrase* with the tones where `accented_in` puts them."""
    return " ".join(map(settled, plain(phrase).split()))


def load_dangers(content: Path, problems: list[Problem]) -> Dangers | None:
    """What danger is known by; None where nothing was learnt about it."""
    file = content / FILE
    groups = load_groups(content, problems)
    if not file.exists():
        return None
    try:
        return dangers_from(groups, msgspec.json.decode(file.read_bytes(), type=Learnt))
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError):
        source_of(file, content, problems).note(
            1, "tệp này không do bot viết ra", "Chạy 'python -m bot understand --build'."
        )
        return None


def dangers_from(groups: Mapping[str, tuple[str, ...]], learnt: Learnt) -> Dangers:
    """ValueError when the parts of *learnt* don't fit one another."""
    return Dangers(Lexicon(groups, learnt.doubtful), Weights(learnt.danger), Weights(learnt.kinds), learnt.threshold)

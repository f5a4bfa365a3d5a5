"""Every value that a query may name, by every way of writing it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.engine.model import AskChoice, AskTyped, Dialog, SetFields
from bot.engine.segments.words import FIXED, NO_COMMUNE, NO_SOURCE, NO_TOPIC
from bot.engine.state import Commune, Library
from bot.engine.walk import CONSENT
from bot.engine.words import fold

Values = Mapping[str, tuple[str, ...]]
"""Folded word -> the stored values that it means: several for an old district."""
_OUTER = ("quan ", "huyen ", "thi xa ")
_OLD_KINDS = ("xa", "phuong", "thi tran")


@dataclass(frozen=True, slots=True)
class Place:
    """A dialog or node as a query may name it. `choices`: folded id or label -> id, of a node that offers any."""

    dialog: str
    node: str = ""
    choices: Mapping[str, str] | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """What there is to name: values by subject, dialogs and nodes as "vay-von.hoi" folded, fields and their values."""

    values: Mapping[str, Values]
    shown: Mapping[str, tuple[str, ...]]
    """By subject (and "dialog", "field"), in a form to be read: what an error suggests."""
    dialogs: Mapping[str, str]
    places: Mapping[tuple[str, str], Place]
    fields: Mapping[str, Mapping[str, str]]


@lru_cache(maxsize=4)
def names_of(library: Library) -> Names:
    """All that *library* has, and what doesn't depend on it: kinds of household, consent, channels.

    Kept for the last few libraries: a page of queries is read with one, and a reload makes another.
    """
    topics = [dialog for dialog in library.dialogs.values() if dialog.topic]
    values: dict[str, Values] = {subject: _spelled(listed) for subject, listed in FIXED.items()}
    values["tieng"] = {fold(language): (language,) for language in library.languages} | dict(values["tieng"])
    values["xa"] = _communes(library.communes.values())
    titles = {fold(topic.title): (topic.id,) for topic in topics}
    values["chu-de"] = _spelled({"": NO_TOPIC}) | titles | {fold(topic.id): (topic.id,) for topic in topics}
    values["nguon"] = _spelled({"": NO_SOURCE})
    shown = {subject: tuple(word.replace(" ", "-") for word in listed) for subject, listed in values.items()}
    shown["xa"] = tuple(c.name for c in library.communes.values()) + tuple(
        dict.fromkeys(old for c in library.communes.values() for old in (*c.old_communes, *c.old_districts))
    )
    shown["chu-de"] = (*(topic.id for topic in topics), *(topic.title for topic in topics))
    fields = _fields(library.dialogs.values())
    return Names(
        values, shown | {"dialog": tuple(library.dialogs), "field": tuple(fields)}, _dialogs(library), _places(library),
        fields,
    )  # fmt: skip


def _spelled(listed: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {word: (value,) for value, words in listed.items() for word in words.split(", ")}


def _communes(communes: Iterable[Commune]) -> Values:
    """By code and name. A name of today goes before the same old one: "Hoàn Kiếm" is the ward, "quận Hoàn Kiếm"
    all that the district became."""
    places = sorted(communes, key=lambda commune: commune.code)
    found: dict[str, tuple[str, ...]] = _spelled({"": NO_COMMUNE})
    for names in (_codes, _today, _old_communes, _old_districts):
        layer: dict[str, list[str]] = {}
        for commune in places:
            for name in dict.fromkeys(map(fold, names(commune))):
                layer.setdefault(name, []).append(commune.code)
        found = {name: tuple(codes) for name, codes in layer.items()} | found
    return found


def _codes(commune: Commune) -> Iterator[str]:
    yield commune.code


def _today(commune: Commune) -> Iterator[str]:
    yield from (commune.name, f"{commune.kind} {commune.name}")


def _old_communes(commune: Commune) -> Iterator[str]:
    for old in commune.old_communes:
        yield old
        yield from (f"{kind} {old}" for kind in _OLD_KINDS)


def _old_districts(commune: Commune) -> Iterator[str]:
    for old in commune.old_districts:
        folded = fold(old)
        yield folded
        yield from (folded.removeprefix(prefix) for prefix in _OUTER if folded.startswith(prefix))


def _dialogs(library: Library) -> Mapping[str, str]:
    """Id by folded title or id; an id goes before another dialog's title."""
    dialogs = library.dialogs.values()
    return {fold(dialog.title): dialog.id for dialog in dialogs} | {fold(dialog.id): dialog.id for dialog in dialogs}


def _places(library: Library) -> Mapping[tuple[str, str], Place]:
    found: dict[tuple[str, str], Place] = {}
    for dialog in library.dialogs.values():
        for node in dialog.nodes.values():
            choices = None
            if isinstance(node, AskChoice):
                choices = {fold(o.label): o.id for o in node.options} | {fold(o.id): o.id for o in node.options}
            waits = isinstance(node, AskChoice | AskTyped)
            found[dialog.id, fold(node.id)] = Place(dialog.id, node.id, choices, waits)
    return found


def _fields(dialogs: Iterable[Dialog]) -> Mapping[str, Mapping[str, str]]:
    """Every field that a dialog sets or asks for: its name, and folded value -> the value as dialogs set it."""
    found: dict[str, dict[str, str]] = {"ten": {}, "xa": {}, CONSENT: {}, "lang": {}, "ho": {}}
    for dialog in dialogs:
        for node in dialog.nodes.values():
            if isinstance(node, AskTyped) and node.field:
                found.setdefault(node.field, {})
            sets = [o.set for o in node.options] if isinstance(node, AskChoice) else []
            sets += [node.set] if isinstance(node, SetFields) else []
            for name, value in ((n, v) for each in sets for n, v in each.items()):
                found.setdefault(name, {}).update({fold(value): value} if value else {})
    return found

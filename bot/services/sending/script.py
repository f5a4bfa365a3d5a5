"""What a running broadcast says to whom: rendered once for all who are told the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bot.engine.state import Library, Person
from bot.messages import Outgoing
from bot.services.broadcasting.model import Broadcast
from bot.services.broadcasting.rendering import said_to
from bot.store.standing import Standing

NAME = "{ten}"
"""Stands for the person's name in what is kept: a rendition serves many, and holds nothing of anybody."""


class Words(Struct, frozen=True):
    """A message as some people are told it. `kept` is `message` as the database keeps it, under `id`."""

    id: int
    message: Outgoing
    kept: bytes


@dataclass(slots=True)
class Script:
    """One broadcast on one day, with the library of the moment. `rejections` are those since the last success."""

    broadcast: Broadcast
    library: Library
    today: date
    rejections: int = 0
    tried: int = 0
    failed: int = 0
    _words: dict[tuple[str, ...], Words] = field(default_factory=dict)
    _kept: set[int] = field(default_factory=set)

    def words_for(self, person: Standing) -> Words:
        """What *person* is told, but for their name. Raises `Lapsed` or `NothingToSay`."""
        key = _key(person)
        words = self._words.get(key)
        if words is None:
            fields = {"ho": key[0], "xa": key[1], "lang": key[2], "ten": key[3]}
            told = Person({name: value for name, value in fields.items() if value})
            words = self._words[key] = self._words_of(said_to(self.library, self.broadcast.body, told, self.today))
        return words

    def is_new(self, words: Words) -> bool:
        """Whether *words* have not been kept yet; they are from now on."""
        if words.id in self._kept:
            return False
        self._kept.add(words.id)
        return True

    def rendition_for(self, person: Standing) -> int | None:
        """The id of what *person* was told, if they were."""
        words = self._words.get(_key(person))
        return words.id if words else None

    def _words_of(self, message: Outgoing) -> Words:
        kept = msgspec.json.encode(message)
        digest = hashlib.sha256(b"%d\0%b" % (self.broadcast.id, kept)).digest()
        return Words(int.from_bytes(digest[:8]) >> 1, message, kept)


def _key(person: Standing) -> tuple[str, ...]:
    """All of a person that shapes what they are told."""
    return person.household, person.commune, person.language, NAME if person.name else ""


def person_of(standing: Standing) -> Person:
    """Somebody as texts may depend on them."""
    fields = {"ho": standing.household, "xa": standing.commune, "lang": standing.language, "ten": standing.name}
    return Person({name: value for name, value in fields.items() if value})


def addressed(message: Outgoing, name: str) -> Outgoing:
    """*message* with the name of the person who gets it."""
    return replace(message, text=message.text.replace(NAME, name)) if NAME in message.text else message


def message_from(kept: bytes) -> Outgoing:
    """A message as the database kept it."""
    return msgspec.json.decode(kept, type=Outgoing)

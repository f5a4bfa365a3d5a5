"""What happened in a turn: one closed union of past-tense values, at once the log and the instruction."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from bot.messages import Choice, Media


class Said(Struct, frozen=True):
    """We owe the person this message. `message` is the content message it carries, if any; `media` goes with it.

    `replaces` says that it may take the place of the bare question that a tap has just answered.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    dialog: str = ""
    node: str = ""
    message: str = ""
    replaces: bool = False
    asks_phone: bool = False
    media: Media | None = None


class Chose(Struct, frozen=True):
    """The person took one of the choices of a node; `label` is what it said to them."""

    dialog: str
    node: str
    choice: str
    label: str = ""


class Typed(Struct, frozen=True):
    """The person gave the typed answer that a node asked for; the value is in the FieldChanged after it."""

    dialog: str
    node: str


class Commanded(Struct, frozen=True):
    """The person used a word that works everywhere (menu, back, repeat, help, stop, officer, more)."""

    command: str


class Routed(Struct, frozen=True):
    """Free text led to a topic."""

    dialog: str


class Alarmed(Struct, frozen=True):
    """Somebody seems to be in danger of this kind: the right hotline was said, and officers see it first."""

    kind: str


class Offered(Struct, frozen=True):
    """Free text may mean any of these topics, the likeliest first: the person was asked which."""

    topics: tuple[str, ...]


class Entered(Struct, frozen=True):
    """A dialog began. `source` is where a deep link came from (a poster, a leaflet)."""

    dialog: str
    source: str = ""


class FieldChanged(Struct, frozen=True):
    """A field of the contact has a new value; empty unsets it."""

    field: str
    value: str


class TopicChanged(Struct, frozen=True):
    """The contact subscribed to a topic, or left it."""

    topic: str
    on: bool


class StopChanged(Struct, frozen=True):
    """The contact stopped messages (week, broadcasts, all, forget) or takes them up again (none)."""

    stop: str


class NotUnderstood(Struct, frozen=True):
    """Nothing fitted; `misses` counts them in a row at this node."""

    text: str
    misses: int


class Replaced(Struct, frozen=True):
    """A message was due, but a fact in it may not be said today; the honest fallback went out instead."""

    message: str
    fact: str
    reason: str


class HandedOff(Struct, frozen=True):
    """The conversation waits for an officer."""

    queue: str


class Silent(Struct, frozen=True):
    """We deliberately say nothing, and this is why."""

    reason: str


class Ended(Struct, frozen=True):
    """A dialog ended: "done", "onward" (it led on to another), or why it was cut short ("loop", "gone", "changed")."""

    dialog: str
    reason: str = "done"


Event = (
    Said
    | Chose
    | Typed
    | Commanded
    | Routed
    | Offered
    | Alarmed
    | Entered
    | FieldChanged
    | TopicChanged
    | StopChanged
    | NotUnderstood
    | Replaced
    | HandedOff
    | Silent
    | Ended
)


def media_in(said: Iterable[Said]) -> Media | None:
    """What goes with several messages that are sent as one: the first that has something."""
    return next((one.media for one in said if one.media), None)

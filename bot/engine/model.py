"""The values of a dialog: its nodes as loaded from `dialogs/*.yaml`, checked by the library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

HOUSEHOLD_KINDS = ("ngheo", "can-ngheo", "moi-thoat", "khac")
"""Poor, near-poor, newly escaped, other: field `ho`. Unset means not told, and is never guessed."""
NOT_TOLD = "chua-ro"
"""How an audience names people whose kind of household is not known."""

TypedAs = Literal["text", "number", "date", "phone", "commune"]
StopKind = Literal["week", "broadcasts", "all", "forget", "none"]


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when every field has one of its values; None stands for unset, "any" for set at all."""

    fields: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)

    def holds(self, fields: Mapping[str, str]) -> bool:
        return not self.fields or all(
            fields.get(name) in wanted or ("any" in wanted and bool(fields.get(name)))
            for name, wanted in self.fields.items()
        )


ALWAYS = Condition()


@dataclass(frozen=True, slots=True)
class Target:
    """Where to go next: a node of this dialog (`dialog` empty) or the start of another dialog."""

    node: str = ""
    dialog: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to say: a content message by its id, or short connecting words."""

    message: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a node. `token` is opaque, stable while dialog, node and id stay the same."""

    id: str
    label: str
    go: Target
    token: str
    when: Condition = ALWAYS
    set: Mapping[str, str] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True)
class Node:
    """What every node has. `digest` changes when anything in the node does; `line` is its place in the file."""

    id: str
    digest: str
    say: tuple[Item, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Say(Node):
    """Says its items and goes on."""

    next: Target = Target()


@dataclass(frozen=True, slots=True)
class AskChoice(Node):
    """Says its items and the question, and waits for one of its options."""

    ask: str = ""
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class AskTyped(Node):
    """Waits for typed input. After `tries` answers that don't fit it goes to `give_up`.

    `low` and `high` bound a number, or the length of a text. `skip` names where "bỏ qua" leads, if it may.
    """

    ask: str = ""
    type: TypedAs = "text"
    field: str = ""
    again: str = ""
    tries: int = 3
    low: int | None = None
    high: int | None = None
    next: Target = Target()
    give_up: Target = Target()
    skip: Target | None = None


@dataclass(frozen=True, slots=True)
class Branch(Node):
    """Goes to the first arm whose condition holds; the last arm always does."""

    arms: tuple[tuple[Condition, Target], ...] = ()


@dataclass(frozen=True, slots=True)
class SetFields(Node):
    """Sets fields (an empty value unsets) and goes on."""

    set: Mapping[str, str] = field(default_factory=dict)
    next: Target = Target()


@dataclass(frozen=True, slots=True)
class Call(Node):
    """Runs another dialog and comes back to `next`."""

    dialog: str = ""
    next: Target = Target()


@dataclass(frozen=True, slots=True)
class Handoff(Node):
    """Puts the conversation into the officers' inbox under `queue` and goes on."""

    queue: str = ""
    next: Target = Target()


@dataclass(frozen=True, slots=True)
class Subscribe(Node):
    """Subscribes to topics, or unsubscribes (`on` false), and goes on."""

    topics: tuple[str, ...] = ()
    on: bool = True
    next: Target = Target()


@dataclass(frozen=True, slots=True)
class Stop(Node):
    """Stops messages: for a week, broadcasts, all, all with the data forgotten; "none" takes them up again."""

    stop: StopKind = "broadcasts"
    next: Target = Target()


@dataclass(frozen=True, slots=True)
class End(Node):
    """Ends the dialog: back to the one that called it, or to rest."""


AnyNode = Say | AskChoice | AskTyped | Branch | SetFields | Call | Handoff | Subscribe | Stop | End
WAITING = (AskChoice, AskTyped)


@dataclass(frozen=True, slots=True)
class Dialog:
    """One tree. `words` are phrases that lead here when typed anywhere; `path` is for error messages."""

    id: str
    title: str
    start: str
    nodes: Mapping[str, AnyNode]
    version: str
    topic: bool = False
    words: tuple[str, ...] = ()
    path: str = ""
    words_line: int = 1

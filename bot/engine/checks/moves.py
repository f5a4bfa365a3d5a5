"""The ways from one node to the next, whatever the node is: the edges that rules and drawing share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.engine.model import (
    ALWAYS,
    AnyNode,
    AskChoice,
    AskTyped,
    Branch,
    Call,
    Condition,
    End,
    SetFields,
    Target,
)
from bot.engine.state import Frame, Library

By = Literal["next", "choice", "answer", "skip", "give_up", "arm", "call", "back"]
"""How a move is made. `call` goes into another dialog, `back` is where that one returns to."""


@dataclass(frozen=True, slots=True)
class Move:
    """One way out of a node. `label` is what people see of it, `set` what taking it changes."""

    by: By
    to: Target
    label: str = ""
    when: Condition = ALWAYS
    set: Mapping[str, str] = field(default_factory=dict)
    line: int = 0


def moves_of(node: AnyNode) -> tuple[Move, ...]:
    """Every way out of *node*, in the order of the file; an end has none."""
    return tuple(_moves(node))


def _moves(node: AnyNode) -> Iterator[Move]:
    match node:
        case AskChoice(options=options):
            yield from (Move("choice", o.go, o.label, o.when, o.set, o.line) for o in options)
        case AskTyped():
            yield Move("answer", node.next, line=node.line)
            yield Move("give_up", node.give_up, line=node.line)
            yield from (Move("skip", target, line=node.line) for target in (node.skip,) if target is not None)
        case Branch(arms=arms):
            yield from (Move("arm", target, when=when, line=node.line) for when, target in arms)
        case Call(dialog=called):
            yield Move("call", Target(dialog=called), line=node.line)
            yield Move("back", node.next, line=node.line)
        case SetFields():
            yield Move("next", node.next, set=node.set, line=node.line)
        case End():
            return
        case _:
            yield Move("next", node.next, line=node.line)


def node_of(library: Library, frame: Frame) -> AnyNode | None:
    """The node at *frame*, or None."""
    dialog = library.dialogs.get(frame[0])
    return dialog.nodes.get(frame[1]) if dialog else None


def start_of(library: Library, dialog: str) -> Frame:
    """Where *dialog* begins."""
    return library.target_of("", Target(dialog=dialog))


def frames_of(library: Library) -> Iterator[tuple[Frame, AnyNode]]:
    """Every node of every dialog."""
    for dialog in library.dialogs.values():
        for node in dialog.nodes.values():
            yield (dialog.id, node.id), node


def reached(library: Library, dialog: str) -> frozenset[str]:
    """The nodes of *dialog* to which some way leads from its start, conditions aside."""
    nodes = library.dialogs[dialog].nodes
    open_, seen = [library.dialogs[dialog].start], set[str]()
    while open_:
        here = open_.pop()
        if here in seen or here not in nodes:
            continue
        seen.add(here)
        targets = (library.target_of(dialog, move.to) for move in moves_of(nodes[here]))
        open_.extend(node for to, node in targets if to == dialog)
    return frozenset(seen)

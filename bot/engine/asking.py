"""Asking the open question again: with a phrase before it, or with ways out under it."""

from __future__ import annotations

from msgspec.structs import replace

from bot.engine.events import Ended, Entered, NotUnderstood, Routed, Said
from bot.engine.model import WAITING, AskChoice, AskTyped
from bot.engine.render import phrase
from bot.engine.state import Sprint
from bot.engine.turn import Turn
from bot.engine.walk import enter, node_at, rescue, rest, wait
from bot.messages import Choice


def waiting_node(turn: Turn) -> AskChoice | AskTyped | None:
    """The node that waits for an answer; None at rest, or when the dialog no longer has it."""
    node = node_at(turn, (turn.before.dialog, turn.before.node)) if turn.before.node else None
    return node if isinstance(node, WAITING) else None


def is_stale(turn: Turn, node: AskChoice | AskTyped) -> bool:
    """Whether the node was edited since it was asked."""
    return node.digest != turn.before.digest


def ask_again(turn: Turn, key: str) -> Sprint:
    """A phrase, and then the question that is open; at rest the ways out stand under it."""
    if key:
        turn.phrase(key)
    node = waiting_node(turn)
    if node is not None:
        if key == "changed":
            turn.events.append(Ended(turn.before.dialog, "changed"))
            turn.events.append(Entered(turn.before.dialog))
        here = (turn.before.dialog, node.id)
        return wait(turn, here, node, turn.before.page, turn.before.misses, turn.before.tries)
    if turn.before.node:
        return rescue(turn, turn.before.dialog, "gone")
    return rest(turn, ways_out(turn))


def route(turn: Turn, topic: str) -> Sprint:
    """Free text led to *topic*: go there, and remember what was open for "back"."""
    turn.events.append(Routed(topic))
    turn.stack = []
    return enter(turn, topic)


def miss(turn: Turn, text: str) -> Sprint:
    """The help ladder: rephrase, then the choices by number, then the menu or an officer."""
    misses = turn.before.misses + 1
    turn.events.append(NotUnderstood(text, misses))
    node = waiting_node(turn)
    if node is None:
        turn.phrase("out-of-turn")
        return rest(turn, ways_out(turn))
    turn.phrase(f"miss-{min(misses, 3)}")
    if misses >= 3:
        return _with_ways_out(turn, node, misses)
    return wait(turn, (turn.before.dialog, turn.before.node), node, turn.before.page, misses, turn.before.tries)


def _with_ways_out(turn: Turn, node: AskChoice | AskTyped, misses: int) -> Sprint:
    """The question again, with buttons to the menu and to an officer under its own choices."""
    sprint = wait(turn, (turn.before.dialog, turn.before.node), node, turn.before.page, misses, turn.before.tries)
    *events, last = sprint.events
    if isinstance(last, Said):
        last = replace(last, choices=(*last.choices, *ways_out(turn)))
    return Sprint(sprint.session, (*events, last))


def ways_out(turn: Turn) -> tuple[Choice, ...]:
    """Buttons to the menu and to an officer."""
    seq = turn.before.seq + 1
    menu = phrase(turn.library, "menu-button", turn.fields) or "Menu"
    officer = phrase(turn.library, "officer-button", turn.fields) or "Gặp cán bộ"
    return Choice(f"{seq:x}.menu", menu), Choice(f"{seq:x}.officer", officer)

"""Asking the open question again: with a phrase before it, or with ways out under it; and the ladder of help."""

from __future__ import annotations

from msgspec.structs import replace

from bot.engine.content import lapses
from bot.engine.events import Ended, Entered, NotUnderstood, Said
from bot.engine.model import WAITING, AskChoice, AskTyped
from bot.engine.render import phrase
from bot.engine.state import Sprint
from bot.engine.turn import Turn
from bot.engine.walk import MENU, enter, node_at, rescue, rest, wait
from bot.messages import Choice

HOTLINE = "lien-he.ha-noi"
"""The content message with a number that a person answers: said to who is stuck, where the library has it."""
STUCK = 3
"""From that many misses in a row on the menu and an officer stand under the question."""
UNREAD = ("photo", "voice", "video", "file", "other")
"""What carries something that we can't read: a miss like words that nobody understands."""


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
        return once_more(turn, node, turn.before.misses + (key in UNREAD))
    if turn.before.node:
        return rescue(turn, turn.before.dialog, "gone")
    return rest(turn, ways_out(turn), turn.before.misses)


def miss(turn: Turn, text: str) -> Sprint:
    """The help ladder: rephrase, then the choices by number, then the menu or an officer, and whom to ask by phone.

    *text* is empty when it was told before that it is not understood.
    """
    misses = turn.before.misses + 1
    if text:
        turn.events.append(NotUnderstood(text, misses))
    node = waiting_node(turn)
    if node is None:
        return _miss_at_rest(turn, misses)
    turn.phrase(f"miss-{min(misses, STUCK)}")
    hotline = turn.library.messages.get(HOTLINE)
    if misses == STUCK and hotline is not None and not lapses(hotline, turn.library.facts, turn.context.today):
        turn.tell(turn.before.dialog, node.id, HOTLINE)
    return once_more(turn, node, misses)


def _miss_at_rest(turn: Turn, misses: int) -> Sprint:
    """Nothing is asked: first what could be typed, then the choices of the menu by number, where the ladder goes on."""
    if misses == 1 or MENU not in turn.library.dialogs:
        turn.phrase("out-of-turn" if misses < STUCK else "miss-3")
        return rest(turn, ways_out(turn), misses)
    turn.phrase("miss-2")
    sprint = enter(turn, MENU)
    return Sprint(replace(sprint.session, misses=misses), sprint.events)


def once_more(turn: Turn, node: AskChoice | AskTyped, misses: int) -> Sprint:
    """The question again; to who is stuck at it with buttons to the menu and to an officer under its own choices."""
    here = (turn.before.dialog, node.id)
    sprint = wait(turn, here, node, turn.before.page, misses, turn.before.tries)
    return sprint if misses < STUCK else with_ways_out(turn, sprint)


def with_ways_out(turn: Turn, sprint: Sprint) -> Sprint:
    """*sprint* with buttons to the menu and to an officer under the choices that it ends with."""
    ways = ways_out(turn)[sprint.session.dialog == MENU :]  # who is at the menu needs no way to it
    *events, last = sprint.events
    if isinstance(last, Said):
        last = replace(last, choices=(*last.choices, *ways))
    return Sprint(sprint.session, (*events, last))


def let_be(turn: Turn) -> Sprint:
    """They have had enough for now: nothing is asked any more, and a button leads to the menu."""
    turn.phrase("as-you-like")
    return rest(turn, ways_out(turn)[:1])


def ways_out(turn: Turn) -> tuple[Choice, ...]:
    """Buttons to the menu and to an officer."""
    seq = turn.before.seq + 1
    menu = phrase(turn.library, "menu-button", turn.fields) or "Menu"
    officer = phrase(turn.library, "officer-button", turn.fields) or "Gặp cán bộ"
    return Choice(f"{seq:x}.menu", menu), Choice(f"{seq:x}.officer", officer)

"""The words that work at every node: menu, back, repeat, help, stop, officer, more, skip, resume."""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec.structs import replace

from bot.engine.asking import ask_again, let_be, waiting_node
from bot.engine.events import Chose, Commanded, StopChanged
from bot.engine.model import WAITING, AskChoice, AskTyped, Option
from bot.engine.render import language_of
from bot.engine.state import Library, Sprint
from bot.engine.turn import Turn
from bot.engine.understanding.orders import command_in
from bot.engine.walk import MENU, OFFICER, RESUME, STOP, enter, leave, led, node_at, visible, wait, walk
from bot.engine.words import fold

YES_NO = ("yes", "no", "later")
"""Words that answer a question: where one is open each means first of all the choice that says it."""
_ALIKE = {"yes": ("yes",), "no": ("no", "later"), "later": ("later", "skip", "no")}
_ASKING = re.compile(r"\b(?:gi|ai|dau|sao|nao|bao nhieu)$")
"""How a label ends that is a question itself, folded."""
_ENTERS = {"menu": MENU, "stop": STOP, "officer": OFFICER}


def yes_or_no(turn: Turn, options: list[Option], text: str) -> Option | None:
    """The one option that a plain "vâng", "không" or "thôi" can mean: its label is such a word, or begins with one.

    Who wants nothing says "không" or "thôi" as they please: where only the other is offered, it is that.
    """
    for meant in _ALIKE.get(command_in(turn.library, text), ()):
        found = [option for option in options if _says(turn.library, option.label) == meant]
        if found:
            return found[0] if len(found) == 1 else None
    return None


@lru_cache(maxsize=1024)
def _says(library: Library, label: str) -> str:
    """Which of yes, no, later and skip *label* begins with, its first words taken as far as they make one.

    A label that asks ("Chưa có thẻ thì làm gì") answers nothing.
    """
    if _ASKING.search(fold(label)):
        return ""
    words = label.replace(",", " , ").split()
    firsts = (command_in(library, " ".join(words[:n])) for n in (len(words), 2, 1) if n <= len(words))
    return next((command for command in firsts if command in (*YES_NO, "skip")), "")


def put_off(turn: Turn) -> Sprint:
    """The person wants none of this now: the question is skipped if it may be, else nothing is asked any more."""
    turn.events.append(Commanded("later"))
    skipped = _skipped(turn)
    return let_be(turn) if skipped is None else skipped


def run_command(turn: Turn, command: str) -> Sprint:
    """Do what a word that works everywhere asks for."""
    turn.events.append(Commanded(command))
    match command:
        case "menu" | "stop" | "officer":
            return _leave_for(turn, command)
        case "back":
            return _back(turn)
        case "repeat":
            return _repeat(turn)
        case "more":
            return _more(turn)
        case "skip":
            return _skip(turn)
        case "resume":
            return _resume(turn)
        case _:
            return ask_again(turn, "help")


def _leave_for(turn: Turn, command: str) -> Sprint:
    """Menu, stop or officer: their dialogs, or in a library without them the bare effect."""
    turn.stack, turn.left = [], ()
    if _ENTERS[command] in turn.library.dialogs:
        return enter(turn, _ENTERS[command])
    if command == "stop":
        turn.events.append(StopChanged("broadcasts"))
    elif command == "officer":
        turn.hand_off("chung")
        turn.phrase("handed-off")
    return ask_again(turn, "")


def _resume(turn: Turn) -> Sprint:
    """News again: what the stop dialog noted is undone by a dialog of its own, and then the open question stands."""
    if RESUME not in turn.library.dialogs:
        turn.events.append(StopChanged("none"))
        return ask_again(turn, "news-on")
    if waiting_node(turn) is not None:
        turn.stack.append((turn.before.dialog, turn.before.node))
    return enter(turn, RESUME)


def _back(turn: Turn) -> Sprint:
    """To the question before this one, as far as it still exists."""
    dialog = turn.before.dialog
    while turn.trail:
        *callers, frame = turn.trail.pop()
        node = node_at(turn, frame)
        if isinstance(node, WAITING) and frame != (turn.before.dialog, turn.before.node):
            turn.before = replace(turn.before, dialog="", node="")  # going back leaves no trace on the trail
            turn.stack = callers
            turn.left = turn.left if frame[0] == dialog else ()
            return walk(turn, frame)
    return ask_again(turn, "nothing-back")


def _repeat(turn: Turn) -> Sprint:
    node = waiting_node(turn)
    if node is None:
        return enter(turn, MENU) if MENU in turn.library.dialogs else ask_again(turn, "help")
    turn.say(turn.before.dialog, node)
    return wait(turn, (turn.before.dialog, node.id), node, tries=turn.before.tries)


def _more(turn: Turn) -> Sprint:
    node = waiting_node(turn)
    if not isinstance(node, AskChoice):
        return ask_again(turn, "help")
    return wait(turn, (turn.before.dialog, node.id), node, turn.before.page + 1)


def _skip(turn: Turn) -> Sprint:
    skipped = _skipped(turn)
    return ask_again(turn, "help") if skipped is None else skipped


def _skipped(turn: Turn) -> Sprint | None:
    """Past the open question, if its author allows that."""
    node = waiting_node(turn)
    if isinstance(node, AskTyped) and node.skip is not None:
        return walk(turn, led(turn, turn.before.dialog, node.skip))
    if isinstance(node, AskChoice):
        skips = [o for o in visible(turn, node) if command_in(turn.library, o.label) in ("skip", "later")]
        if skips:
            return take(turn, skips[0])
    return None


def take(turn: Turn, option: Option) -> Sprint:
    """The person took *option*: set what it sets and go where it leads."""
    dialog, node = turn.before.dialog, turn.before.node
    label = turn.library.translate(language_of(turn.library, turn.fields), option.label)
    turn.events.append(Chose(dialog, node, option.id, label))
    for name, value in option.set.items():
        turn.set(name, value)
    if option.go.dialog:
        leave(turn, dialog)
        return enter(turn, option.go.dialog)
    return walk(turn, turn.library.target_of(dialog, option.go))

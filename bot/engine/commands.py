"""The words that work at every node: menu, back, repeat, help, stop, officer, more, skip, resume."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from msgspec.structs import replace

from bot.engine.asking import ask_again, waiting_node
from bot.engine.events import Chose, Commanded, StopChanged
from bot.engine.model import WAITING, AskChoice, AskTyped, Option
from bot.engine.render import language_of
from bot.engine.state import Library, Sprint
from bot.engine.turn import Turn
from bot.engine.walk import MENU, OFFICER, RESUME, STOP, enter, leave, led, node_at, visible, wait, walk
from bot.engine.words import fold, plain

YES_NO = ("yes", "no")
"""Words that mean something only where a question offers it."""
_AROUND = " .,;:!?…/\\\"'“”‘’()[]*-"
"""Punctuation that people put around a word: "Dừng!" is "dừng"."""
_ENTERS = {"menu": MENU, "stop": STOP, "officer": OFFICER}


@lru_cache(maxsize=4)
def _spellings(library: Library) -> Mapping[str, str]:
    """Command by spelling, with diacritics as listed and folded."""
    listed = [(word, name) for name, words in library.commands.items() for word in words]
    return {fold(word): name for word, name in listed} | {plain(word): name for word, name in listed}


def command_in(library: Library, text: str) -> str:
    """The command that *text* is, in any spelling, or "": only a whole message is one.

    A single word typed with diacritics must have the right ones: "đúng" (right) is not "dừng" (stop).
    """
    if len(text) > 60:
        return ""
    exact, folded = plain(text).strip(_AROUND), fold(text)
    found = _spellings(library).get(exact)
    if found is None and (exact.isascii() or " " in folded):
        found = _spellings(library).get(folded)
    return found or ""


def yes_or_no(turn: Turn, options: list[Option], text: str) -> Option | None:
    """The one option that a plain "vâng" or "không" can mean: its label is such a word, or begins with one."""
    meant = command_in(turn.library, text)
    if meant not in YES_NO:
        return None
    found = [option for option in options if _says(turn.library, option.label) == meant]
    return found[0] if len(found) == 1 else None


def _says(library: Library, label: str) -> str:
    """Which of yes and no *label* begins with, its first words taken as far as they make one."""
    words = label.replace(",", " , ").split()
    firsts = (command_in(library, " ".join(words[:n])) for n in (len(words), 2, 1) if n <= len(words))
    return next((command for command in firsts if command in YES_NO), "")


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
    turn.stack = []
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
    while turn.trail:
        *callers, frame = turn.trail.pop()
        node = node_at(turn, frame)
        if isinstance(node, WAITING) and frame != (turn.before.dialog, turn.before.node):
            turn.before = replace(turn.before, dialog="", node="")  # going back leaves no trace on the trail
            turn.stack = callers
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
    node = waiting_node(turn)
    if isinstance(node, AskTyped) and node.skip is not None:
        return walk(turn, led(turn, turn.before.dialog, node.skip))
    if isinstance(node, AskChoice):
        skips = [option for option in visible(turn, node) if command_in(turn.library, option.label) == "skip"]
        if skips:
            return take(turn, skips[0])
    return ask_again(turn, "help")


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

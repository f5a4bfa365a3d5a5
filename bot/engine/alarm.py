"""Somebody seems to be in danger: the right number is said at once, before anything else, and officers see it first."""

from __future__ import annotations

from bot.engine.asking import ask_again, is_stale, waiting_node
from bot.engine.choosing import option_named
from bot.engine.events import Alarmed, Entered
from bot.engine.model import AskChoice
from bot.engine.render import language_of
from bot.engine.router import find_topic, judge
from bot.engine.state import Sprint
from bot.engine.topics import route
from bot.engine.turn import Turn
from bot.engine.understanding.danger import Danger, danger_in
from bot.engine.understanding.orders import command_in
from bot.engine.walk import URGENT, node_at, visible, walk
from bot.messages import Incoming, Kind

WORDED = (Kind.TEXT, Kind.EDITED, Kind.PHOTO, Kind.VIDEO, Kind.FILE, Kind.VOICE)
"""What may carry words of the person's own: a caption, or a message put right, may be a cry for help as well."""
LISTENS, SAFE = "nghe", "yen"
"""The nodes that take in what somebody adds once the number was said, and that nothing is wrong."""
UNNAMED = "chung"
"""The kind of a danger that can't be told from the words: all numbers are said."""
NAMED = 4
"""Words in which somebody names a topic ("bảo hiểm y tế"); of what is longer a topic may be the smallest part."""
CERTAIN = 0.9
"""How sure it must be that somebody who was taken to be in danger asks for a topic, to leave the danger for it."""


def alarm(turn: Turn, incoming: Incoming) -> Sprint | None:
    """The answer to a cry for help; None when *incoming* is none, or is the label of a choice that is on offer."""
    text = incoming.text.strip()
    danger = _danger(turn, text) if text and incoming.kind in WORDED else None
    if danger is None and text and is_listening(turn) and command_in(turn.library, text) == "skip":
        return listen(turn, text)  # "không biết" skips no question here
    if danger is None or _is_choice(turn, text):
        return None
    turn.events.append(Alarmed(danger.kind))
    return _tell(turn, danger)


def _danger(turn: Turn, text: str) -> Danger | None:
    """The danger in *text*. "Giúp với" asks how to use this, but not from somebody in danger."""
    danger = danger_in(turn.library, text)
    if danger is None and is_listening(turn) and command_in(turn.library, text) == "help":
        return Danger(UNNAMED)
    return danger


def _is_choice(turn: Turn, text: str) -> bool:
    """Whether *text* names a choice of the open question: then that is what was meant, and it leads to its own help."""
    node = waiting_node(turn)
    if not isinstance(node, AskChoice) or is_stale(turn, node):
        return False
    return option_named(turn.library, visible(turn, node), text, language_of(turn.library, turn.fields)) is not None


def _tell(turn: Turn, danger: Danger) -> Sprint:
    """The number, the hand-off, and room to add something; what was open waits until the person says all is well."""
    dialog = turn.library.dialogs.get(URGENT)
    if dialog is None:
        turn.hand_off(URGENT)
        turn.phrase("handed-off")
        return ask_again(turn, "")
    if turn.before.dialog != URGENT:
        turn.events.append(Entered(URGENT))
        if waiting_node(turn) is not None:
            turn.stack.append((turn.before.dialog, turn.before.node))
    return walk(turn, (URGENT, danger.kind if danger.kind in dialog.nodes else dialog.start))


def is_listening(turn: Turn) -> bool:
    """Whether somebody in danger is being listened to: what they add is for an officer, and never "not understood"."""
    return turn.before.dialog == URGENT and node_at(turn, (URGENT, LISTENS)) is not None


def listen(turn: Turn, text: str) -> Sprint:
    """Take in what somebody in danger adds. Who just says "no", or surely asks for something else, is in none."""
    topic = _asked(turn, text)
    if topic is not None:
        return route(turn, topic)
    if command_in(turn.library, text) == "no":
        return walk(turn, (URGENT, SAFE))
    turn.hand_off(URGENT)
    return walk(turn, (URGENT, LISTENS))


def _asked(turn: Turn, text: str) -> str | None:
    """The topic that *text* names, or asks for beyond doubt. An address is none, whichever dialog it sounds like."""
    if len(text.split()) <= NAMED:
        return find_topic(turn.library, text)
    judged = judge(turn.library, text)
    dialog = turn.library.dialogs.get(judged.topic or "")
    is_certain = judged.action == "enter" and judged.confidence >= CERTAIN
    return dialog.id if dialog is not None and dialog.topic and is_certain else None

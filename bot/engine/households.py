"""Questions about another kind of household than the person's own: "còn cận nghèo thì sao?"."""

from __future__ import annotations

import re

from bot.engine.asking import once_more
from bot.engine.content import fits
from bot.engine.events import Routed
from bot.engine.model import NOT_TOLD, AskChoice, AskTyped
from bot.engine.state import Frame, Sprint
from bot.engine.turn import Turn
from bot.engine.walk import node_at
from bot.engine.words import fold

WORDS = 8
"""Words of a question that leaves its subject to what was just said; a longer one has a subject of its own."""
_FOLLOWS = re.compile(r"^(?:the |vay )?(?:con|the|vay|neu|nhu) |\b(?:thi|la) (?:sao|the nao|duoc gi|bao nhieu)(?: a)?$")
_NAMED = (
    ("can-ngheo", re.compile(r"\bcan ngheo\b")),
    ("moi-thoat", re.compile(r"\bthoat ngheo\b")),
    ("ngheo", re.compile(r"\bngheo\b")),
)


def household_in(text: str) -> str:
    """The kind of household that a short question asks about after another was spoken of; "" when it asks otherwise."""
    folded = fold(text)
    if len(folded.split()) > WORDS or not _FOLLOWS.search(folded):
        return ""
    return next((kind for kind, name in _NAMED if name.search(folded)), "")


def for_household(turn: Turn, node: AskChoice | AskTyped, dialog: str, kind: str) -> Sprint | None:
    """What was told last, or else first in *dialog*, as households of this *kind* hear it, and the open question.

    None when they hear nothing else than the person's own household.
    """
    known = turn.library.dialogs.get(dialog)
    places = [*turn.told, *((dialog, name) for name in (known.nodes if known else ()))]
    told = next((frame for frame in places if frame[0] == dialog and _told_to(turn, frame, kind)), None)
    if told is None:
        return None
    turn.events.append(Routed(dialog))
    turn.phrase(f"about-{kind}")
    theirs, turn.fields = turn.fields, turn.fields | {"ho": kind}  # nobody said that they are such a household
    for name in _told_to(turn, told, kind):
        turn.tell(*told, name)
    turn.fields = theirs
    return once_more(turn, node, 0)


def _told_to(turn: Turn, frame: Frame, kind: str) -> list[str]:
    """The messages of a node that households of this kind hear and the person's own doesn't."""
    own, node, messages = turn.context.person.fields.get("ho") or NOT_TOLD, node_at(turn, frame), turn.library.messages
    names = [item.message for item in node.say if item.message in messages] if node is not None else []
    return [name for name in names if fits(messages[name], kind) and not fits(messages[name], own)]

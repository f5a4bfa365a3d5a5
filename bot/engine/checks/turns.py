"""What is said at one go, between two answers: it adds up, however short each message is."""

from __future__ import annotations

from collections.abc import Iterator

from bot.engine.checks.audience import hears
from bot.engine.checks.finding import Finding
from bot.engine.checks.flow import HOUSEHOLD, Flow, Point
from bot.engine.checks.moves import frames_of, moves_of, node_of, start_of
from bot.engine.checks.reading import MAX_TEXT, as_read, sentences_of
from bot.engine.checks.rules import found
from bot.engine.checks.subject import Subject
from bot.engine.model import NOT_TOLD, WAITING, AnyNode, AskChoice, AskTyped
from bot.engine.state import Frame, Library

MAX_TURN = 2 * MAX_TEXT
"""Syllables: two minutes for who reads slowly. Choices are looked through, not read, and are not counted."""


def check_turns(subject: Subject) -> Iterator[Finding]:
    """long-turn"""
    turns, flow = _Turns(subject), Flow(subject.library, HOUSEHOLD)
    begins = _beginnings(subject.library)
    for dialog in subject.library.dialogs.values():
        for node, households in flow.in_dialog(dialog.id).items():
            if (dialog.id, node) in begins and node in dialog.nodes:
                longest = max(turns.syllables(((dialog.id, node), value)) for value in households)
                if longest > MAX_TURN:
                    yield found(
                        "long-turn", dialog.path, dialog.nodes[node].line,
                        node=node, count=str(longest), limit=str(MAX_TURN),
                    )  # fmt: skip


def _beginnings(library: Library) -> set[Frame]:
    """Where a turn may begin: at the start of a dialog, and where an answer leads."""
    answered = {
        library.target_of(dialog, move.to)
        for (dialog, _), node in frames_of(library)
        if isinstance(node, WAITING)
        for move in moves_of(node)
    }
    return answered | {start_of(library, dialog) for dialog in library.dialogs}


class _Turns:
    """How much a household hears from a node on. What a called dialog says is left out."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._flow = Flow(subject.library, HOUSEHOLD, through_waits=False)
        self._known: dict[Point, int] = {}

    def syllables(self, point: Point) -> int:
        """Of the longest way from *point* to a question or an end; a circle without one is another rule's finding."""
        if point not in self._known:
            self._known[point] = 0
            node = node_of(self._subject.library, point[0])
            rest = max(map(self.syllables, self._flow.steps(point)), default=0)
            self._known[point] = rest + (self._said(node, point[1] or NOT_TOLD) if node is not None else 0)
        return self._known[point]

    def _said(self, node: AnyNode, household: str) -> int:
        messages = self._subject.library.messages
        texts = [
            messages[item.message].body if item.message in messages else item.text
            for item in node.say
            if hears(self._subject, item, household)
        ]
        if isinstance(node, AskChoice | AskTyped):
            texts.append(node.ask)
        return sum(
            sentence.syllables for text in texts for sentence in sentences_of(as_read(self._subject.library, text))
        )

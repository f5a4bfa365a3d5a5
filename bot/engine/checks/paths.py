"""Ways through the dialogs: nodes nobody comes to, nodes nobody leaves, questions far from the way home."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

from bot.engine.checks.finding import Finding
from bot.engine.checks.flow import HOUSEHOLD, Flow, Value, conditions_of, values_of
from bot.engine.checks.moves import frames_of, moves_of, node_of, reached
from bot.engine.checks.rules import found
from bot.engine.checks.subject import Subject
from bot.engine.model import WAITING, AnyNode, AskChoice, Call, End
from bot.engine.state import Frame, Library

HOME = ("menu", "lien-he", "dung")
"""Dialogs that are a way home: the menu, an officer, stopping."""
BUILT_IN = (*HOME, "chao")
"""Dialogs that the engine itself leads to."""
ANSWERS = 2
"""A way home must be that near: someone who is lost answers once more, perhaps twice, and then leaves."""
MAX_CASES = 4096
"""More combinations of fields than this are not tried at one node."""
MAX_CALLERS = 8
"""Calls within calls deeper than this are not followed."""

State = tuple[Frame, tuple[Frame, ...]]
"""A place, and the places to come back to."""


def check_unreachable(subject: Subject) -> Iterator[Finding]:
    """unreachable-node, unreachable-dialog"""
    library = subject.library
    led_to = {
        move.to.dialog for (here, _), node in frames_of(library) for move in moves_of(node) if move.to.dialog != here
    }
    for dialog in library.dialogs.values():
        met = reached(library, dialog.id)
        for node in dialog.nodes.values():
            if node.id not in met:
                yield found("unreachable-node", dialog.path, node.line, node=node.id)
        if not dialog.words and dialog.id not in led_to and dialog.id not in BUILT_IN:
            yield found("unreachable-dialog", dialog.path, 1, dialog=dialog.id)


def check_dead_ends(subject: Subject) -> Iterator[Finding]:
    """dead-end"""
    library = subject.library
    flow = Flow(library, HOUSEHOLD)
    for dialog in library.dialogs.values():
        met = flow.in_dialog(dialog.id)
        for node in dialog.nodes.values():
            who = _stuck(library, node, met.get(node.id, set()))
            if who is not None:
                yield found("dead-end", dialog.path, node.line, node=node.id, who=f" ({who})" if who else "")


def _stuck(library: Library, node: AnyNode, households: set[Value]) -> str | None:
    """For whom *node* has no way on: "" for all, or the values of the fields; None when it has for everybody."""
    if isinstance(node, End):
        return None
    moves = moves_of(node)
    if not moves or any(not move.to.dialog and not move.to.node for move in moves):
        return ""
    if not isinstance(node, AskChoice):
        return None
    fields = sorted({field for when in conditions_of(node) for field in when.fields})
    values = [_values(library, field, households) for field in fields]
    for case in islice(product(*values), MAX_CASES):
        told = {field: value for field, value in zip(fields, case, strict=True) if value is not None}
        if not any(move.when.holds(told) for move in moves):
            return ", ".join(f"{field}: {told.get(field, 'null')}" for field in fields)
    return None


def _values(library: Library, field: str, households: set[Value]) -> list[Value]:
    values = values_of(library, field)
    return [v for v in values if v in households] if field == HOUSEHOLD else list(values)


def check_way_home(subject: Subject) -> Iterator[Finding]:
    """far-from-menu"""
    library = subject.library
    for frame, node in frames_of(library):
        if isinstance(node, WAITING) and frame[0] not in HOME and moves_of(node) and not _is_near_home(library, frame):
            yield found("far-from-menu", library.dialogs[frame[0]].path, node.line, node=node.id)


def _is_near_home(library: Library, frame: Frame) -> bool:
    waiting: set[State] = {(frame, ())}
    for _ in range(ANSWERS):
        answered = [state for at in waiting for state in _onward(library, at)]
        waiting = set()
        seen = set[State]()
        while answered:
            state = answered.pop()
            if _is_home(library, state):
                return True
            if state in seen:
                continue
            seen.add(state)
            if isinstance(node_of(library, state[0]), WAITING):
                waiting.add(state)
            else:
                answered.extend(_onward(library, state))
    return False


def _is_home(library: Library, state: State) -> bool:
    (dialog, _), callers = state
    return dialog in HOME or (not callers and isinstance(node_of(library, state[0]), End))


def _onward(library: Library, state: State) -> list[State]:
    """Where the walk may stand next: calls remember where to come back to, an end goes back there."""
    frame, callers = state
    node = node_of(library, frame)
    if node is None or (isinstance(node, Call) and len(callers) >= MAX_CALLERS):
        return []
    if isinstance(node, End):
        return [(callers[-1], callers[:-1])] if callers else []
    moves = [(move, library.target_of(frame[0], move.to)) for move in moves_of(node)]
    if isinstance(node, Call):
        back = next(to for move, to in moves if move.by == "back")
        return [(to, (*callers, back)) for move, to in moves if move.by == "call"]
    return [(to, callers) for _, to in moves]

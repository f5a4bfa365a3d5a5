"""Which values one field may have at each node: a small forward analysis, one field at a time.

It errs on the safe side: conditions on other fields may hold or not, a typed answer may be anything. What it says
can't happen can't happen by walking the dialogs (a session that waited while the field changed elsewhere is not seen).
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.engine.checks.moves import Move, frames_of, moves_of, node_of, start_of
from bot.engine.model import HOUSEHOLD_KINDS, WAITING, AnyNode, AskTyped, Branch, Call, Condition, End
from bot.engine.state import Frame, Library

HOUSEHOLD = "ho"
OTHER = "*"
"""Stands for any value that no condition names."""

Value = str | None
Point = tuple[Frame, Value]


def admits(when: Condition, field: str, value: Value) -> bool:
    """Whether *when* may hold while *field* is *value*."""
    wanted = when.fields.get(field)
    return wanted is None or value in wanted or ("any" in wanted and value is not None)


def compels(when: Condition, field: str, value: Value) -> bool:
    """Whether *when* is sure to hold while *field* is *value*."""
    return set(when.fields) <= {field} and admits(when, field, value)


def conditions_of(node: AnyNode) -> Iterator[Condition]:
    """The conditions on the ways out of *node*."""
    return (move.when for move in moves_of(node))


def fields_of(library: Library) -> tuple[str, ...]:
    """Every field that some condition looks at."""
    return tuple(sorted({f for _, node in frames_of(library) for when in conditions_of(node) for f in when.fields}))


def values_of(library: Library, field: str) -> tuple[Value, ...]:
    """The values of *field* that make a difference; None is unset."""
    if field == HOUSEHOLD:
        return (*HOUSEHOLD_KINDS, None)
    named = {v for _, node in frames_of(library) for when in conditions_of(node) for v in when.fields.get(field, ())}
    return (*sorted(v for v in named if v is not None and v != "any"), OTHER, None)


class Flow:
    """The dialogs as seen through one field. `through_waits` follows what happens after questions as well."""

    def __init__(self, library: Library, field: str, *, through_waits: bool = True) -> None:
        self.library, self.field, self.through_waits = library, field, through_waits
        self.values = values_of(library, field)
        self.ends: dict[tuple[str, Value], frozenset[Value]] = {}
        """For each called dialog and value at its start, the values with which it may end."""
        self._grow()

    def steps(self, point: Point) -> list[Point]:
        """Where *point* may lead: calls are stepped over, to what holds after them."""
        frame, value = point
        node = node_of(self.library, frame)
        if node is None or isinstance(node, End) or (isinstance(node, WAITING) and not self.through_waits):
            return []
        if isinstance(node, Call):
            after = self.library.target_of(frame[0], node.next)
            return [(after, v) for v in self.ends.get((node.dialog, value), ())]
        return [
            (self.library.target_of(frame[0], move.to), v)
            for move in self._open_moves(node, value)
            for v in self._after(node, move, value)
        ]

    def reach(self, points: list[Point], within: str = "") -> set[Point]:
        """Every point that some walk from *points* comes to, themselves included; *within* one dialog if named."""
        open_, seen = list(points), set[Point]()
        while open_:
            point = open_.pop()
            if point not in seen and within in ("", point[0][0]):
                seen.add(point)
                open_.extend(self.steps(point))
        return seen

    def in_dialog(self, dialog: str) -> dict[str, set[Value]]:
        """The values that the field may have at each node of *dialog*, whoever enters it at its start."""
        at: dict[str, set[Value]] = {}
        for (_, node), value in self.reach([(start_of(self.library, dialog), v) for v in self.values], within=dialog):
            at.setdefault(node, set()).add(value)
        return at

    def _grow(self) -> None:
        """Fill `ends` until nothing changes: what a dialog ends with depends on those that it calls itself."""
        called = sorted({node.dialog for _, node in frames_of(self.library) if isinstance(node, Call)})
        keys = [(dialog, value) for dialog in called for value in {*self.values, OTHER}]
        grown = True
        while grown:
            new = {key: self._ends_of(*key) for key in keys}
            grown, self.ends = new != self.ends, new

    def _ends_of(self, dialog: str, value: Value) -> frozenset[Value]:
        points = self.reach([(start_of(self.library, dialog), value)])
        return frozenset(v for frame, v in points if isinstance(node_of(self.library, frame), End))

    def _open_moves(self, node: AnyNode, value: Value) -> Iterator[Move]:
        for move in moves_of(node):
            if admits(move.when, self.field, value):
                yield move
                if isinstance(node, Branch) and compels(move.when, self.field, value):
                    return

    def _after(self, node: AnyNode, move: Move, value: Value) -> tuple[Value, ...]:
        if isinstance(node, AskTyped) and move.by == "answer" and node.field == self.field:
            return tuple(v for v in self.values if v is not None)
        if self.field not in move.set:
            return (value,)
        new = move.set[self.field]
        return (new if new in self.values else OTHER,) if new else (None,)

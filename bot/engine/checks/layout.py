"""Where the boxes of a dialog's drawing stand: columns by the longest way from the start, near what leads there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from bot.engine.checks.moves import Move, moves_of
from bot.engine.checks.wording import Wording
from bot.engine.model import WAITING, AnyNode, AskChoice, AskTyped, Dialog

AS_FILED = Wording()
WIDTH, LINE, PAD = 270, 16, 9
GAP_X, GAP_Y = 90, 22
SPARE = 9
"""Letters at the right of a way out that are left to its number: "1.234.567"."""


@dataclass(frozen=True, slots=True)
class Port:
    """One way out of a box: its words, line by line. It leads ahead to the box `to`, or where `elsewhere` says."""

    lines: tuple[str, ...]
    to: str
    elsewhere: str


@dataclass(frozen=True, slots=True)
class Box:
    """One node: what it is called (`head`), what it says (`told`), what it asks, and its ways out.

    `has_foot` leaves a line below the ways out, for who went no further.
    """

    id: str
    node: AnyNode
    head: str
    told: tuple[str, ...]
    asked: tuple[str, ...]
    ports: tuple[Port, ...]
    has_foot: bool = False

    @property
    def height(self) -> int:
        rows = sum(len(port.lines) for port in self.ports)
        lines = 1 + len(self.told) + len(self.asked) + rows + self.has_foot
        return LINE * lines + 2 * PAD + 4 * len(self.ports) + 4

    def port_y(self, index: int) -> int:
        """The middle of a way out, from the top of the box."""
        above = sum(len(port.lines) for port in self.ports[:index])
        lines = 1 + len(self.told) + len(self.asked) + above + len(self.ports[index].lines) / 2
        return round(PAD + 4 + LINE * lines + 4 * index + 2)


@dataclass(frozen=True, slots=True)
class Layout:
    """The boxes, the upper left corner of each in pixels, and the size of it all."""

    boxes: Mapping[str, Box]
    at: Mapping[str, tuple[int, int]]
    width: int
    height: int


def layout_of(dialog: Dialog, top: int, wording: Wording = AS_FILED, *, with_numbers: bool = False) -> Layout:
    """A layout of *dialog* below *top* pixels. *with_numbers* leaves room for them in every box."""
    column = _columns(dialog)
    boxes = {node.id: _box(node, column, wording, with_numbers) for node in dialog.nodes.values()}
    at: dict[str, tuple[int, int]] = {}
    bottom = top
    for index in sorted(set(column.values())):
        y = top
        for wished, box in _in_order(boxes, column, at, index):
            y = max(y, wished - box.height // 2)
            at[box.id] = (GAP_X // 2 + index * (WIDTH + GAP_X), y)
            y += box.height + GAP_Y
        bottom = max(bottom, y)
    width = (max(column.values(), default=0) + 1) * (WIDTH + GAP_X)
    return Layout(boxes, at, width, bottom + GAP_Y)


def _box(node: AnyNode, column: Mapping[str, int], wording: Wording, with_numbers: bool) -> Box:
    told = [line for item in node.say for line in wording.told(item)]
    told += [f"= {line}" for line in wrap(wording.effect(node), wording.letters - 2)]
    ask = wording.asked(node.ask) if isinstance(node, AskChoice | AskTyped) else ""
    spare = SPARE if with_numbers else 0
    ports = tuple(_port(move, column, column[node.id], wording, spare) for move in moves_of(node))
    asked = tuple(wrap(ask, wording.letters - 2))
    return Box(node.id, node, wording.head(node), tuple(told), asked, ports, with_numbers and isinstance(node, WAITING))


def _port(move: Move, column: Mapping[str, int], here: int, wording: Wording, spare: int) -> Port:
    lines = wrap(wording.way(move), wording.letters - 2 - spare) or [""]
    to = "" if move.to.dialog else move.to.node
    if column.get(to, -1) > here:
        return Port(tuple(lines), to, "")
    elsewhere = wording.elsewhere(move)
    is_free = not spare or len(lines) > 1  # the number stands on the first line
    room = is_free and len(lines[-1]) + len(elsewhere) + 1 <= wording.letters
    return Port(tuple(lines) if room else (*lines, ""), "", elsewhere)


def _columns(dialog: Dialog) -> dict[str, int]:
    """The length of the longest way from the start; ways that lead back are left out. Stray nodes stand first."""
    ways = {node.id: [move.to.node for move in moves_of(node) if not move.to.dialog] for node in dialog.nodes.values()}
    order, ahead = _walk(dialog.start, ways)
    column = dict.fromkeys(ways, 0)
    for node in order:
        for to in ahead[node]:
            column[to] = max(column[to], column[node] + 1)
    return column


def _walk(start: str, ways: Mapping[str, Sequence[str]]) -> tuple[list[str], dict[str, list[str]]]:
    """Nodes so that each stands before those it leads ahead to, and these for each node (no back edges)."""
    done: list[str] = []
    path: list[str] = []
    ahead: dict[str, list[str]] = {}

    def visit(node: str) -> None:
        path.append(node)
        ahead[node] = []
        for to in ways[node]:
            if to in ways and to not in path:
                ahead[node].append(to)
                if to not in ahead:
                    visit(to)
        path.pop()
        done.append(node)

    for node in (start, *ways):
        if node in ways and node not in ahead:
            visit(node)
    return done[::-1], ahead


def _in_order(
    boxes: Mapping[str, Box], column: Mapping[str, int], at: Mapping[str, tuple[int, int]], index: int
) -> list[tuple[int, Box]]:
    """The boxes of a column from above, each with the height at which it would best stand: that of what leads to it."""
    led: dict[str, list[int]] = {}
    for source, (_, y) in at.items():
        for number, port in enumerate(boxes[source].ports):
            led.setdefault(port.to, []).append(y + boxes[source].port_y(number))
    here = [box for box in boxes.values() if column[box.id] == index]
    wished = [(sum(led[box.id]) // len(led[box.id]) if box.id in led else 0, box) for box in here]
    return sorted(wished, key=lambda entry: entry[0])

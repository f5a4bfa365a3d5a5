"""Where the boxes of a dialog's drawing stand: columns by the longest way from the start, near what leads there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from bot.engine.checks.moves import Move, moves_of
from bot.engine.model import (
    AnyNode,
    AskChoice,
    AskTyped,
    Condition,
    Dialog,
    Handoff,
    SetFields,
    Stop,
    Subscribe,
)

WIDTH, LINE, PAD = 270, 16, 9
GAP_X, GAP_Y = 90, 22
LETTERS = 38
"""Letters of 12 px that fit on a line of a box."""

_BY = {
    "answer": "trả lời", "give_up": "sai nhiều lần", "skip": "bỏ qua",
    "next": "tiếp", "back": "xong thì", "call": "gọi",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Port:
    """One way out of a box: its words, line by line. It leads ahead to the box `to`, or where `elsewhere` says."""

    lines: tuple[str, ...]
    to: str
    elsewhere: str


@dataclass(frozen=True, slots=True)
class Box:
    """One node: what it says (`told`), what it asks, and its ways out."""

    id: str
    node: AnyNode
    told: tuple[str, ...]
    asked: tuple[str, ...]
    ports: tuple[Port, ...]

    @property
    def height(self) -> int:
        rows = sum(len(port.lines) for port in self.ports)
        return LINE * (1 + len(self.told) + len(self.asked) + rows) + 2 * PAD + 4 * len(self.ports) + 4

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


def layout_of(dialog: Dialog, top: int) -> Layout:
    """A layout of *dialog* below *top* pixels."""
    column = _columns(dialog)
    boxes = {node.id: _box(node, column) for node in dialog.nodes.values()}
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


def _box(node: AnyNode, column: Mapping[str, int]) -> Box:
    told = [line for item in node.say for line in _told(item.message, item.text)]
    told += [f"= {line}" for line in wrap(_effect(node), LETTERS - 2)]
    ask = node.ask if isinstance(node, AskChoice | AskTyped) else ""
    ports = tuple(_port(move, column, column[node.id]) for move in moves_of(node))
    return Box(node.id, node, tuple(told), tuple(wrap(ask, LETTERS - 2)), ports)


def _told(message: str, text: str) -> list[str]:
    return [f"▸ {line}" for line in wrap(message, LETTERS - 2)] if message else wrap(f"“{text}”", LETTERS)


def _effect(node: AnyNode) -> str:
    """What a node does besides speaking, as the file names it."""
    match node:
        case AskTyped(type=type_, field=field):
            return f"{field}: {type_}"
        case SetFields(set=fields):
            return _setting(fields)
        case Stop(stop=stop):
            return f"stop: {stop}"
        case Subscribe(topics=topics, on=on):
            return f"{'subscribe' if on else 'unsubscribe'}: {', '.join(topics)}"
        case Handoff(queue=queue):
            return f"handoff: {queue}"
        case _:
            return ""


def _setting(fields: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {value or 'null'}" for name, value in fields.items())


def _port(move: Move, column: Mapping[str, int], here: int) -> Port:
    label = move.label or _BY.get(move.by, "")
    condition = condition_words(move.when)
    if move.by == "arm":
        label = condition or "còn lại"
    elif condition:
        label = f"{label} ({condition})"
    if move.set and move.label:
        label = f"{label} [{_setting(move.set)}]"
    lines = wrap(label, LETTERS - 2) or [""]
    to = "" if move.to.dialog else move.to.node
    if column.get(to, -1) > here:
        return Port(tuple(lines), to, "")
    elsewhere = f"→ /{move.to.dialog}" if move.to.dialog else f"↩ {to}"
    room = len(lines[-1]) + len(elsewhere) + 1 <= LETTERS
    return Port(tuple(lines) if room else (*lines, ""), "", elsewhere)


def condition_words(when: Condition) -> str:
    """A condition as staff read it: "ho: ngheo hoặc can-ngheo"."""
    words = {None: "chưa biết", "any": "đã biết"}
    shown = {field: " hoặc ".join(words.get(v, v or "") for v in values) for field, values in when.fields.items()}
    return "; ".join(f"{field}: {values}" for field, values in shown.items())


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

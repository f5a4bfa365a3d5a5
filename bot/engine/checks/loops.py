"""Cycles in which nobody is asked anything: the engine would cut them off, and the person would hear an apology."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from bot.engine.checks.finding import Finding
from bot.engine.checks.flow import HOUSEHOLD, Flow, Point, fields_of
from bot.engine.checks.moves import frames_of, node_of, start_of
from bot.engine.checks.rules import found
from bot.engine.checks.subject import Subject
from bot.engine.model import Call
from bot.engine.state import Frame


def check_loops(subject: Subject) -> Iterator[Finding]:
    """loop-without-wait: seen through each field in turn, for a loop that one field rules out is none."""
    library = subject.library
    left = frozenset(frame for frame, _ in frames_of(library))
    edges: dict[Frame, set[Frame]] = {}
    for field in fields_of(library) or (HOUSEHOLD,):
        edges = _looping(Flow(library, field, through_waits=False))
        left &= edges.keys()
    while loop := _cycle({frame: edges[frame] & left for frame in left}):
        dialog, node_id = loop[0]
        node = library.dialogs[dialog].nodes[node_id]
        shown = " → ".join(f"{d}/{n}" for d, n in (*loop, loop[0]))
        yield found("loop-without-wait", library.dialogs[dialog].path, node.line, loop=shown)
        left -= set(loop)


def _looping(flow: Flow) -> dict[Frame, set[Frame]]:
    """The nodes that stand on a cycle of *flow* or between two, with the steps among them."""
    points = flow.reach([(frame, value) for frame, _ in frames_of(flow.library) for value in flow.values])
    steps = {point: [to for to in _into(flow, point) if to in points] for point in points}
    while len(steps) != len(kept := _trimmed(steps)):
        steps = kept
    edges: dict[Frame, set[Frame]] = {}
    for (frame, _), to in steps.items():
        edges.setdefault(frame, set()).update(next_ for next_, _ in to)
    return edges


def _trimmed(steps: Mapping[Point, list[Point]]) -> dict[Point, list[Point]]:
    """*steps* without the points that nothing leads to or that lead nowhere."""
    entered = {to for following in steps.values() for to in following}
    kept = {point for point, following in steps.items() if following and point in entered}
    return {point: [to for to in steps[point] if to in kept] for point in kept}


def _into(flow: Flow, point: Point) -> list[Point]:
    """As `flow.steps`, and into the called dialog as well: it may never come back."""
    node = node_of(flow.library, point[0])
    steps = flow.steps(point)
    return [*steps, (start_of(flow.library, node.dialog), point[1])] if isinstance(node, Call) else steps


def _cycle(edges: Mapping[Frame, set[Frame]]) -> tuple[Frame, ...]:
    """One cycle of *edges* in walking order, beginning at its smallest node; empty when there is none."""
    try:
        TopologicalSorter({frame: sorted(edges[frame]) for frame in sorted(edges)}).prepare()
    except CycleError as exc:
        ring: list[Frame] = list(reversed(exc.args[1][:-1]))  # graphlib goes from a node to what it depends on
        first = ring.index(min(ring))
        return (*ring[first:], *ring[:first])
    return ()

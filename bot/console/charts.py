"""Pictures drawn on the server: lines over time, bars to compare.

Lengths are in per cent of the width, letters in pixels: a picture fits a phone and its words stay readable. Colours
come from console.css, by class; nothing here has a style of its own, which the pages' security policy would forbid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from bot.services.discretion import Count

HEIGHT, TOP, BOTTOM = 232, 24, 28
"""Of a line chart, in pixels: all of it, the room for words above the plot, and for days below it."""
PLOT = HEIGHT - TOP - BOTTOM
LABEL = 16
"""Pixels that two labels at the ends of lines keep apart."""
COLUMNS = 140
"""Height of a chart of columns, in pixels."""
BASE = COLUMNS - 22
"""Where its columns stand."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: what its end is labelled with, its values one a step, and how the last is written."""

    label: str
    values: Sequence[float]
    last: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. *count* that may not be told has no length; *words* are the number as it is written beside it."""

    label: str
    count: Count | float
    words: str
    link: str = ""
    mark: str = "mark-1"


def nice(value: float) -> float:
    """The round number at or above *value* that a scale can end at: 1, 2, 2.5 or 5 times a power of ten; at least 4."""
    value, power = max(value, 4), 1.0
    while power * 10 <= value:
        power *= 10
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value)


def line_chart(lines: Sequence[Line], days: Sequence[str], scale: Sequence[str], top: float) -> Markup:
    """Lines over *days* (the words for each step), on a scale from 0 to *top* with *scale* as words for both ends."""
    ends = [_y(line.values[-1] if line.values else 0, top) for line in lines]
    parts = [
        f'<div class="plot"><svg height="{HEIGHT}" aria-hidden="true" focusable="false">',
        *_scale(scale),
        f'<svg y="{TOP}" width="100%" height="{PLOT}" viewBox="0 0 1000 {PLOT}" preserveAspectRatio="none">',
        *(_path(number, line.values, top) for number, line in enumerate(lines, 1)),
        "</svg>",
        *_days(days),
        f'</svg><svg height="{HEIGHT}" aria-hidden="true" focusable="false">',
        *_ends(lines, ends),
        "</svg></div>",
    ]
    return Markup("".join(parts))


def _y(value: float, top: float) -> float:
    """Pixels from the upper edge of the plot."""
    return round(PLOT * (1 - value / top), 1) if top else PLOT


def _scale(words: Sequence[str]) -> Iterator[str]:
    for y, text in ((TOP + PLOT, words[0]), (TOP, words[1])):
        yield f'<line class="axis" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
        yield f'<text x="0" y="{y - 4}">{escape(text)}</text>'


def _path(number: int, values: Sequence[float], top: float) -> str:
    step = 1000 / max(1, len(values) - 1)
    points = " ".join(f"{place * step:.1f},{_y(value, top)}" for place, value in enumerate(values))
    return f'<polyline class="series-{number}" vector-effect="non-scaling-stroke" points="{points}"/>'


def _ends(lines: Sequence[Line], ends: Sequence[float]) -> Iterator[str]:
    """The labels stand at the right of the plot, as high as their lines end; none on another."""
    free = TOP + PLOT + 4.0
    places: dict[int, float] = {}
    for place in sorted(range(len(lines)), key=lambda one: -ends[one]):
        free = places[place] = max(12.0, min(free, TOP + ends[place] + 4))
        free -= LABEL
    for number, line in enumerate(lines):
        words = f'{escape(line.label)} <tspan class="value">{escape(line.last)}</tspan>'
        yield f'<text class="name-{number + 1}" x="8" y="{places[number]:g}">{words}</text>'


def _days(days: Sequence[str]) -> Iterator[str]:
    if not days:
        return
    middle = (len(days) - 1) // 2
    share = 100 * middle / max(1, len(days) - 1)
    for place, anchor, day in ((0.0, "start", days[0]), (share, "middle", days[middle]), (100.0, "end", days[-1])):
        yield f'<text x="{place:g}%" y="{HEIGHT - 8}" text-anchor="{anchor}">{escape(day)}</text>'


def spark(values: Sequence[float]) -> Markup:
    """A small line without words, beside a number that says what it shows."""
    top = max(values, default=0) or 1
    step = 100 / max(1, len(values) - 1)
    points = " ".join(f"{place * step:.1f},{30 - 28 * value / top:.1f}" for place, value in enumerate(values))
    return Markup(
        '<svg class="spark" viewBox="0 0 100 32" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<polyline class="series-1" vector-effect="non-scaling-stroke" points="{points}"/></svg>'
    )


def columns(values: Sequence[float], marks: Sequence[str], *, strong: int) -> Markup:
    """Columns side by side (hours of a day), the one at *strong* in the stronger colour; *marks* are words below
    some, "" for none."""
    top, width = max(values, default=0) or 1, 100 / max(1, len(values))
    parts = [f'<svg class="columns" height="{COLUMNS}" aria-hidden="true" focusable="false">']
    for place, value in enumerate(values):
        high = round((BASE - 4) * value / top, 1)
        mark = "mark-1" if place == strong else "mark-soft"
        parts.append(
            f'<rect class="{mark}" x="{(place + 0.12) * width:.2f}%" y="{BASE - high:g}" '
            f'width="{width * 0.76:.2f}%" height="{high:g}" rx="2"/>'
        )
        if marks[place]:
            anchor = "start" if place == 0 else "middle"
            x = 0 if place == 0 else (place + 0.5) * width
            parts.append(f'<text x="{x:.2f}%" y="{COLUMNS - 4}" text-anchor="{anchor}">{escape(marks[place])}</text>')
    parts.append(f'<line class="axis" x1="0" x2="100%" y1="{BASE}" y2="{BASE}"/></svg>')
    return Markup("".join(parts))


def bar(count: Count | float, most: float, mark: str = "mark-1") -> Markup:
    """One bar of at most all the width there is; nothing for a number that may not be told."""
    length = 100 * count / most if isinstance(count, int | float) and most else 0
    # one that is not nothing can be seen
    shown = max(length, 0.6) if length else 0
    return Markup(
        '<svg class="bar-line" height="12" aria-hidden="true" focusable="false"><rect class="mark-track" width="100%" '
        f'height="12" rx="3"/><rect class="{escape(mark)}" width="{shown:.2f}%" height="12" rx="3"/></svg>'
    )


def most_of(bars: Sequence[Bar]) -> float:
    """The longest of these bars that may be told."""
    return max((one.count for one in bars if isinstance(one.count, int | float)), default=0)

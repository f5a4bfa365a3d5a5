"""A dialog as a picture: a file of its own for who writes dialogs, a part of a page with numbers in it for officers.

Everything is coloured by classes: a file brings its own style, a page has that of the console, light and dark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from bot.engine.checks.layout import GAP_X, LINE, PAD, WIDTH, Box, Layout, Port, layout_of
from bot.engine.checks.wording import KINDS, Wording
from bot.engine.model import (
    AnyNode,
    AskChoice,
    AskTyped,
    Branch,
    Call,
    Dialog,
    End,
    Handoff,
    Say,
    SetFields,
    Stop,
    Subscribe,
)

CLASSES: Mapping[type[AnyNode], tuple[str, str]] = {
    Say: ("k-say", "#2b6cb0"), AskChoice: ("k-ask", "#2f855a"), AskTyped: ("k-type", "#0e7c7b"),
    Branch: ("k-branch", "#975a16"), SetFields: ("k-set", "#6b46c1"), Call: ("k-call", "#b83280"),
    Handoff: ("k-handoff", "#c05621"), Subscribe: ("k-topic", "#4a5568"), Stop: ("k-stop", "#c53030"),
    End: ("k-end", "#1a202c"),
}  # fmt: skip
"""Each kind of node: its class, and its colour in a file."""
TOP = 116
LEGEND_STEP = 190
THIN, THICK = 1.4, 9.0
"""Pixels of an arrow that nobody, and that everybody takes."""

_STYLE = (
    "text{font:12px 'Noto Sans','DejaVu Sans',Arial,sans-serif;fill:#1a202c}"
    ".title{font-size:20px;font-weight:600}.ask{font-weight:600}.small{font-size:11px;fill:#4a5568}"
    ".id{font-size:11px;fill:#fff;font-weight:600}.to{font-size:11px;fill:#2c5282}"
    ".paper{fill:#fbfaf7}.box{fill:#fff;stroke-width:1.2}.start .box{stroke-width:3}.rule{stroke:#e2e8f0}"
    ".way{fill:none}"
    + "".join(
        f".{name} .box,.{name}.way{{stroke:{colour}}}.{name} .cap,.{name}.tip,.{name}.key{{fill:{colour}}}"
        for name, colour in CLASSES.values()
    )
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of one node, as they are written: who `came`, who took each way out (in the order of `moves_of`; "" for
    none), who `dropped` out here. `weights` are those of the ways from 0 to 1: they thicken the arrows."""

    came: str
    ways: Sequence[str] = ()
    dropped: str = ""
    weights: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is drawn: a layout, the numbers by node, where a box leads to when it is clicked, which one was."""

    layout: Layout
    start: str
    figures: Mapping[str, Figures] = field(default_factory=dict)
    link: Callable[[str], str] | None = None
    chosen: str = ""


def dialog_svg(dialog: Dialog) -> str:
    """*dialog* from left to right as a file: a box a node, its choices as rows, an arrow for each that leads ahead."""
    sheet = Sheet(layout_of(dialog, TOP), dialog.start)
    width, height = max(sheet.layout.width, 5 * LEGEND_STEP + GAP_X), sheet.layout.height
    parts = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{escape(dialog.title)}">',
        f"<style>{_STYLE}</style>",
        '<rect class="paper" width="100%" height="100%"/>',
        f'<text class="title" x="{GAP_X // 2}" y="32">{escape(dialog.title)} ({escape(dialog.id)})</text>',
        *_legend(),
        *_parts(sheet),
        "</svg>",
    )
    return "\n".join(parts) + "\n"


def dialog_picture(
    dialog: Dialog, wording: Wording, figures: Mapping[str, Figures], link: Callable[[str], str], chosen: str = "",
    zoom: float = 1.0,
) -> str:  # fmt: skip
    """*dialog* with its numbers, as a part of a page; *link* gives the address of a node. Safe to put in as it is."""
    layout = layout_of(dialog, GAP_X // 4, wording, with_numbers=True)
    sheet = Sheet(layout, dialog.start, figures, link, chosen)
    width, height = layout.width, layout.height
    size = f'width="{width * zoom:g}" height="{height * zoom:g}" viewBox="0 0 {width} {height}"'
    return "".join((f'<svg {size} role="group" aria-label="{escape(dialog.title)}">', *_parts(sheet), "</svg>"))


def _parts(sheet: Sheet) -> Iterator[str]:
    yield from _arrows(sheet)
    for box in sheet.layout.boxes.values():
        yield from _linked(sheet, box)


def _legend() -> Iterator[str]:
    for index, (kind, (name, _colour)) in enumerate(CLASSES.items()):
        x, y = GAP_X // 2 + index % 5 * LEGEND_STEP, 46 + index // 5 * 20
        yield f'<rect class="{name} key" x="{x}" y="{y}" width="14" height="14" rx="3"/>'
        yield f'<text class="small" x="{x + 20}" y="{y + 11}">{KINDS[kind]}</text>'
    signs = "▶ bắt đầu     → /x: sang hội thoại x     ↩ x: quay lại nút x     ▸ x: tin x trong content/messages"
    yield f'<text class="small" x="{GAP_X // 2}" y="98" xml:space="preserve">{signs}</text>'


def _arrows(sheet: Sheet) -> Iterator[str]:
    """From the right edge of each choice to its target. Ways back are named in the box instead: drawn, they hide it."""
    layout = sheet.layout
    for box in layout.boxes.values():
        kind = CLASSES[type(box.node)][0]
        for index, port in enumerate(box.ports):
            if port.to:
                x1, y1 = layout.at[box.id][0] + WIDTH, layout.at[box.id][1] + box.port_y(index)
                x2, y2 = layout.at[port.to][0], layout.at[port.to][1] + PAD + LINE // 2
                bend, wide = max(40, (x2 - x1) // 2), _weight(sheet, box, index)
                path = f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2 - 7} {y2}"
                if wide > THIN:
                    yield f'<path class="{kind} way flow" d="{path}" stroke-width="{wide:g}"/>'
                yield f'<path class="{kind} way" d="{path}" stroke-width="{THIN}"/>'
                yield f'<path class="{kind} tip" d="M{x2} {y2} l-9 -4.5 v9 z"/>'


def _weight(sheet: Sheet, box: Box, index: int) -> float:
    numbers = sheet.figures.get(box.id)
    weights = numbers.weights if numbers else ()
    return THIN + (THICK - THIN) * weights[index] if index < len(weights) else THIN


def _linked(sheet: Sheet, box: Box) -> Iterator[str]:
    if sheet.link is None:
        yield from _box(sheet, box)
        return
    yield f'<a href="{escape(sheet.link(box.id))}" data-node="{escape(box.id)}">'
    yield from _box(sheet, box)
    yield "</a>"


def _box(sheet: Sheet, box: Box) -> Iterator[str]:
    x, y = sheet.layout.at[box.id]
    header, is_start, numbers = LINE + PAD, box.id == sheet.start, sheet.figures.get(box.id)
    names = [CLASSES[type(box.node)][0], *(["start"] if is_start else ()), *(["chosen"] * (box.id == sheet.chosen))]
    title = box.asked[0] if sheet.figures and box.asked else f"{box.id}: {KINDS[type(box.node)]}"
    yield f'<g id="{escape(box.id)}" class="{" ".join(names)}"><title>{escape(title)}</title>'
    yield (
        f'<rect class="box" x="{x}" y="{y}" width="{WIDTH}" height="{box.height}" rx="7"/>'
        f'<path class="cap" d="M{x} {y + header} v{7 - header} q0 -7 7 -7 h{WIDTH - 14} q7 0 7 7 v{header - 7} z"/>'
    )
    yield _text(x + PAD, y + header - 8, f"{'▶ ' if is_start else ''}{box.head}", "id")
    if numbers:
        yield _text(x + WIDTH - PAD, y + header - 8, numbers.came, "id", _END)
    line = y + header + LINE - 1
    for words, kind in (*((told, "small") for told in box.told), *((ask, "ask") for ask in box.asked)):
        yield _text(x + PAD, line, words, kind)
        line += LINE
    for index, port in enumerate(box.ports):
        yield from _row(sheet.layout, box, index, port)
        if numbers and index < len(numbers.ways) and numbers.ways[index]:
            top = y + box.port_y(index) - len(port.lines) * LINE / 2
            yield _text(x + WIDTH - PAD, round(top + 12), numbers.ways[index], "n", _END)
    if numbers and numbers.dropped and box.has_foot:
        yield _text(x + PAD, y + box.height - 8, numbers.dropped, "drop")
    yield "</g>"


_END = ' text-anchor="end"'


def _row(layout: Layout, box: Box, index: int, port: Port) -> Iterator[str]:
    """A way out: its words at the left, where it leads at the right if no arrow shows it."""
    x, y = layout.at[box.id]
    half = len(port.lines) * LINE / 2
    top = y + box.port_y(index) - half
    yield f'<path class="rule" d="M{x + 1} {top - 2:g} h{WIDTH - 2}"/>'
    for number, words in enumerate(port.lines):
        yield _text(x + PAD, round(top + 12 + number * LINE), words, "row")
    if port.elsewhere:
        yield _text(x + WIDTH - PAD, round(top + half * 2 - 4), port.elsewhere, "to", _END)


def _text(x: int, y: int, words: str, kind: str, more: str = "") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}"{more}>{escape(words)}</text>'

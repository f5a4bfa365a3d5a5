"""A dialog as a picture: one SVG file, no parts from elsewhere, for officers who don't read YAML."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from bot.engine.checks.layout import GAP_X, LINE, PAD, WIDTH, Box, Layout, Port, layout_of
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

KINDS: dict[type[AnyNode], tuple[str, str]] = {
    Say: ("nói", "#2b6cb0"), AskChoice: ("hỏi, có lựa chọn", "#2f855a"), AskTyped: ("hỏi, gõ trả lời", "#0e7c7b"),
    Branch: ("rẽ nhánh", "#975a16"), SetFields: ("ghi nhớ", "#6b46c1"), Call: ("gọi hội thoại khác", "#b83280"),
    Handoff: ("chuyển cán bộ", "#c05621"), Subscribe: ("nhận tin theo chủ đề", "#4a5568"),
    Stop: ("dừng tin", "#c53030"), End: ("kết thúc", "#1a202c"),
}  # fmt: skip
"""Each kind of node: its name in the legend, and its colour."""
TOP = 116
LEGEND_STEP = 190

_STYLE = (
    "text{font:12px 'Noto Sans','DejaVu Sans',Arial,sans-serif;fill:#1a202c}"
    ".title{font-size:20px;font-weight:600}.ask{font-weight:600}.small{font-size:11px;fill:#4a5568}"
    ".id{font-size:11px;fill:#fff;font-weight:600}.to{font-size:11px;fill:#2c5282}"
)


def dialog_svg(dialog: Dialog) -> str:
    """*dialog* from left to right: a box a node, its choices as rows, an arrow for each that leads ahead."""
    layout = layout_of(dialog, TOP)
    width = max(layout.width, 5 * LEGEND_STEP + GAP_X)
    parts = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{layout.height}" '
        f'viewBox="0 0 {width} {layout.height}" role="img" aria-label="{escape(dialog.title)}">',
        f"<style>{_STYLE}</style>",
        '<rect width="100%" height="100%" fill="#fbfaf7"/>',
        f'<text class="title" x="{GAP_X // 2}" y="32">{escape(dialog.title)} ({escape(dialog.id)})</text>',
        *_legend(),
        *_arrows(layout),
        *(line for box in layout.boxes.values() for line in _box(layout, box, box.id == dialog.start)),
        "</svg>",
    )
    return "\n".join(parts) + "\n"


def _legend() -> Iterator[str]:
    for index, (name, colour) in enumerate(KINDS.values()):
        x, y = GAP_X // 2 + index % 5 * LEGEND_STEP, 46 + index // 5 * 20
        yield f'<rect x="{x}" y="{y}" width="14" height="14" rx="3" fill="{colour}"/>'
        yield f'<text class="small" x="{x + 20}" y="{y + 11}">{name}</text>'
    signs = "▶ bắt đầu     → /x: sang hội thoại x     ↩ x: quay lại nút x     ▸ x: tin x trong content/messages"
    yield f'<text class="small" x="{GAP_X // 2}" y="98" xml:space="preserve">{signs}</text>'


def _arrows(layout: Layout) -> Iterator[str]:
    """From the right edge of each choice to its target. Ways back are named in the box instead: drawn, they hide it."""
    for box in layout.boxes.values():
        for index, port in enumerate(box.ports):
            if port.to:
                x1, y1 = layout.at[box.id][0] + WIDTH, layout.at[box.id][1] + box.port_y(index)
                x2, y2 = layout.at[port.to][0], layout.at[port.to][1] + PAD + LINE // 2
                bend, colour = max(40, (x2 - x1) // 2), KINDS[type(box.node)][1]
                path = f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2 - 7} {y2}"
                yield f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.4"/>'
                yield f'<path d="M{x2} {y2} l-9 -4.5 v9 z" fill="{colour}"/>'


def _box(layout: Layout, box: Box, is_start: bool) -> Iterator[str]:
    x, y = layout.at[box.id]
    name, colour = KINDS[type(box.node)]
    header = LINE + PAD
    yield f'<g id="{escape(box.id)}"><title>{escape(f"{box.id}: {name}")}</title>'
    yield (
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{box.height}" rx="7" fill="#fff" stroke="{colour}" '
        f'stroke-width="{3 if is_start else 1.2}"/>'
        f'<path d="M{x} {y + header} v{7 - header} q0 -7 7 -7 h{WIDTH - 14} q7 0 7 7 v{header - 7} z" fill="{colour}"/>'
    )
    start = "▶ " if is_start else ""
    yield _text(x + PAD, y + header - 8, f"{start}{box.id}", "id")
    line = y + header + LINE - 1
    for words, kind in (*((told, "small") for told in box.told), *((ask, "ask") for ask in box.asked)):
        yield _text(x + PAD, line, words, kind)
        line += LINE
    for index, port in enumerate(box.ports):
        yield from _row(layout, box, index, port)
    yield "</g>"


def _row(layout: Layout, box: Box, index: int, port: Port) -> Iterator[str]:
    """A way out: its words at the left, where it leads at the right if no arrow shows it."""
    x, y = layout.at[box.id]
    half = len(port.lines) * LINE / 2
    top = y + box.port_y(index) - half
    yield f'<path d="M{x + 1} {top - 2:g} h{WIDTH - 2}" stroke="#e2e8f0"/>'
    for number, words in enumerate(port.lines):
        yield _text(x + PAD, round(top + 12 + number * LINE), words, "row")
    if port.elsewhere:
        yield _text(x + WIDTH - PAD, round(top + half * 2 - 4), port.elsewhere, "to", ' text-anchor="end"')


def _text(x: int, y: int, words: str, kind: str, more: str = "") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}"{more}>{escape(words)}</text>'

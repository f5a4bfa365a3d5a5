"""The drawing of a dialog: well-formed, complete, and in the order in which people walk it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot.engine.checks.drawing import dialog_svg
from bot.engine.checks.layout import layout_of
from bot.engine.model import AskChoice, Dialog, End, Option, Say, Target
from bot.library.load import load_library

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
LIBRARY = load_library(ROOT / "dialogs", ROOT / "content", ROOT / "locales")


def asks(id: str, **labels: str) -> AskChoice:
    """A question whose choices lead as named: `asks("hoi", het="Thôi & <về>")`."""
    options = tuple(Option(to, label, Target(node=to), token=to) for to, label in labels.items())
    return AskChoice(id, digest="", ask="Bà con chọn?", options=options)


def dialog_of(*nodes: Say | AskChoice | End) -> Dialog:
    return Dialog("thu", "Thử & <xem>", nodes[0].id, {node.id: node for node in nodes}, version="1")


@pytest.mark.parametrize("name", sorted(LIBRARY.dialogs))
def test_every_node_and_choice_of_a_dialog_is_drawn(name: str) -> None:
    dialog = LIBRARY.dialogs[name]
    drawing = ElementTree.fromstring(dialog_svg(dialog))
    assert {group.get("id") for group in drawing.iter(f"{SVG}g")} == set(dialog.nodes)
    words = " ".join(text.text or "" for text in drawing.iter(f"{SVG}text"))
    for node in dialog.nodes.values():
        for option in node.options if isinstance(node, AskChoice) else ():
            assert option.label.split()[0] in words


@pytest.mark.parametrize("name", sorted(LIBRARY.dialogs))
def test_no_two_boxes_overlap(name: str) -> None:
    layout = layout_of(LIBRARY.dialogs[name], top=100)
    spans: dict[int, list[tuple[int, int]]] = {}
    for node, (x, y) in layout.at.items():
        spans.setdefault(x, []).append((y, y + layout.boxes[node].height))
    for column in spans.values():
        column.sort()
        assert all(above[1] < below[0] for above, below in pairwise(column))
        assert column[-1][1] <= layout.height


def test_words_with_angle_brackets_stay_words() -> None:
    drawing = ElementTree.fromstring(dialog_svg(dialog_of(asks("hoi", het="Thôi & <về>"), End("het", ""))))
    assert "Thôi & <về>" in [text.text for text in drawing.iter(f"{SVG}text")]


def test_a_way_back_is_named_and_a_way_ahead_is_an_arrow() -> None:
    layout = layout_of(dialog_of(asks("hoi", noi="Nghe"), Say("noi", "", next=Target(node="hoi"))), top=0)
    assert [port.to for port in layout.boxes["hoi"].ports] == ["noi"]
    assert [(port.to, port.elsewhere) for port in layout.boxes["noi"].ports] == [("", "↩ hoi")]
    assert layout.at["hoi"][0] < layout.at["noi"][0]

"""Pictures: well-formed, to scale, without a style of their own, and silent about few people."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from bot.console import charts
from bot.console.charts import Bar, Line
from bot.services.discretion import Few

VALUES = st.lists(st.integers(0, 10_000), min_size=1, max_size=95)
EVIL = '"><script>alert(1)</script>&'


def parsed(drawing: str) -> ElementTree.Element:
    assert "style=" not in drawing  # the pages' policy would drop it
    return ElementTree.fromstring(f"<div>{drawing}</div>")


@given(st.lists(VALUES, min_size=1, max_size=2).filter(lambda lines: len({len(line) for line in lines}) == 1))
def test_lines_stay_within_their_plot(values: list[list[int]]) -> None:
    top = charts.nice(max(map(max, values)))
    days = [f"{day}" for day in range(len(values[0]))]
    drawing = charts.line_chart([Line(EVIL, line, EVIL) for line in values], days, ["0", EVIL], top)
    for line in parsed(drawing).iter("polyline"):
        points = [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
        assert len(points) == len(values[0])
        assert all(0 <= x <= 1000 and 0 <= y <= charts.PLOT for x, y in points)


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=2))
def test_labels_at_the_ends_of_lines_dont_cover_each_other(last: list[int]) -> None:
    drawing = charts.line_chart([Line("a", [0, value], "1") for value in last], ["1", "2"], ["0", "9"], 1000)
    places = sorted(float(text.attrib["y"]) for text in parsed(drawing).iter("text") if text.attrib.get("x") == "8")
    assert round(places[1] - places[0], 1) >= charts.LABEL


@given(st.integers(0, 10**9))
def test_a_scale_ends_at_a_round_number_above_all_and_below_three_times_as_much(value: int) -> None:
    top = charts.nice(value)
    assert value <= top <= max(4, value) * 2.5
    assert float(f"{top:.1e}") == top


@given(VALUES)
def test_columns_are_as_high_as_their_values(values: list[int]) -> None:
    top = max(range(len(values)), key=lambda place: values[place])
    found = list(parsed(charts.columns(values, [EVIL] * len(values), strong=top)).iter("rect"))
    heights = [float(column.attrib["height"]) for column in found]
    assert [column.attrib["class"] for column in found].count("mark-1") == 1
    assert heights[top] == max(heights)
    assert all(0 <= height <= charts.BASE for height in heights)


def test_a_number_that_may_not_be_told_has_no_length() -> None:
    bars = [Bar("a", 40, "40"), Bar("b", Few.UNDER, "dưới 5"), Bar("c", 1, "1")]
    lengths = [
        [rect.attrib["width"] for rect in parsed(charts.bar(one.count, charts.most_of(bars))).iter("rect")][1]
        for one in bars
    ]
    assert lengths == ["100.00%", "0.00%", "2.50%"]


def test_nothing_at_all_is_drawn_as_nothing() -> None:
    assert parsed(charts.line_chart([Line("a", [], "")], [], ["0", "5"], 5)) is not None
    assert parsed(charts.spark([0, 0])) is not None
    assert charts.most_of([]) == 0

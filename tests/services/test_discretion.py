"""No breakdown says a number of fewer than five people, nor lets it be worked out."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from bot.services.discretion import FEWEST, Few, discreet, told, veiled

COUNTS = st.dictionaries(st.text(max_size=3), st.integers(0, 40), max_size=7)


@given(COUNTS)
def test_a_cell_of_one_to_four_is_never_told_and_a_nought_always(counts: Mapping[str, int]) -> None:
    cells = discreet(counts)
    assert list(cells) == list(counts)
    for key, count in counts.items():
        assert cells[key] in (count, Few.HIDDEN) if count >= FEWEST else cells[key] == told(count)


@given(COUNTS)
def test_the_total_doesnt_give_a_small_cell_away(counts: Mapping[str, int]) -> None:
    """Whoever knows the total and what is told finds two or more ways to fill in what isn't, if any way was left."""
    cells = discreet(counts)
    under = [key for key, cell in cells.items() if cell is Few.UNDER]
    if not under or not any(count >= FEWEST for count in counts.values()):
        return
    rest = sum(counts.values()) - sum(cell for cell in cells.values() if isinstance(cell, int))
    is_veiled = Few.HIDDEN in cells.values()
    ways = 0
    for values in product(range(1, FEWEST), repeat=len(under)):
        left = rest - sum(values)
        ways += left >= FEWEST if is_veiled else left == 0
    # a veiled cell of exactly five beside fours leaves one way: no table of whole numbers can hide its own bounds
    smallest = min((count for count in counts.values() if count >= FEWEST), default=0)
    assert ways > 1 or smallest == FEWEST


def test_one_small_cell_takes_the_smallest_other_with_it() -> None:
    assert discreet({"a": 3, "b": 9, "c": 30}) == {"a": Few.UNDER, "b": Few.HIDDEN, "c": 30}
    assert discreet({"a": 3, "b": 2, "c": 30}) == {"a": Few.UNDER, "b": Few.UNDER, "c": 30}
    assert discreet({"a": 1, "b": 1, "c": 30}) == {"a": Few.UNDER, "b": Few.UNDER, "c": Few.HIDDEN}
    assert veiled({"a": Few.UNDER}) == {"a": Few.UNDER}

"""Names in little room: each finds its place, and no other name does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.understanding.packed import Places

NAMES = st.sets(st.text(max_size=20), max_size=60)


@given(NAMES, NAMES)
def test_what_is_among_them_is_found_where_it_is_and_nothing_else_is(names: set[str], others: set[str]) -> None:
    listed = sorted(names)
    places = Places((name, 3 * at) for at, name in enumerate(listed))
    assert [places.get(name) for name in listed] == [3 * at for at in range(len(listed))]
    assert all(name not in places for name in others - names)
    assert len(places) == len(names)


def test_no_name_may_have_two_places() -> None:
    with pytest.raises(ValueError, match="alike"):
        Places([("vay", 0), ("vay", 1)])

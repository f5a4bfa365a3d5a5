"""The verdict of killing at every await finds what it is there to find."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.bench.broadcast_awaits import PEOPLE, Found, judge

NAMES = [f"p{number}" for number in range(PEOPLE)]


def verdict(*, status: str = "sent", attempts: int = 1, arrived: int = 1, resends: bool = False) -> Found:
    """Of a kill after which all is well but with the first person."""
    found = Found(faults=[])
    rows = [(NAMES[0], status, attempts), *((name, "sent", 1) for name in NAMES[1:])]
    judge(found, rows, Counter(dict.fromkeys(NAMES, 1) | {NAMES[0]: arrived}), resends=resends)
    return found


def test_all_is_well() -> None:
    for found in (verdict(), verdict(status="unknown"), verdict(status="unknown", arrived=0)):
        assert (found.lost, found.faults) == (0, [])
    assert verdict(attempts=2, arrived=2, resends=True).faults == []


@pytest.mark.parametrize(("status", "arrived"), [("queued", 0), ("sent", 0), ("none", 0), ("failed", 0)])
def test_somebody_lost_is_found(status: str, arrived: int) -> None:
    assert verdict(status=status, arrived=arrived).lost == 1


def test_a_repeat_that_nobody_tells_of_is_found() -> None:
    assert verdict(arrived=2, resends=True).faults
    assert verdict(attempts=2, arrived=2).faults  # who asks first must not send again

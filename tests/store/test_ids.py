"""Ids: unique among workers, never going back, and telling when they were made."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.store.ids import EPOCH, Ids, first_id_at

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2095, 1, 1)).map(lambda at: at.replace(tzinfo=EPOCH.tzinfo))  # noqa: DTZ001 - made aware at once
WORKERS = st.integers(0, 1023)


@given(worker=WORKERS, moments=st.lists(MOMENTS, min_size=1, max_size=50))
def test_ids_only_grow_even_when_the_clock_goes_back(worker: int, moments: list[datetime]) -> None:
    clock = iter(moments)
    ids = Ids(worker, lambda: next(clock))
    made = [ids.next() for _ in moments]
    assert made == sorted(set(made))
    assert 0 <= made[0] <= made[-1] < 1 << 63


@given(at=MOMENTS, workers=st.sets(WORKERS, min_size=2, max_size=8), count=st.integers(1, 20))
def test_workers_never_make_the_same_id(at: datetime, workers: set[int], count: int) -> None:
    makers = [Ids(worker, lambda: at) for worker in workers]
    made = [maker.next() for maker in makers for _ in range(count)]
    assert len(set(made)) == len(made)


@given(at=MOMENTS, worker=WORKERS, later=st.timedeltas(timedelta(milliseconds=1), timedelta(days=9)))
def test_an_id_lies_between_the_first_of_its_moment_and_the_first_of_a_later_one(
    at: datetime, worker: int, later: timedelta
) -> None:
    made = Ids(worker, lambda: at).next()
    assert first_id_at(at) <= made < first_id_at(at + later)


def test_more_than_a_millisecond_holds_borrow_from_the_next() -> None:
    ids = Ids(1, lambda: EPOCH)
    made = [ids.next() for _ in range(5000)]
    assert made == sorted(set(made))
    assert first_id_at(EPOCH + timedelta(milliseconds=1)) < made[-1] < first_id_at(EPOCH + timedelta(milliseconds=2))


@pytest.mark.parametrize("worker", [-1, 1024])
def test_a_worker_outside_its_bits_is_refused(worker: int) -> None:
    with pytest.raises(ValueError, match="not within"):
        Ids(worker, lambda: EPOCH)

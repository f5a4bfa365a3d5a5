"""Ids that grow with time, made without asking the database: milliseconds, worker, counter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_WORKER_BITS, _COUNT_BITS = 10, 12
"""41 bits of milliseconds last until 2095; 1,024 workers; 4,096 ids a millisecond each, then the clock is led."""


WORKERS = 1 << _WORKER_BITS


class Ids:
    """Gives ids that are unique among workers of different numbers and never go back in one of them."""

    def __init__(self, worker: int, now: Callable[[], datetime]) -> None:
        if not 0 <= worker < 1 << _WORKER_BITS:
            raise ValueError(f"worker {worker} is not within 0..{(1 << _WORKER_BITS) - 1}")
        self.worker, self._now, self._last = worker, now, 0

    def next(self) -> int:
        """A new id, greater than every one given before."""
        self._last = max(self._last + 1, _floor(self._now()))
        tick, count = divmod(self._last, 1 << _COUNT_BITS)
        return (tick << (_WORKER_BITS + _COUNT_BITS)) | (self.worker << _COUNT_BITS) | count


def _floor(moment: datetime) -> int:
    elapsed = moment - EPOCH
    return (elapsed.days * 86_400_000 + elapsed.seconds * 1000 + elapsed.microseconds // 1000) << _COUNT_BITS


def first_id_at(moment: datetime) -> int:
    """The smallest id that any worker could have given at *moment*."""
    return (_floor(moment) >> _COUNT_BITS) << (_WORKER_BITS + _COUNT_BITS)

"""The fake's own time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

HANOI = timezone(timedelta(hours=7))
"""Zalo doesn't say in which zone its nights are; Việt Nam has one, and no summer time."""


class Time(Protocol):
    """What a fake takes for its clock; the `clock` of tests/conftest.py is one."""

    at: datetime

    def __call__(self) -> datetime: ...

    def advance(self, *, days: float = 0, seconds: float = 0) -> None: ...


class Clock:
    """Goes with the machine's clock until `at` is set; then it stands still. `advance` moves it, going or standing."""

    def __init__(self, at: datetime | None = None) -> None:
        self._stands_at = at
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return self.at

    @property
    def at(self) -> datetime:
        return self._stands_at or datetime.fromtimestamp(time.time(), UTC) + self._ahead

    @at.setter
    def at(self, at: datetime) -> None:
        self._stands_at = at

    def advance(self, *, days: float = 0, seconds: float = 0) -> None:
        by = timedelta(days=days, seconds=seconds)
        if self._stands_at is None:
            self._ahead += by
        else:
            self._stands_at += by


def milliseconds(at: datetime) -> str:
    """As Zalo writes times: milliseconds since 1970, in a string."""
    return str(int(at.timestamp() * 1000))


def is_night(at: datetime) -> bool:
    """Between 22:00 and 6:00 in Việt Nam, when promotions don't go out."""
    return not 6 <= at.astimezone(HANOI).hour < 22

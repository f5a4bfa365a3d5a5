"""The clock of the made-up city: it stands still until it is wound on, and never goes back, nor beyond its end."""

from __future__ import annotations

from datetime import datetime, timedelta


class Clock:
    """Called, it tells the time. *end* is the real present: nothing in the city lies in the future."""

    def __init__(self, at: datetime, end: datetime) -> None:
        self.at, self.end = at, end

    def __call__(self) -> datetime:
        return self.at

    def wind_to(self, at: datetime) -> None:
        """Go on to *at*; stay if that is over."""
        self.at = max(self.at, min(at, self.end))

    def wind(self, by: timedelta) -> None:
        """Go on by so much."""
        self.wind_to(self.at + by)

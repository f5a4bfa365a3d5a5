"""What pages offer as files: each kind made from the same filters and rows as the page that offers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.console.routing import Right
from bot.console.visit import Visit
from bot.services.exporting.table import Report

Asked = Mapping[str, Sequence[str]]
"""The filters on screen: each name with its values."""
Maker = Callable[[Visit, Asked], Awaitable[Report]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file, and the right that it takes: that of its page."""

    right: Right
    make: Maker


@dataclass(slots=True)
class Reports:
    """The kinds that one module of pages offers."""

    all: dict[str, Kind] = field(default_factory=dict)

    def offer(self, name: str, right: Right) -> Callable[[Maker], Maker]:
        """Offer files of the kind *name* to who has *right*."""

        def keep(maker: Maker) -> Maker:
            self.all[name] = Kind(right, maker)
            return maker

        return keep


def one_of(asked: Asked, name: str) -> str:
    """The one value of a filter; "" where there is none."""
    return next(iter(asked.get(name, ())), "")

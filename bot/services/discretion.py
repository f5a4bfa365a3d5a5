"""How few people may be told apart: no breakdown says a number by which somebody could be known."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from bot.speech import _

FEWEST = 5
"""Cells of fewer people are not told: the threshold of the console's brief, and of most statistical offices."""


class Few(Enum):
    """A cell that isn't told: of too few people, or because such a one could be worked out from it and the total."""

    UNDER = "under"
    HIDDEN = "hidden"

    @property
    def words(self) -> str:
        """As it is read, on a page and in a file alike."""
        return _("dưới 5") if self is Few.UNDER else _("không nêu")


Count = int | Few
Key = TypeVar("Key")


def told(count: int) -> Count:
    """*count* people, unless they are too few."""
    return Few.UNDER if 0 < count < FEWEST else count


def discreet(counts: Mapping[Key, int]) -> Mapping[Key, Count]:
    """The cells of one breakdown, in their order, whose total is known.

    When the cells under five could be worked out from the total (there is one alone, or all of them must be 1, or 4),
    the smallest of the others isn't told either. Nobody but who holds the rest of the table then learns anything.
    """
    cells: dict[Key, Count] = {key: told(count) for key, count in counts.items()}
    under = [count for count in counts.values() if 0 < count < FEWEST]
    can_be_told = len(under) == 1 or sum(under) in (len(under), len(under) * (FEWEST - 1))
    return veiled(cells) if under and can_be_told else cells


def veiled(cells: Mapping[Key, Count]) -> Mapping[Key, Count]:
    """*cells* without the smallest number that is told; all the same when there is none."""
    numbers = {key: cell for key, cell in cells.items() if isinstance(cell, int) and cell}
    return {**cells, min(numbers, key=lambda key: numbers[key]): Few.HIDDEN} if numbers else cells

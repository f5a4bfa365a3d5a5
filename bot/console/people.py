"""Who a segment is made of, as bars: the longest first, and no cell by which somebody could be known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.console.charts import Bar, most_of
from bot.console.rendering import channel_name, commune_name, household_name, language_name, number
from bot.console.visit import Visit
from bot.services.broadcasting.words import UNREACHABLE
from bot.services.discretion import Few, discreet
from bot.speech import _
from bot.store.segments import Breakdown

SHOWN = 6
"""Bars that stand open; the others are behind a click."""


@dataclass(frozen=True, slots=True)
class Group:
    """One breakdown. `title` says what stands out in it."""

    title: str
    bars: Sequence[Bar]
    most: float

    @property
    def first(self) -> Sequence[Bar]:
        """Those that are shown at once."""
        return self.bars[:SHOWN]

    @property
    def rest(self) -> Sequence[Bar]:
        """The others."""
        return self.bars[SHOWN:]


def groups_of(visit: Visit, people: Breakdown) -> list[Group]:
    """By commune, household, channel and language; and why others can't be written to."""
    return [group for group in _groups(visit, people) if group.bars]


def _groups(visit: Visit, people: Breakdown) -> Iterator[Group]:
    yield _group(visit, _("Xã, phường"), people.by_commune, lambda code: commune_name(visit, code))
    yield _group(visit, _("Diện hộ"), people.by_household, lambda kind: household_name(visit, kind))
    yield _group(visit, _("Kênh"), people.by_channel, channel_name)
    yield _group(visit, _("Ngôn ngữ"), people.by_language, language_name)
    unreachable = {str(reason): count for reason, count in people.unreachable.items()}
    yield _group(visit, _("Không tới được"), unreachable, lambda reason: _(UNREACHABLE.get(reason, reason)))


def _group(visit: Visit, title: str, counts: Mapping[str, int], named: Callable[[str], str]) -> Group:
    ranked = dict(sorted(((key, count) for key, count in counts.items() if count), key=lambda pair: -pair[1]))
    bars = [Bar(named(key), count, words_of(visit, count)) for key, count in discreet(ranked).items()]
    if len(bars) > 1 and isinstance(bars[0].count, int):
        title = _("{title}: đông nhất là {first}").format(title=title, first=bars[0].label)
    return Group(title, bars, most_of(bars))


def words_of(visit: Visit, count: int | Few) -> str:
    """A cell as it is read."""
    return count.words if isinstance(count, Few) else number(visit.language, count)

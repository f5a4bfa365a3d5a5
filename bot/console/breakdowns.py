"""How people are spread over communes, kinds of household, channels and languages: bars, and the table behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.console.charts import Bar
from bot.console.rendering import channel_name, commune_name, household_name, language_name, number
from bot.console.visit import Visit
from bot.services.discretion import Count, Few, discreet
from bot.services.exporting.table import Column, Table
from bot.services.insight.figures import People
from bot.speech import _

SHOWN = 8
"""Bars of one picture; the rest is in its table."""


@dataclass(frozen=True, slots=True)
class Spread:
    """One breakdown: `cells` by code, the most first; then those that may not be told; last who told nothing."""

    key: str
    title: str
    cells: Mapping[str, Count]
    names: Mapping[str, str]
    bars: Sequence[Bar]
    table: Table


def spreads_of(visit: Visit, people: People) -> Sequence[Spread]:
    """All breakdowns of *people*."""
    made: Sequence[tuple[str, str, Mapping[str, int], Callable[[str], str]]] = (
        ("commune", _("Xã, phường"), people.by_commune, lambda code: commune_name(visit, code)),
        ("household", _("Loại hộ"), people.by_household, lambda kind: household_name(visit, kind)),
        ("channel", _("Kênh"), people.by_channel, channel_name),
        ("language", _("Tiếng"), _by_language(people), language_name),
    )
    return [_spread(visit, *one) for one in made]


def _by_language(people: People) -> Mapping[str, int]:
    """Who chose no language reads Vietnamese."""
    counts: Counter[str] = Counter()
    for code, count in people.by_language.items():
        counts[code or "vi"] += count
    return counts


def words_of(visit: Visit, count: Count) -> str:
    """A number of people, or that it may not be told."""
    return count.words if isinstance(count, Few) else number(visit.language, count)


def _spread(
    visit: Visit, key: str, column: str, counts: Mapping[str, int], name: Callable[[str], str]
) -> Spread:  # fmt: skip
    cells, names = discreet(counts), {code: name(code) for code in counts}
    ordered = sorted(cells, key=lambda code: (*_place(code, cells[code]), names[code]))
    shown = [*ordered[:SHOWN], *(code for code in ordered[SHOWN:] if not code)]
    bars = [
        Bar(names[code], cells[code], words_of(visit, cells[code]),
            mark="mark-quiet" if not code else "mark-1")
        for code in shown
    ]  # fmt: skip
    table = Table((Column(key, column), Column("people", _("Số người"), "number")),
                  [(names[code], cells[code]) for code in ordered])  # fmt: skip
    return Spread(key, _title(key, bars), {code: cells[code] for code in ordered}, names, bars, table)


def _place(code: str, count: Count) -> tuple[bool, bool, int]:
    """The most first; those that aren't told after all others, and at the very end who told us nothing."""
    return not code, isinstance(count, Few), 0 if isinstance(count, Few) else -count


def _title(key: str, bars: Sequence[Bar]) -> str:
    if not bars or isinstance(bars[0].count, Few) or bars[0].mark == "mark-quiet":
        return _("Chưa đủ người để chia ra")
    told = {
        "commune": _("Đông nhất: {name}, {count} người"), "household": _("Nhiều nhất là {name}: {count} người"),
        "channel": _("{name} là kênh chính: {count} người"), "language": _("{name}: {count} người"),
    }  # fmt: skip
    return told[key].format(name=bars[0].label, count=bars[0].words)

"""Counting while the log is folded: counters by commune and for everywhere, people once by their last day. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.services.insight.metrics import BY_LAST_DAY, Marked, Metric
from bot.store.insight.writing import Changes, Mark, MarkKey, Missed
from bot.store.insight_models import EVERYWHERE


class Count:
    """The changes of one step over the marks that were there *before* it, None for those that were not.

    One that was never looked for raises `KeyError`: it must not be taken for one that is not there.
    """

    def __init__(self, before: Mapping[MarkKey, Mark | None]) -> None:
        self._before = before
        self.changes = Changes()

    def mark(self, contact: int, metric: str, key: str = "") -> Mark | None:
        """The mark as it is by now."""
        found = self.changes.marks.get((contact, metric, key))
        return found if found is not None else self._before[contact, metric, key]

    def keep(self, contact: int, metric: str, key: str, mark: Mark) -> None:
        """Keep *mark* from now on."""
        self.changes.marks[contact, metric, key] = mark

    def add(self, metric: Metric, day: date, commune: str, key: str = "", *, subject: str = "", n: int = 1) -> None:
        """Count *n* more, where it was and everywhere."""
        tallies = self.changes.tallies
        tallies[metric, subject, commune, day, key] += n
        tallies[metric, subject, EVERYWHERE, day, key] += n

    def touch(self, contact: int, metric: Metric, day: date, commune: str, key: str = "") -> None:
        """It is so on *day*: whoever was counted on an earlier day is now counted on this one.

        Days never go back: clocks of two processes may differ around midnight.
        """
        was = self.mark(contact, metric, key)
        if was is not None:
            day = max(day, was.day)
            if (was.day, was.commune, was.n) == (day, commune, 0):
                return
            self.add(metric, was.day, was.commune, key, n=-1)
        self.add(metric, day, commune, key)
        self.keep(contact, metric, key, Mark(day, commune))

    def missed(self, contact: int, folded: str, mark: Mark, entry: Missed) -> None:
        """*entry* was not understood; the person is counted in the commune of *mark*, where they typed it last."""
        changes, was = self.changes, self.mark(contact, Marked.FORM, folded)
        for commune in (mark.commune, EVERYWHERE):
            group = changes.misses.get((folded, commune))
            if group is None:
                changes.misses[folded, commune] = Missed(1, entry.first_at, entry.last_at, entry.sample, contact)
            else:
                group.n += 1
                group.first_at, group.last_at = min(group.first_at, entry.first_at), max(group.last_at, entry.last_at)
        if was is None:
            changes.people[folded, EVERYWHERE] += 1
        if was is None or was.commune != mark.commune:
            changes.people[folded, mark.commune] += 1
            if was is not None:
                changes.people[folded, was.commune] -= 1
            self.keep(contact, Marked.FORM, folded, mark)

    def open_place(self, contact: int, day: date, commune: str, dialog: str, node: str) -> None:
        """A question is open from now on."""
        self._count_place(Mark(day, commune, f"{dialog}/{node}"), 1)
        self.keep(contact, Marked.PLACE, "", Mark(day, commune, f"{dialog}/{node}", 1))

    def close_place(self, contact: int) -> tuple[str, str] | None:
        """No question is open any more: (dialog, node) of the one that was."""
        was = self.mark(contact, Marked.PLACE)
        if was is None or not was.n:
            return None
        self._count_place(was, -1)
        self.keep(contact, Marked.PLACE, "", Mark(was.day, was.commune))
        dialog, _, node = was.value.partition("/")
        return dialog, node

    def _count_place(self, mark: Mark, n: int) -> None:
        dialog, _, node = mark.value.partition("/")
        self.add(Metric.WAITING, mark.day, mark.commune, dialog, n=n)
        self.add(Metric.OPEN, mark.day, mark.commune, node, subject=dialog, n=n)

    def depart(self, contacts: set[int]) -> None:
        """Take forgotten contacts off all that counts people by what they do now; what happened on a day stays."""
        changes = self.changes
        changes.departed = sorted(contacts)
        unsaid = set[str]()
        for (contact, metric, key), mark in self._before.items():
            if mark is None or contact not in contacts:
                continue
            if metric in BY_LAST_DAY:
                self.add(Metric(metric), mark.day, mark.commune, key, n=-1)
            elif metric == Marked.PLACE and mark.n:
                self._count_place(mark, -1)
            elif metric == Marked.FORM:
                unsaid.add(key)
                changes.people[key, EVERYWHERE] -= 1
                changes.people[key, mark.commune] -= 1
        changes.unsaid = unsaid

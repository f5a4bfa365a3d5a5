"""Folding the log: each row in turn, over what is known of its contact. Pure.

What it counts is a function of the log alone, whatever batches it comes in: where somebody lived at the time is what
they (or a file of contacts) had told by then, which is in the log too. Only which sections of the plan a message
carries is taken from the content as it is when the message is folded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from bot.engine.words import fold
from bot.services.broadcasting.hours import HANOI
from bot.services.insight.counting import Count
from bot.services.insight.metrics import Marked, Metric
from bot.store.conversations import HEARD
from bot.store.insight.log import Entry
from bot.store.insight.writing import Mark, MarkKey, Missed
from bot.store.insight_models import FORM

NOBODY = 0
"""The contact of rows that tell of no person."""
Sections = Mapping[str, Sequence[str]]
"""Sections of the plan that a content message carries, by the message's id."""
FINISHED = ("done", "onward")
"""How a dialog ends when its last word was said: at its end, or by leading on to another dialog."""
_HEARD = frozenset(HEARD)


def marks_for(entries: Iterable[Entry], sections: Sections) -> Iterator[MarkKey]:
    """The marks that folding *entries* looks at."""
    for entry in entries:
        contact = entry.contact_id
        yield contact, Marked.PROFILE, ""
        if entry.kind in _HEARD:
            yield contact, Metric.LAST, ""
        if entry.kind in ("asked", "chose", "typed"):
            yield contact, Marked.PLACE, ""
        if entry.kind in ("entered", "ended", "chose", "typed"):
            yield contact, Metric.ENTRANT, entry.dialog
        elif entry.kind == "said":
            yield from ((contact, Metric.SECTION, section) for section in sections.get(entry.detail, ()))
        elif entry.kind == "missed":
            yield contact, Marked.FORM, form_of(missed_in(entry))


def fold_entries(count: Count, entries: Iterable[Entry], sections: Sections) -> None:
    """Count *entries*, which follow what was folded before."""
    for entry in entries:
        if entry.contact_id != NOBODY:
            _Fold(count, entry, sections).fold()


def form_of(text: str) -> str:
    """What groups messages that were not understood. A message without letters or digits is its own form."""
    return (fold(text) or " ".join(text.split()))[:FORM]


def missed_in(entry: Entry) -> str:
    """What was not understood: the words themselves, or those that "none of these" said no to."""
    return entry.detail or entry.text


class _Fold:
    """One entry, at its day and in the commune of its contact."""

    def __init__(self, count: Count, entry: Entry, sections: Sections) -> None:
        self.count, self.entry, self.sections = count, entry, sections
        self.contact, self.at = entry.contact_id, entry.at.astimezone(HANOI)
        self.day: date = self.at.date()
        profile = count.mark(self.contact, Marked.PROFILE)
        self.commune, self.dialog = (profile.commune, profile.value) if profile else ("", "")

    def fold(self) -> None:
        kind = self.entry.kind
        if kind in _HEARD:
            self._heard()
        elif kind == "said":
            self._said()
        elif kind == "asked":
            self._asked()
        elif kind in ("entered", "ended"):
            self._dialog()
        elif kind in ("handoff", "stop"):
            self._need()
        elif kind == "field" and self.entry.detail == "xa":
            self._profile(self.entry.text[:8], self.dialog)

    def _add(self, metric: Metric, key: str = "", *, subject: str = "") -> None:
        self.count.add(metric, self.day, self.commune, key, subject=subject)

    def _profile(self, commune: str, dialog: str) -> None:
        if (commune, dialog) != (self.commune, self.dialog):
            self.count.keep(self.contact, Marked.PROFILE, "", Mark(self.day, commune, dialog))

    def _heard(self) -> None:
        last = self.count.mark(self.contact, Metric.LAST)
        if last is None:
            self._add(Metric.NEW)
        if last is None or last.day < self.day:
            self._add(Metric.ACTIVE)
        self.count.touch(self.contact, Metric.LAST, self.day, self.commune)
        self._add(Metric.HEARD)
        self._add(Metric.HOUR, f"{self.at.hour:02}")
        if self.entry.kind in ("chose", "typed"):
            self._answered()
        elif self.entry.kind == "missed":
            self._missed()

    def _answered(self) -> None:
        entry, count = self.entry, self.count
        count.close_place(self.contact)
        self._add(Metric.ANSWERED, entry.node, subject=entry.dialog)
        if entry.kind == "chose":
            self._add(Metric.CHOICE, f"{entry.node}/{entry.detail}", subject=entry.dialog)
        run = count.mark(self.contact, Metric.ENTRANT, entry.dialog)
        if run is not None:
            count.keep(self.contact, Metric.ENTRANT, entry.dialog, Mark(run.day, run.commune, n=run.n + 1))

    def _missed(self) -> None:
        entry = self.entry
        self._add(Metric.MISSED)
        if entry.node:
            self._add(Metric.STUCK, entry.node, subject=entry.dialog)
        at, mark, words = entry.at, Mark(self.day, self.commune), missed_in(entry)
        self.count.missed(self.contact, form_of(words), mark, Missed(1, at, at, words, self.contact))

    def _said(self) -> None:
        entry = self.entry
        self._add(Metric.SAID)
        if entry.node:
            self._add(Metric.SPOKEN, entry.node, subject=entry.dialog)
        for section in self.sections.get(entry.detail, ()):
            self._add(Metric.TOLD, section)
            self.count.touch(self.contact, Metric.SECTION, self.day, self.commune, section)

    def _asked(self) -> None:
        """Which question is open from here on; the one that was, if nobody answered it, was left."""
        left = self.count.close_place(self.contact)
        if left is not None:
            dialog, node = left
            self._add(Metric.LEFT, node, subject=dialog)
        if self.entry.node:
            self._add(Metric.ASKED, self.entry.node, subject=self.entry.dialog)
            self.count.open_place(self.contact, self.day, self.commune, self.entry.dialog, self.entry.node)

    def _dialog(self) -> None:
        dialog = self.entry.dialog
        if self.entry.kind == "entered":
            self._add(Metric.ENTERED, dialog)
            self.count.touch(self.contact, Metric.ENTRANT, self.day, self.commune, dialog)
            self._profile(self.commune, dialog)
        elif self.entry.detail in FINISHED:
            self._add(Metric.FINISHED, dialog)
            run = self.count.mark(self.contact, Metric.ENTRANT, dialog)
            if run is not None:
                self._add(Metric.STEPS, f"{run.n}", subject=dialog)

    def _need(self) -> None:
        if self.entry.kind == "handoff":
            self._add(Metric.HANDOFF)
            if self.dialog:
                self._add(Metric.HANDED, self.dialog)
        elif self.entry.detail != "none":
            self._add(Metric.STOPPED)


def day_of(moment: datetime) -> date:
    """The day in Hà Nội."""
    return moment.astimezone(HANOI).date()

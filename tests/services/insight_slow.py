"""Insight the slow way: every number anew from the raw rows, with nothing kept in between."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.engine.words import fold
from bot.messages import Kind
from bot.services.broadcasting.hours import HANOI
from bot.services.insight.figures import (
    Activity,
    BroadcastResult,
    Coverage,
    Day,
    DialogNumbers,
    MissedGroup,
    NodeNumbers,
    Span,
)
from bot.store.models import deliveries, interactions

UNHEARD = ("blocked", "unblocked", "invited")
MEANT = ("chose", "typed", "command", "routed", "offered", "alarmed", "missed")
HEARD = {str(kind) for kind in Kind if kind not in UNHEARD} | {*MEANT}


def day(row: Any) -> date:
    return row.at.astimezone(HANOI).date()  # type: ignore[no-any-return]


def _missed_in(row: Any) -> str:
    return row.detail or row.text  # type: ignore[no-any-return]


@dataclass
class Slow:
    """All rows of the log that are of a person, and of the ledger."""

    log: Sequence[Any]
    ledger: Sequence[Any]
    sections: Mapping[str, Sequence[str]]

    def commune(self, row: Any) -> str:
        """Where this person lived then: as told in the rows before this one."""
        told = [r.text for r in self.of(row.contact_id) if r.kind == "field" and r.detail == "xa" and r.id < row.id]
        return told[-1] if told else ""

    def of(self, contact: int) -> list[Any]:
        return [row for row in self.log if row.contact_id == contact]

    def people(self) -> set[int]:
        return {row.contact_id for row in self.log}

    def rows(self, span: Span, area: Sequence[str], *kinds: str) -> list[Any]:
        """Rows of these kinds (none: what was heard) in the span and the area."""
        wanted = set(kinds) or HEARD
        return [row for row in self.log if row.kind in wanted and self.within(row, span, area)]

    def within(self, row: Any, span: Span, area: Sequence[str]) -> bool:
        return span.first <= day(row) <= span.last and (not area or self.commune(row) in area)

    def last(self, rows: Sequence[Any]) -> Iterator[Any]:
        """The last row of each person."""
        for contact in {row.contact_id for row in rows}:
            yield [row for row in rows if row.contact_id == contact][-1]

    def activity(self, span: Span, area: Sequence[str]) -> Activity:
        heard = [row for row in self.log if row.kind in HEARD]
        days = []
        for number in range((span.last - span.first).days + 1):
            today = span.first + timedelta(days=number)
            one = Span(today, today)
            firsts = self.firsts([row for row in heard if day(row) == today])
            days.append(
                Day(
                    today,
                    active=sum(self.within(row, one, area) for row in firsts),
                    new=sum(self.within(row, one, area) for row in self.firsts(heard)),
                    heard=len(self.rows(one, area)),
                    said=len(self.rows(one, area, "said")),
                    missed=len(self.rows(one, area, "missed")),
                    handoffs=len(self.rows(one, area, "handoff")),
                    stopped=sum(row.detail != "none" for row in self.rows(one, area, "stop")),
                )
            )
        hours = Counter(row.at.astimezone(HANOI).hour for row in self.rows(span, area))
        total = sum(self.within(row, span, area) for row in self.last(heard))
        return Activity(days, [hours[hour] for hour in range(24)], total)

    def firsts(self, rows: Sequence[Any]) -> list[Any]:
        seen: dict[int, Any] = {}
        for row in rows:
            seen.setdefault(row.contact_id, row)
        return list(seen.values())

    def topics(self, span: Span, area: Sequence[str]) -> list[tuple[str, int]]:
        entered = [row for row in self.log if row.kind == "entered"]
        counts = {
            name: sum(self.within(row, span, area) for row in self.last([r for r in entered if r.dialog == name]))
            for name in {row.dialog for row in entered}
        }
        return sorted(((name, n) for name, n in counts.items() if n), key=lambda one: (-one[1], one[0]))

    def dialog(self, name: str, span: Span, area: Sequence[str]) -> DialogNumbers:
        done = [r for r in self.rows(span, area, "ended") if r.dialog == name and r.detail in ("done", "onward")]
        steps = [n for n in map(self.steps, done) if n is not None]
        handed = [row for row in self.rows(span, area, "handoff") if self.entered_last(row) == name]
        return DialogNumbers(
            entered=sum(row.dialog == name for row in self.rows(span, area, "entered")),
            people=dict(self.topics(span, area)).get(name, 0),
            finished=len(done),
            handed_off=len(handed),
            median_steps=median(steps) if steps else None,
            nodes=self.nodes(name, span, area),
        )

    def entered_last(self, row: Any) -> str:
        return next((r.dialog for r in reversed(self.of(row.contact_id)) if r.id < row.id and r.kind == "entered"), "")

    def steps(self, ended: Any) -> int | None:
        """Answers since the dialog was entered; None when nobody entered it."""
        before = [row for row in self.of(ended.contact_id) if row.id < ended.id and row.dialog == ended.dialog]
        entries = [row.id for row in before if row.kind == "entered"]
        if not entries:
            return None
        return len([row for row in before if row.kind in ("chose", "typed") and row.id > entries[-1]])

    def nodes(self, name: str, span: Span, area: Sequence[str]) -> dict[str, NodeNumbers]:
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        choices: defaultdict[str, Counter[str]] = defaultdict(Counter)
        simple = {"asked": "asked", "chose": "answered", "typed": "answered", "missed": "missed", "said": "said"}
        for row in self.rows(span, area, *simple):
            if row.dialog == name and row.node:
                counts[row.node][simple[row.kind]] += 1
                if row.kind == "chose":
                    choices[row.node][row.detail] += 1
        for asked in self.log:
            if asked.kind == "asked" and asked.dialog == name and asked.node:
                row, what = self.unanswered(asked)
                if what and self.within(row, span, area):
                    counts[asked.node][what] += 1
        return {node: NodeNumbers(**counts[node], choices=dict(choices[node])) for node in sorted(counts)}

    def unanswered(self, asked: Any) -> tuple[Any, str]:
        """What became of a question that nobody answered, and the row that tells when; "" of one that was answered."""
        later = [row for row in self.of(asked.contact_id) if row.id > asked.id]
        after = next((row for row in later if row.kind in ("asked", "chose", "typed")), None)
        if after is None:
            return asked, "dropped"
        return after, "left" if after.kind == "asked" else ""

    def coverage(self, area: Sequence[str], today: date) -> dict[str, Coverage]:
        span = Span(today - timedelta(days=29), today)
        told = {row.id: self.sections.get(row.detail, ()) for row in self.log if row.kind == "said"}
        found = {}
        for section in sorted({section for sections in told.values() for section in sections}):
            rows = [row for row in self.log if section in told.get(row.id, ())]
            people = sum(self.within(row, span, area) for row in self.last(rows))
            messages = sum(self.within(row, span, area) for row in rows)
            if people or messages:
                found[section] = Coverage(people, messages)
        return found

    def missed(self, area: Sequence[str]) -> list[MissedGroup]:
        """All of them open, most first."""
        groups = []
        missed = [row for row in self.log if row.kind == "missed"]
        for form in {fold(_missed_in(row)) for row in missed}:
            alike = [row for row in missed if fold(_missed_in(row)) == form]
            ours = [row for row in alike if not area or self.commune(row) in area]
            people = sum(not area or self.commune(row) in area for row in self.last(alike))
            if people:
                places = {self.commune(row) for row in ours} if area else {""}
                firsts = [next(_missed_in(r) for r in ours if not area or self.commune(r) == place) for place in places]
                moments = [row.at for row in ours]
                groups.append(
                    MissedGroup(
                        form, min(firsts), len(ours), people, min(moments), max(moments), "open", "", "", None
                    )
                )  # fmt: skip
        return sorted(groups, key=lambda group: group.after, reverse=True)

    def result(self, number: int) -> BroadcastResult:
        reached = sum(row.broadcast_id == number and row.status == "sent" for row in self.ledger)
        what: dict[str, set[int]] = {"answered": set(), "followed": set(), "stopped": set()}
        turn = ""
        for contact in self.people():
            for row in self.of(contact):
                turn = row.kind if row.kind in HEARD or row.kind in UNHEARD else turn
                if self.told_last(row) != number:
                    continue
                if row.kind in HEARD:
                    what["answered"].add(contact)
                if row.kind in ("chose", "typed") or (row.kind == "entered" and turn in HEARD):
                    what["followed"].add(contact)
                if row.kind == "stop" and row.detail != "none":
                    what["stopped"].add(contact)
        return BroadcastResult(reached, **{name: len(people) for name, people in what.items()})

    def told_last(self, row: Any) -> int | None:
        """The broadcast that reached this person last before, if that was within a day."""
        told = [
            (one.sent_at, one.id, one.broadcast_id) for one in self.ledger
            if one.contact_id == row.contact_id and one.broadcast_id and one.status == "sent" and one.sent_at <= row.at
        ]  # fmt: skip
        return max(told)[2] if told and row.at - max(told)[0] < timedelta(hours=24) else None


async def slow(database: AsyncEngine, sections: Mapping[str, Sequence[str]]) -> Slow:
    """Everything, read at once."""
    async with database.connect() as db:
        log = (await db.execute(select(interactions).order_by(interactions.c.id))).all()
        ledger = (await db.execute(select(deliveries))).all()
    return Slow([row for row in log if row.contact_id], ledger, sections)

"""One person held against a segment: the same meaning as the SQL in `bot.store.segments`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, timezone
from typing import assert_never

from msgspec import Struct

from bot.engine.segments.model import (
    After,
    Ago,
    All,
    AnyOf,
    Before,
    Claim,
    Deed,
    Did,
    Everyone,
    Got,
    Has,
    InDialog,
    Is,
    Not,
    Seen,
    Segment,
    When,
    Within,
)

HANOI = timezone(timedelta(hours=7))
"""Fixed since 1975, without summer time."""
DEEDS: Mapping[Deed, tuple[str, ...]] = {
    "da-toi": ("said", "entered"), "da-tra-loi": ("chose", "typed"), "xong": ("ended",),
}  # fmt: skip
"""The kinds of interactions that show each deed; only an end that is "done" finishes."""
KINDS = tuple(kind for kinds in DEEDS.values() for kind in kinds)
DONE = "done"
TALKING = timedelta(minutes=30)
"""A question left open longer than this is no conversation any more."""


class Happened(Struct, frozen=True):
    """An interaction of one of `KINDS`."""

    kind: str
    dialog: str
    node: str
    detail: str
    at: datetime


class BroadcastGot(Struct, frozen=True):
    """A delivery of a broadcast; `parent_id` is the recurring one that it was a run of."""

    broadcast_id: int
    parent_id: int | None
    status: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Profile:
    """One contact with all that a segment may ask of them. `channels`: those on which an address is active."""

    id: int
    household: str = ""
    commune: str = ""
    language: str = ""
    channels: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    fields: Mapping[str, str] = field(default_factory=dict)
    consent: str = ""
    stop: str = "none"
    stopped_until: datetime | None = None
    source: str = ""
    first_seen: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    last_seen: datetime | None = None
    is_in_dialog: bool = False
    events: tuple[Happened, ...] = ()
    broadcasts: tuple[BroadcastGot, ...] = ()


class Span(Struct, frozen=True):
    """From `since` on, until before `until`; None is open."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, moment: datetime | None) -> bool:
        if moment is None:
            return False
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)


class Verdict(Struct, frozen=True):
    """Whether one part of a segment holds for a person, and its own parts likewise."""

    part: Segment
    holds: bool
    parts: tuple[Verdict, ...] = ()


def matches(segment: Segment, profile: Profile, at: datetime) -> bool:
    """Whether the person is in *segment* at the moment *at* (aware). Says nothing of whether they may be written to."""
    match segment:
        case All(parts=parts):
            return all(matches(part, profile, at) for part in parts)
        case AnyOf(parts=parts):
            return any(matches(part, profile, at) for part in parts)
        case Not(part=part):
            return not matches(part, profile, at)
        case _:
            return _holds(segment, profile, at)


def explain(segment: Segment, profile: Profile, at: datetime) -> Verdict:
    """What `matches` says of *segment* and of each part within it."""
    match segment:
        case All(parts=parts) | AnyOf(parts=parts):
            within = parts
        case Not(part=part):
            within = (part,)
        case _:
            within = ()
    return Verdict(segment, matches(segment, profile, at), tuple(explain(part, profile, at) for part in within))


def _holds(claim: Claim, profile: Profile, at: datetime) -> bool:
    match claim:
        case Everyone():
            return True
        case Is():
            return bool(_values_of(claim, profile, at).intersection(claim.values))
        case Has(name=name, values=values):
            value = profile.fields.get(name, "")
            return value in values if values else bool(value)
        case Seen():
            return _seen(claim, profile, at)
        case Did():
            return _did(claim, profile, span_of(claim.when, at))
        case Got(when=when):
            return _got(claim, profile, span_of(when, at))
        case InDialog():
            return profile.is_in_dialog
        case _:
            assert_never(claim)


def _values_of(claim: Is, profile: Profile, at: datetime) -> frozenset[str]:
    """What the person has of the subject; a person without any topic has the empty one."""
    if claim.subject == "kenh":
        return profile.channels
    if claim.subject == "chu-de":
        return profile.topics or frozenset([""])
    if claim.subject == "dung-tin":
        return frozenset([stop_at(profile.stop, profile.stopped_until, at)])
    single = {
        "ho": profile.household, "xa": profile.commune, "tieng": profile.language or "vi", "dong-y": profile.consent,
        "nguon": profile.source,
    }  # fmt: skip
    return frozenset([single[claim.subject]])


def stop_at(stop: str, until: datetime | None, at: datetime) -> str:
    """What the person has stopped at the moment *at*: a week that is over no longer is one."""
    return "none" if stop == "week" and until is not None and until <= at else stop


def _seen(claim: Seen, profile: Profile, at: datetime) -> bool:
    moment = profile.last_seen if claim.which == "gap-cuoi" else profile.first_seen
    return moment is None if claim.when is None else span_of(claim.when, at).holds(moment)


def _did(claim: Did, profile: Profile, span: Span) -> bool:
    return any(_shows(claim, event) and span.holds(event.at) for event in profile.events)


def _shows(claim: Did, event: Happened) -> bool:
    return (
        event.kind in DEEDS[claim.deed]
        and event.dialog == claim.dialog
        and claim.node in ("", event.node)
        and (not claim.choices or event.detail in claim.choices)
        and (claim.deed != "xong" or (event.node, event.detail) == ("", DONE))
    )


def _got(claim: Got, profile: Profile, span: Span) -> bool:
    return any(
        got.status == "sent"
        and (claim.broadcast is None or claim.broadcast in (got.broadcast_id, got.parent_id))
        and (claim.when is None or span.holds(got.sent_at))
        for got in profile.broadcasts
    )


def span_of(when: When | None, at: datetime) -> Span:
    """The moments that *when* covers, seen from *at*; None covers all."""
    match when:
        case None:
            return Span()
        case Within(count=count, unit=unit):
            return Span(since=at - (timedelta(days=count) if unit == "days" else timedelta(hours=count)))
        case Ago(days=days):
            midnight = datetime.combine(at.astimezone(HANOI).date(), time(), HANOI) - timedelta(days=days)
            return Span(midnight, midnight + timedelta(days=1))
        case Before(day=day):
            return Span(until=datetime.combine(day, time(), HANOI))
        case After(day=day):
            return Span(since=datetime.combine(day, time(), HANOI) + timedelta(days=1))
        case _:
            assert_never(when)

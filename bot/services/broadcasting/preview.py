"""What an officer sees before a broadcast is approved: who would get it, what exactly, and when it would end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.engine.segments import Segment
from bot.engine.segments.model import All, Got, Is, Within
from bot.engine.state import Library, Person
from bot.messages import Outgoing
from bot.services.allowance import shortages
from bot.services.broadcasting.claims import Claim, changes_within, claims_of
from bot.services.broadcasting.drafting import World
from bot.services.broadcasting.faults import lines_of
from bot.services.broadcasting.model import Broadcast, Timing
from bot.services.broadcasting.outlook import Outlook, outlook, warnings_of
from bot.services.broadcasting.recurrence import rule_of
from bot.services.broadcasting.rendering import Lapsed, NothingToSay, faults_of, messages_in, said_to
from bot.services.broadcasting.targeting import fingerprint, segment_of
from bot.services.broadcasting.timing import HANOI, expiry, forecast, next_opening, next_slot
from bot.speech import _
from bot.store import previews, segments
from bot.store.segments import Breakdown, Recipient


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the audience and what they would read; `message` is None when they wouldn't be sent it: `why`."""

    contact_id: int
    channel: str
    commune: str
    household: str
    language: str
    message: Outgoing | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """`put_off`: how many of the audience had another broadcast so lately that theirs waits.

    `starts` is the first moment within the hours, `ends` when the slowest channel would be through, `expires` when
    what is left is given up. `digest` is what an approval signs: "" before the broadcast is submitted. `outlook` tells
    of routes and money, where a channel has windows.
    """

    people: Breakdown
    put_off: int
    starts: datetime
    ends: datetime
    expires: datetime
    samples: Sequence[Sample]
    claims: Sequence[Claim]
    faults: Sequence[str]
    warnings: Sequence[str]
    digest: str
    outlook: Outlook | None = None


async def preview(db: AsyncConnection, world: World, broadcast: Broadcast, *, area: Collection[str] = ()) -> Preview:
    """How *broadcast* would go if it were released now. Raises `SegmentError` when its query no longer holds.

    With an *area* the people told of are those of these communes; when it ends depends on everybody.
    """
    library, channels, at, timing = world.library, world.channels, world.at, broadcast.timing
    segment = await segment_of(db, library, broadcast.segment)
    everybody = await segments.breakdown(db, segment, at=at, channels=list(channels))
    start = _start(timing, at)
    starts = next_opening(start, timing, library.holidays)
    whole = await outlook(db, world, broadcast, segment, starts)
    ends = _end(everybody, whole, world, timing, start)
    seen = All((segment, Is("xa", tuple(area)))) if area else segment
    people = await segments.breakdown(db, seen, at=at, channels=list(channels)) if area else everybody
    told = await outlook(db, world, broadcast, seen, starts) if area and whole is not None else whole
    said = messages_in(library, broadcast.body, world.today)
    warnings = [
        *_deaf(library, broadcast, people, world.today),
        *changes_within(library, said, world.today, _last_day(timing, start)),
        *_too_slow(ends, expiry(timing, start)),
        *await _changed(db, library, broadcast),
        *await warnings_of(db, world, broadcast, told),
        *await shortages(db, channels, everybody.by_channel, at),
    ]
    return Preview(
        people=people,
        put_off=await _put_off(db, world, broadcast, seen),
        starts=starts,
        ends=ends,
        expires=expiry(timing, start),
        samples=await _samples(db, world, broadcast, seen),
        claims=claims_of(library, said, world.today),
        faults=lines_of(faults_of(library, broadcast.body, channels, world.today)),
        warnings=warnings,
        digest=broadcast.digest,
        outlook=told,
    )


def _start(timing: Timing, at: datetime) -> datetime:
    """When the first run is due: of a rule that begins on a Tuesday and says Mondays, the Monday after."""
    if timing.rule:
        return next_slot(timing, at) or at
    return max(at, timing.at or at)


def _end(people: Breakdown, seen: Outlook | None, world: World, timing: Timing, start: datetime) -> datetime:
    """When the last leaves who need not write first."""
    counts = {**people.by_channel, **(seen.leaving if seen else {})}
    rates = {name: channel.capabilities.rate for name, channel in world.channels.items()}
    holidays = world.library.holidays
    ends = (forecast(count, rates[name], start, timing, holidays) for name, count in counts.items())
    return max(ends, default=start)


def _last_day(timing: Timing, start: datetime) -> date:
    """The last day on which it may still go out, of its last run when it recurs."""
    last = max([start, *rule_of(timing).slots()]) if timing.rule else start
    return expiry(timing, last).astimezone(HANOI).date()


def _too_slow(ends: datetime, expires: datetime) -> list[str]:
    if ends <= expires:
        return []
    told = _(
        "Gửi chưa xong thì tin đã hết hạn lúc {at}: những người còn lại sẽ không nhận được. Kéo dài hạn (shelf_life)."
    )
    return [told.format(at=f"{expires.astimezone(HANOI):%H:%M %d/%m/%Y}")]


def _deaf(library: Library, broadcast: Broadcast, people: Breakdown, today: date) -> list[str]:
    """Who is in the audience although nothing in the message is for their kind of household."""
    told = []
    for household, count in people.by_household.items():
        person = Person({"ho": household, "da-chao": "1"} if household else {"da-chao": "1"})
        try:
            said_to(library, broadcast.body, person, today)
        except NothingToSay:
            line = _("{count} người thuộc diện “{household}” sẽ không nhận gì: không có tin nào dành cho họ.")
            told.append(line.format(count=count, household=household or _("chưa rõ")))
        except Lapsed:
            continue  # told among the faults
    return told


async def _changed(db: AsyncConnection, library: Library, broadcast: Broadcast) -> list[str]:
    if not broadcast.digest or await fingerprint(db, library, broadcast) == broadcast.digest:
        return []
    return [_("Nội dung, dữ kiện hay nhóm người nhận đã khác từ khi trình duyệt: phải trình lại.")]


async def _put_off(db: AsyncConnection, world: World, broadcast: Broadcast, segment: Segment) -> int:
    if broadcast.urgent or not broadcast.policy.gap:
        return 0
    lately = Got(None, Within(ceil(broadcast.policy.gap), "hours"))
    return await segments.count(db, All((segment, lately)), at=world.at, channels=list(world.channels))


async def _samples(db: AsyncConnection, world: World, broadcast: Broadcast, segment: Segment) -> list[Sample]:
    chosen = await segments.sample(db, segment, at=world.at, channels=list(world.channels))
    people = await previews.people(db, [one.contact_id for one in chosen])
    return [
        _sample(world.library, broadcast, one, people[one.contact_id], world.today)
        for one in chosen
        if one.contact_id in people
    ]


def _sample(library: Library, broadcast: Broadcast, one: Recipient, person: Person, today: date) -> Sample:
    message, why = None, ""
    try:
        message = said_to(library, broadcast.body, person, today)
    except Lapsed as lapse:
        why = str(lapse)
    except NothingToSay:
        why = _("không có tin nào dành cho người này")
    fields = person.fields
    commune = library.communes.get(fields.get("xa", ""))
    return Sample(
        one.contact_id, one.channel, commune.name if commune else "", fields.get("ho", ""),
        fields.get("lang", "") or "vi", message, why,
    )  # fmt: skip

"""When officers are there to answer, when somebody who asked was promised a word, and how both are said.

On Hà Nội's wall clock, as all hours here (`bot.services.broadcasting.hours`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

from bot.engine.state import Library
from bot.services.broadcasting.hours import DAY, HANOI, Holidays
from bot.speech import _

DEFAULT = "T2-T6 08:00-11:30, 13:30-17:00"
"""Monday to Friday, as most offices of communes and wards are open."""
PROMISE = timedelta(hours=4)
"""Office hours within which a person is answered: half a working day, so who asks in the morning hears the same day."""
HORIZON = 60
"""Days looked ahead: longer than any holiday, with the weekends round it."""
WEEKDAYS = (
    _("thứ Hai"), _("thứ Ba"), _("thứ Tư"), _("thứ Năm"), _("thứ Sáu"), _("thứ Bảy"), _("Chủ nhật"),
)  # fmt: skip
DAYS: Mapping[str, int] = {"T2": 0, "T3": 1, "T4": 2, "T5": 3, "T6": 4, "T7": 5, "CN": 6}
NOON, EVENING = time(12), time(18)

_PART = re.compile(r"(T[2-7]|CN)(?:-(T[2-7]|CN))?\s+(.+)")
_SPAN = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d)")

Span = tuple[time, time]


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The spans of each weekday (Monday first), in order and apart from each other."""

    week: tuple[tuple[Span, ...], ...]

    def spans(self, at: datetime, holidays: Holidays) -> Iterator[tuple[datetime, datetime]]:
        """The spans that end after *at*, in order, for as long as anybody looks ahead."""
        first = at.astimezone(HANOI).date()
        for day in (first + number * DAY for number in range(HORIZON)):
            for opens, closes in () if day in holidays else self.week[day.weekday()]:
                begin, end = (datetime.combine(day, clock, HANOI) for clock in (opens, closes))
                if end > at:
                    yield begin, end

    def opening(self, at: datetime, holidays: Holidays) -> datetime | None:
        """The first moment from *at* on when somebody is there: *at* itself when they are. None: nobody ever is."""
        return next((max(begin, at) for begin, _end in self.spans(at, holidays)), None)

    def promised(self, asked_at: datetime, holidays: Holidays, *, within: timedelta = PROMISE) -> datetime | None:
        """Until when who asked at *asked_at* is to be answered: *within* counts only while somebody is there."""
        left = within
        for begin, end in self.spans(asked_at, holidays):
            start = max(begin, asked_at)
            if end - start >= left:
                return start + left
            left -= end - start
        return None


@lru_cache(maxsize=8)
def office_hours_in(text: str) -> OfficeHours:
    """The hours in "T2-T6 08:00-11:30, 13:30-17:00; T7 08:00-11:30". ValueError, in words, for anything else."""
    week: list[tuple[Span, ...]] = [()] * 7
    for part in text.split(";"):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise ValueError(_("phải viết như “T2-T6 08:00-11:30, 13:30-17:00; T7 08:00-11:30”"))
        first, last = DAYS[match[1]], DAYS[match[2] or match[1]]
        for day in range(first, last + 1):
            week[day] = tuple(sorted((*week[day], *_spans_in(match[3]))))
        if first > last:
            raise ValueError(_("ngày cuối đứng trước ngày đầu trong “{part}”").format(part=part.strip()))
    if any(early[1] > late[0] for spans in week for early, late in pairwise(spans)):
        raise ValueError(_("hai khoảng giờ của một ngày chồng lên nhau"))
    return OfficeHours(tuple(week))


def _spans_in(text: str) -> Iterator[Span]:
    for piece in text.split(","):
        match = _SPAN.fullmatch(piece.strip())
        if match is None or match[1] >= match[2]:
            raise ValueError(_("“{piece}” chưa phải khoảng giờ: viết như 08:00-11:30").format(piece=piece.strip()))
        yield time.fromisoformat(match[1]), time.fromisoformat(match[2])


def moment_words(moment: datetime, now: datetime, say: Callable[[str], str]) -> str:
    """A coming *moment* as people say it: "sáng thứ Hai, 30/11, từ 8:00", or "chiều nay, từ 13:30"."""
    there = moment.astimezone(HANOI)
    part = say(_("sáng") if there.time() < NOON else _("chiều") if there.time() < EVENING else _("tối"))
    clock = f"{there.hour}:{there.minute:02}"
    if there.date() == now.astimezone(HANOI).date():
        return say(_("{part} nay, từ {clock}")).format(part=part, clock=clock)
    told = say(_("{part} {weekday}, {date}, từ {clock}"))
    weekday = say(WEEKDAYS[there.weekday()])
    return told.format(part=part, weekday=weekday, date=_short(there.date()), clock=clock)


def _short(day: date) -> str:
    return f"{day.day}/{day.month}"


class Absence:
    """When officers are next there, in every language of the library: asked with each batch of turns, so remembered
    until it changes. Called, it tells it; empty while they are there."""

    def __init__(self, hours: OfficeHours, library: Callable[[], Library], now: Callable[[], datetime]) -> None:
        self._hours, self._library, self._now = hours, library, now
        self._told: Mapping[str, str] = {}
        self._of: tuple[Library, date] | None = None
        self._until: datetime | None = None

    def __call__(self) -> Mapping[str, str]:
        now, library = self._now(), self._library()
        of = library, now.astimezone(HANOI).date()
        if self._of is None or self._of[0] is not library or self._of[1] != of[1] or self._is_over(now):
            self._of = of
            self._look(now, library)
        return self._told

    def _is_over(self, now: datetime) -> bool:
        return self._until is not None and now >= self._until

    def _look(self, now: datetime, library: Library) -> None:
        begin, end = next(self._hours.spans(now, library.holidays), (None, None))
        is_there = begin is None or begin <= now
        self._until = end if is_there else begin
        self._told = {}
        if begin is not None and not is_there:
            languages = library.languages
            self._told = {each: moment_words(begin, now, _sayer(library, each)) for each in languages}


def _sayer(library: Library, language: str) -> Callable[[str], str]:
    return lambda text: text if language == "vi" else library.translate(language, text)

"""Office hours: when somebody is there, and until when a person was promised an answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.broadcasting.hours import HANOI
from bot.services.office_hours import DEFAULT, PROMISE, Absence, moment_words, office_hours_in
from tests.conftest import Clock
from tests.shipped import shipped

HOURS = office_hours_in(DEFAULT)
HOLIDAYS = shipped().holidays
MOMENTS = st.datetimes(datetime(2026, 11, 1), datetime(2027, 11, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


@pytest.mark.parametrize(("asked", "opens"), [
    ("2026-11-23 10:00", "2026-11-23 10:00"), ("2026-11-23 11:30", "2026-11-23 13:30"),
    ("2026-11-28 09:00", "2026-11-30 08:00"), ("2027-02-04 17:00", "2027-02-11 08:00"),
])  # fmt: skip
def test_the_next_opening_passes_over_noon_weekends_and_tet(asked: str, opens: str) -> None:
    assert HOURS.opening(at(asked), HOLIDAYS) == at(opens)


@pytest.mark.parametrize(("asked", "until"), [
    ("2026-11-23 08:00", "2026-11-23 14:00"), ("2026-11-23 16:00", "2026-11-24 11:00"),
    ("2026-11-27 16:59", "2026-11-30 13:59"), ("2026-11-28 09:00", "2026-11-30 14:00"),
])  # fmt: skip
def test_a_promise_counts_only_while_somebody_is_there(asked: str, until: str) -> None:
    assert HOURS.promised(at(asked), HOLIDAYS) == at(until)


@given(MOMENTS)
def test_a_promise_holds_exactly_its_hours_of_presence(asked: datetime) -> None:
    until = HOURS.promised(asked, HOLIDAYS)
    assert until is not None
    present = timedelta()
    for begin, end in HOURS.spans(asked, HOLIDAYS):
        present += max(timedelta(), min(end, until) - max(begin, asked))
    assert present == PROMISE
    opening = HOURS.opening(asked, HOLIDAYS)
    assert opening is not None
    assert asked <= opening < until


@given(MOMENTS, st.lists(st.timedeltas(timedelta(), timedelta(days=3)), max_size=20))
def test_what_is_remembered_of_an_absence_never_differs_from_a_fresh_look(
    first: datetime, steps: list[timedelta]
) -> None:
    clock = Clock(first)
    kept = Absence(HOURS, shipped, clock)
    for step in steps:
        clock.at += step
        assert kept() == Absence(HOURS, shipped, clock)()
        opening = HOURS.opening(clock.at, HOLIDAYS)
        assert bool(kept()) == (opening is not None and opening > clock.at)


@pytest.mark.parametrize("text", [
    "", "T2-T6", "T2-T6 8:00-11:30", "T2-T6 11:30-08:00", "T6-T2 08:00-11:30", "T9 08:00-11:30",
    "T2 08:00-11:30, 11:00-12:00", "T2 08:00-11:30; T2 09:00-10:00",
])  # fmt: skip
def test_hours_that_make_no_sense_are_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"phải viết như|khoảng giờ|ngày cuối"):
        office_hours_in(text)


def test_days_of_their_own_may_be_given() -> None:
    hours = office_hours_in("T2-T6 08:00-11:30; T7 08:00-10:00; CN 09:00-09:30")
    assert hours.opening(at("2026-11-28 07:00"), {}) == at("2026-11-28 08:00")
    assert hours.opening(at("2026-11-28 10:00"), {}) == at("2026-11-29 09:00")
    assert hours.opening(at("2026-11-28 10:00"), {date(2026, 11, 29): "lễ"}) == at("2026-11-30 08:00")


def test_moments_are_said_as_people_say_them() -> None:
    say = str
    assert moment_words(at("2026-11-30 08:00"), at("2026-11-28 09:00"), say) == "sáng thứ Hai, 30/11, từ 8:00"
    assert moment_words(at("2026-11-23 13:30"), at("2026-11-23 12:00"), say) == "chiều nay, từ 13:30"

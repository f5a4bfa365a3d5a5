"""Sending hours: over midnight, on holidays, and when so many messages will have gone out."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.broadcasting.model import Timing
from bot.services.broadcasting.timing import HANOI, NEVER, Holidays, closing, forecast, may_send, next_opening

USUAL = Timing()
NIGHTS = Timing(opens="22:00", closes="06:00")
ALL_DAY = Timing(opens="00:00", closes="24:00")
TET = {date(2027, 2, day): "Tết" for day in range(5, 11)}
NONE: Holidays = {}

clocks = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
hours = st.tuples(clocks, clocks | st.just("24:00")).filter(lambda pair: pair[0] != pair[1])
timings = st.builds(lambda pair, on: Timing(opens=pair[0], closes=pair[1], on_holidays=on), hours, st.booleans())
holidays = st.dictionaries(st.dates(date(2027, 1, 25), date(2027, 2, 10)), st.just("Nghỉ"), max_size=12)
moments = st.datetimes(datetime(2027, 1, 20), datetime(2027, 2, 12), timezones=st.sampled_from([UTC, HANOI]))  # noqa: DTZ001


def at(day: int, clock: str, month: int = 2) -> datetime:
    """A moment of 2027 on Hà Nội's clock."""
    return datetime(2027, month, day, int(clock[:2]), int(clock[3:]), tzinfo=HANOI)


@pytest.mark.parametrize(
    ("clock", "expected"), [("06:59", False), ("07:00", True), ("20:29", True), ("20:30", False), ("00:00", False)]
)
def test_the_opening_counts_and_the_closing_does_not(clock: str, expected: bool) -> None:
    assert may_send(at(1, clock), USUAL, NONE) is expected


def test_hours_may_run_over_midnight() -> None:
    assert [may_send(at(2, clock), NIGHTS, NONE) for clock in ("21:59", "22:00", "00:00", "05:59", "06:00")] == [
        False, True, True, True, False,
    ]  # fmt: skip
    assert next_opening(at(2, "06:00"), NIGHTS, NONE) == at(2, "22:00")
    assert closing(at(2, "23:00"), NIGHTS, NONE) == closing(at(3, "01:00"), NIGHTS, NONE) == at(3, "06:00")


def test_a_holiday_is_closed_from_midnight_to_midnight() -> None:
    """The night before Tết ends at midnight; the night that begins on its last day begins when that day is over."""
    assert closing(at(4, "23:00"), NIGHTS, TET) == at(5, "00:00")
    assert not may_send(at(5, "01:00"), NIGHTS, TET)
    assert next_opening(at(5, "00:00"), NIGHTS, TET) == at(11, "00:00")
    assert next_opening(at(4, "20:30"), USUAL, TET) == at(11, "07:00")
    assert may_send(at(6, "12:00"), Timing(on_holidays=True), TET)


def test_the_whole_day_closes_only_for_holidays() -> None:
    assert closing(at(1, "12:00"), ALL_DAY, TET) == at(5, "00:00")
    assert closing(at(11, "12:00"), ALL_DAY, TET) == NEVER
    assert closing(at(1, "12:00"), Timing(opens="00:00", closes="24:00", on_holidays=True), TET) == NEVER
    assert closing(at(1, "12:00"), Timing(opens="12:00", closes="24:00"), NONE) == at(2, "00:00")


def test_outside_the_hours_nothing_is_left_of_them() -> None:
    assert closing(at(1, "21:00"), USUAL, NONE) == at(1, "21:00")


@pytest.mark.parametrize("month", range(1, 13))
def test_the_clock_is_never_put_forward_or_back(month: int) -> None:
    """Seven hours ahead of UTC in summer as in winter, so that what is 07:00 there is 00:00 in UTC."""
    midnight = datetime(2027, month, 28, tzinfo=UTC)
    assert may_send(midnight, USUAL, NONE)
    assert not may_send(midnight - timedelta(microseconds=1), USUAL, NONE)
    opening = next_opening(midnight - timedelta(hours=3), USUAL, NONE)
    assert opening == midnight
    assert closing(opening, USUAL, NONE) - opening == timedelta(hours=13, minutes=30)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        may_send(datetime(2027, 2, 1, 12), USUAL, NONE)  # noqa: DTZ001


@given(moment=moments, timing=timings, holidays=holidays)
def test_the_next_opening_is_open_and_the_first_to_be(moment: datetime, timing: Timing, holidays: Holidays) -> None:
    opening = next_opening(moment, timing, holidays)
    assert opening >= moment
    assert may_send(opening, timing, holidays)
    assert next_opening(opening, timing, holidays) == opening
    shut = opening - timedelta(microseconds=1)
    assert opening == moment or not may_send(shut, timing, holidays)


@given(moment=moments, timing=timings, holidays=holidays, thousandths=st.integers(0, 999))
def test_all_is_open_until_the_closing_and_nothing_at_it(
    moment: datetime, timing: Timing, holidays: Holidays, thousandths: int
) -> None:
    opening = next_opening(moment, timing, holidays)
    end = closing(opening, timing, holidays)
    assert end > opening
    assert may_send(opening + (end - opening) // 1000 * thousandths, timing, holidays)
    assert may_send(end - timedelta(microseconds=1), timing, holidays)
    assert end == NEVER or not may_send(end, timing, holidays)


def walked(recipients: int, rate: str, start: datetime, timing: Timing, holidays: Holidays) -> datetime:
    """The forecast by sending every message."""
    pace, moment, sent = Fraction(1_000_000) / Fraction(rate), Fraction(0), start
    for _ in range(recipients):
        here = start + timedelta(microseconds=floor(moment))
        sent = next_opening(here, timing, holidays)
        if sent != here:
            moment = Fraction((sent - start) // timedelta(microseconds=1))
        moment += pace
    return sent


@given(
    recipients=st.integers(0, 300), rate=st.sampled_from(["0.0003", "0.001", "0.01", "1", "30", "28.5"]),
    start=moments, timing=timings, holidays=holidays,
)  # fmt: skip
def test_the_forecast_is_what_sending_one_by_one_would_take(
    recipients: int, rate: str, start: datetime, timing: Timing, holidays: Holidays
) -> None:
    expected = walked(recipients, rate, start, timing, holidays)
    assert forecast(recipients, float(rate), start, timing, holidays) == expected


@given(fewer=st.integers(0, 10**7), more=st.integers(0, 10**7), start=moments, timing=timings, holidays=holidays)
def test_more_recipients_never_end_sooner(
    fewer: int, more: int, start: datetime, timing: Timing, holidays: Holidays
) -> None:
    fewer, more = sorted((fewer, more))
    first, second = (forecast(each, 30, start, timing, holidays) for each in (fewer, more))
    assert start <= first <= second
    assert second in (start, NEVER) or may_send(second, timing, holidays)


def test_ten_million_over_tet_are_reckoned_at_once() -> None:
    """At one a second 48,600 leave on each day of 13.5 hours: 205 whole days, and 37,000 s into the 206th."""
    started = time.perf_counter()
    end = forecast(10_000_000, 1, at(1, "07:00", month=1), USUAL, TET)
    assert time.perf_counter() - started < 0.5  # one by one takes minutes
    assert end == at(1, "07:00", month=1) + timedelta(days=205 + len(TET), seconds=37_000 - 1)


def test_a_hopeless_broadcast_never_ends() -> None:
    assert forecast(10_000_000, 0.0001, at(1, "07:00"), USUAL, NONE) == NEVER
    with pytest.raises(ValueError, match="sends nothing"):
        forecast(1, 0, at(1, "07:00"), USUAL, NONE)

"""Rules that come again: which slots they have, where they end, and which are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Literal

import pytest
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule
from hypothesis import given
from hypothesis import strategies as st

from bot.services.broadcasting.model import Timing
from bot.services.broadcasting.timing import HANOI, faults_of, next_slot

START = datetime(2026, 11, 30, 9, tzinfo=HANOI)  # a Monday
NOW = datetime(2026, 11, 23, 10, tzinfo=HANOI)
FREQUENCIES: dict[str, Literal[0, 1, 2, 3]] = {"DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY, "YEARLY": YEARLY}


def slots_of(rule: str, start: datetime = START) -> list[datetime]:
    timing, slots, after = Timing(at=start, rule=rule), [], start - timedelta(days=1)
    while (slot := next_slot(timing, after)) is not None:
        assert slot > after
        slots.append(slot)
        after = slot
    return slots


def days_of(rule: str) -> list[str]:
    return [f"{slot:%d/%m %H:%M}" for slot in slots_of(rule)]


def test_what_goes_out_once_has_one_slot() -> None:
    once = Timing(at=START)
    assert next_slot(once, START - timedelta(seconds=1)) == START
    assert next_slot(once, START) is None
    assert next_slot(Timing(), START) is None


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;BYDAY=MO;COUNT=3", ["30/11 09:00", "07/12 09:00", "14/12 09:00"]),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;COUNT=3;", ["30/11 09:00", "03/12 09:00", "14/12 09:00"]),
        ("freq=daily;byhour=9,15;count=3", ["30/11 09:00", "30/11 15:00", "01/12 09:00"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", ["30/11 09:00", "31/12 09:00", "31/01 09:00"]),
        ("FREQ=MONTHLY;BYDAY=+1FR;COUNT=2", ["04/12 09:00", "01/01 09:00"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=1", ["29/02 09:00"]),
        ("FREQ=HOURLY;INTERVAL=20;COUNT=2", ["30/11 09:00", "01/12 05:00"]),
    ],
)  # fmt: skip
def test_slots_are_on_hanois_clock(rule: str, expected: list[str]) -> None:
    assert days_of(rule) == expected


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20261202", "02/12 09:00"),  # a day: all of it
        ("20261202T090000", "02/12 09:00"),  # Hà Nội's clock, and UNTIL counts
        ("20261202T085959", "01/12 09:00"),
        ("20261202T020000Z", "02/12 09:00"),  # as RFC 5545 wants it: 09:00 in Hà Nội
        ("20261202T015959Z", "01/12 09:00"),
    ],
)
def test_until_may_be_a_day_a_local_time_or_utc(until: str, last: str) -> None:
    assert days_of(f"FREQ=DAILY;UNTIL={until}")[-1] == last


def test_a_start_in_utc_means_its_moment_in_hanoi() -> None:
    """18:00 on Sunday in UTC is Monday already."""
    [slot] = slots_of("FREQ=WEEKLY;BYDAY=MO;COUNT=1", datetime(2026, 11, 29, 18, tzinfo=UTC))
    assert slot == datetime(2026, 11, 30, 1, tzinfo=HANOI)


@given(
    frequency=st.sampled_from(sorted(FREQUENCIES)), interval=st.integers(1, 5), count=st.integers(1, 12),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2060, 1, 1)).map(lambda at: at.replace(microsecond=0)),  # noqa: DTZ001
)  # fmt: skip
def test_every_slot_is_the_rules_and_later_than_the_one_before(
    frequency: str, interval: int, count: int, start: datetime
) -> None:
    slots = slots_of(f"FREQ={frequency};INTERVAL={interval};COUNT={count}", start.replace(tzinfo=HANOI))
    expected = [at.replace(tzinfo=HANOI) for at in rrule(FREQUENCIES[frequency], start, interval, count=count)]
    assert slots == [at for at in expected if at <= expected[0] + timedelta(days=5 * 366)]
    assert all(before < after for before, after in pairwise(slots))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("xin chào", "Không hiểu “XIN CHÀO”"),
        ("FREQ=DAILY;;COUNT=1", "Không hiểu “”"),
        ("FREQ=DAILY;COUNT=1;COUNT=2", "có COUNT hai lần"),
        ("FREQ=DAILY", "thêm UNTIL=20261231 hoặc COUNT=10"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20261231", "đúng một chỗ kết thúc"),
        ("BYDAY=MO;COUNT=1", "phải có FREQ"),
        ("FREQ=FORTNIGHTLY;COUNT=1", "phải có FREQ"),
        ("FREQ=MINUTELY;INTERVAL=90;COUNT=2", "Không gửi dày hơn mỗi giờ"),
        ("FREQ=DAILY;BYHOUR=9;BYMINUTE=0,30;COUNT=2", "dày hơn mỗi giờ"),
        ("FREQ=DAILY;INTERVAL=0;COUNT=2", "INTERVAL=0"),
        ("FREQ=DAILY;COUNT=0", "COUNT=0"),
        ("FREQ=DAILY;COUNT=2,3", "COUNT=2,3"),
        ("FREQ=DAILY;COUNT=hai", "COUNT=HAI"),
        ("FREQ=YEARLY;BYMONTH=13;COUNT=1", "BYMONTH=13"),
        ("FREQ=MONTHLY;BYMONTHDAY=0;COUNT=1", "BYMONTHDAY=0"),
        ("FREQ=WEEKLY;BYDAY=T2;COUNT=1", "BYDAY=T2"),
        ("FREQ=WEEKLY;BYDAY=1MO;COUNT=1", "không dùng được với FREQ=WEEKLY"),
        ("FREQ=DAILY;BYSETPOS=1;COUNT=1", "không dùng được với FREQ=DAILY"),
        ("FREQ=DAILY;BYEASTER=1;COUNT=1", "không dùng được phần BYEASTER"),
        ("FREQ=DAILY;DTSTART=20261201;COUNT=1", "không dùng được phần DTSTART"),
        ("FREQ=DAILY;UNTIL=31/12/2026", "UNTIL=31/12/2026"),
        ("FREQ=DAILY;UNTIL=20261331", "không phải là một ngày có thật"),
        ("FREQ=DAILY;UNTIL=20261201T250000", "không phải là một ngày có thật"),
        ("FREQ=DAILY;UNTIL=20261129", "kết thúc (UNTIL) trước giờ bắt đầu (at)"),
        ("FREQ=DAILY;UNTIL=99991231", "quá 5 năm"),
        ("FREQ=YEARLY;COUNT=7", "quá 5 năm"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", "không rơi vào ngày giờ nào"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU;COUNT=1", "không rơi vào ngày giờ nào"),
        ("FREQ=HOURLY;INTERVAL=2;BYHOUR=4;COUNT=1", "không rơi vào ngày giờ nào"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused(rule: str, words: str) -> None:
    [fault] = faults_of(Timing(at=START, rule=rule), NOW)
    assert words in fault.text


def test_a_rule_needs_a_start() -> None:
    [fault] = faults_of(Timing(rule="FREQ=DAILY;COUNT=2"), NOW)
    assert "phải có giờ bắt đầu (at)" in fault.text


PARTS = st.sampled_from(["BYDAY=", "BYMONTH=", "BYMONTHDAY=", "INTERVAL=", "COUNT=", "UNTIL=", "WKST=", "X=", ""])
VALUES = st.sampled_from(["MO", "-1FR", "0", "1", "-1", "31", "53", "20270101", "DAILY", "WEEKLY", "", "é", "1,2"])


@given(parts=st.lists(st.builds(str.__add__, PARTS, VALUES), max_size=4), tail=st.sampled_from(["", ";COUNT=2"]))
def test_no_rule_breaks_the_check_and_what_passes_has_slots(parts: list[str], tail: str) -> None:
    timing = Timing(at=START, rule=";".join(["FREQ=DAILY", *parts]) + tail)
    if not faults_of(timing, NOW):
        assert next_slot(timing, NOW) is not None

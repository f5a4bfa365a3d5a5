"""Missed slots, shelf life, which timings are refused and how a timing reads; the clock is moved, never slept on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.broadcasting.model import Timing
from bot.services.broadcasting.timing import HANOI, expiry, faults_of, in_words, is_missed, next_slot
from tests.conftest import Clock

NOW = datetime(2026, 11, 23, 10, tzinfo=HANOI)
START = datetime(2026, 11, 30, 9, tzinfo=HANOI)  # a Monday
TET = {date(2027, 2, day): "Tết" for day in range(5, 11)}
WEEKLY = "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261231"
HOURS = "; gửi từ 7:00 đến 20:30"

moments = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.sampled_from([UTC, HANOI]))  # noqa: DTZ001


def test_after_downtime_a_slot_within_its_grace_runs_and_the_others_are_missed(clock: Clock) -> None:
    """Down from Monday to the Wednesday of the week after, 14:00: of three daily slots one is under six hours late."""
    daily = Timing(at=START, rule="FREQ=DAILY;COUNT=9", grace=6)
    clock.at, last = datetime(2026, 12, 2, 14, tzinfo=HANOI), START - timedelta(days=1)
    found = {}
    while (slot := next_slot(daily, last)) is not None and slot <= clock():
        found[slot.day], last = is_missed(slot, clock(), daily), slot
    assert found == {30: True, 1: True, 2: False}


@pytest.mark.parametrize(("late", "expected"), [(0, False), (6, False), (6.001, True)])
def test_grace_itself_is_not_too_late(late: float, expected: bool) -> None:
    assert is_missed(START, START + timedelta(hours=late), Timing(grace=6)) is expected


def test_a_message_is_stale_after_its_shelf_life_or_at_its_last_moment() -> None:
    assert expiry(Timing(shelf_life=1.5), START) == START + timedelta(minutes=90)
    assert expiry(Timing(not_after=START + timedelta(hours=3)), START) == START + timedelta(hours=3)
    assert expiry(Timing(shelf_life=2, not_after=START + timedelta(hours=3)), START) == START + timedelta(hours=2)


@given(started=moments, not_after=st.none() | moments, shelf_life=st.floats(0.1, 9_000))
def test_nothing_is_stale_before_it_began(started: datetime, not_after: datetime | None, shelf_life: float) -> None:
    assert expiry(Timing(shelf_life=shelf_life, not_after=not_after), started) >= started


SOUND = [
    Timing(),
    Timing(at=START),
    Timing(at=NOW),
    Timing(at=START, rule=WEEKLY),
    Timing(at=START.replace(hour=22)),
    Timing(opens="22:00", closes="06:00"),
    Timing(opens="00:00", closes="24:00"),
    Timing(at=datetime(2027, 2, 5, 9, tzinfo=HANOI), shelf_life=143),  # Tết ends after 142 hours
    Timing(at=datetime(2027, 2, 5, 9, tzinfo=HANOI), shelf_life=24, on_holidays=True),
    Timing(at=datetime(2027, 2, 4, 9, tzinfo=HANOI), shelf_life=24, rule="FREQ=DAILY;COUNT=4"),  # the first goes out
]


@pytest.mark.parametrize("timing", SOUND)
def test_a_timing_that_can_be_kept_has_no_faults(timing: Timing) -> None:
    assert faults_of(timing, NOW, TET) == []


FAULTS = [
    (Timing(at=NOW - timedelta(minutes=1)), "Giờ bắt đầu (at) 9:59 ngày 23/11/2026 đã qua"),
    (Timing(at=NOW - timedelta(days=7), rule=WEEKLY), "đã qua"),
    (Timing(at=START.replace(tzinfo=None)), "'at' 2026-11-30T09:00:00 thiếu múi giờ"),
    (Timing(not_after=START.replace(tzinfo=None)), "2026-11-30T09:00:00+07:00."),
    (Timing(at=START.replace(year=9999)), "Xem lại năm"),
    (Timing(opens="7h"), "từ '7h' đến '20:30'"),
    (Timing(opens="7:00"), "Viết hai giờ khác nhau, như 07:00 và 20:30"),
    (Timing(closes="24:01"), "đến '24:01'"),
    (Timing(closes="25:00"), "đến '25:00'"),
    (Timing(opens="24:00"), "từ '24:00'"),
    (Timing(opens="09:00", closes="09:00"), "cả ngày là 00:00 và 24:00"),
    (Timing(shelf_life=0), "Hạn dùng (shelf_life)"),
    (Timing(shelf_life=float("nan")), "Hạn dùng (shelf_life)"),
    (Timing(shelf_life=1e12), "Hạn dùng (shelf_life)"),
    (Timing(grace=-1), "Số giờ trễ cho phép (grace)"),
    (Timing(at=START, not_after=START), "Hạn chót (not_after) 9:00 ngày 30/11/2026"),
    (Timing(not_after=NOW - timedelta(hours=1)), "Lùi hạn chót"),
    (Timing(at=START, rule=WEEKLY, not_after=START + timedelta(days=1)), "không sau đợt gửi 9:00 ngày 28/12/2026"),
    (Timing(at=START.replace(hour=22), shelf_life=9), "trước khi tới giờ gửi 7:00 ngày 1/12/2026"),
    (Timing(at=datetime(2027, 2, 5, 9, tzinfo=HANOI)), "trước khi tới giờ gửi 7:00 ngày 11/2/2027"),
]


@pytest.mark.parametrize(("timing", "words"), FAULTS)
def test_a_timing_that_cannot_be_kept_is_told_with_its_remedy(timing: Timing, words: str) -> None:
    [fault] = faults_of(timing, NOW, TET)
    assert words in fault.text


def test_all_faults_are_told_at_once() -> None:
    faults = faults_of(Timing(at=START.replace(tzinfo=None), opens="x", shelf_life=-1, grace=-1), NOW)
    assert len(faults) == 4


@given(at=st.none() | st.datetimes() | moments, not_after=st.datetimes() | moments, hours=st.text(max_size=5))
def test_no_timing_breaks_the_check(at: datetime | None, not_after: datetime, hours: str) -> None:
    faults_of(Timing(at=at, not_after=not_after, opens=hours), NOW)


WORDS = [
    (Timing(), "ngay khi được phát" + HOURS),
    (Timing(at=datetime(2026, 11, 30, 2, 5, tzinfo=UTC)), "9:05 ngày 30/11/2026" + HOURS),
    (Timing(opens="22:00", closes="06:00"), "ngay khi được phát; gửi từ 22:00 đến 6:00 hôm sau"),
    (Timing(opens="00:00", closes="24:00", on_holidays=True),
     "ngay khi được phát; gửi suốt ngày đêm; kể cả ngày nghỉ"),
    (Timing(at=START.replace(hour=21)),
     f"21:00 ngày 30/11/2026{HOURS}; giờ bắt đầu nằm ngoài giờ gửi, nên tin chờ đến giờ gửi"),
    (Timing(shelf_life=1.5, not_after=START),
     f"ngay khi được phát{HOURS}; quá 1,5 giờ thì thôi không gửi nữa; chậm nhất 9:00 ngày 30/11/2026"),
    (Timing(opens="7h"), "ngay khi được phát; giờ gửi từ “7h” đến “20:30”"),
]  # fmt: skip


@pytest.mark.parametrize(("timing", "words"), WORDS)
def test_a_timing_reads_as_people_say_it(timing: Timing, words: str) -> None:
    assert in_words(timing) == words


TEN = ", từ 30/11/2026, 10 lần"
RULES = [
    (WEEKLY, "thứ Hai hằng tuần lúc 9:00, từ 30/11/2026 đến 31/12/2026"),
    ("FREQ=WEEKLY;COUNT=10", "thứ Hai hằng tuần lúc 9:00" + TEN),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO,WE;COUNT=10", "thứ Hai, thứ Tư và Chủ nhật, 2 tuần một lần lúc 9:00" + TEN),
    ("FREQ=DAILY;COUNT=10", "hằng ngày lúc 9:00" + TEN),
    ("FREQ=DAILY;INTERVAL=3;BYHOUR=15,9;COUNT=10", "3 ngày một lần lúc 9:00 và 15:00" + TEN),
    ("FREQ=HOURLY;INTERVAL=4;COUNT=10", "4 giờ một lần tính từ 9:00" + TEN),
    ("FREQ=MONTHLY;COUNT=10", "ngày 30 hằng tháng lúc 9:00" + TEN),
    ("FREQ=MONTHLY;BYMONTHDAY=-1,15,1;COUNT=10", "ngày 1, ngày 15 và ngày cuối cùng hằng tháng lúc 9:00" + TEN),
    ("FREQ=MONTHLY;BYDAY=+1MO,-1FR;COUNT=10", "thứ Hai đầu tiên và thứ Sáu cuối cùng hằng tháng lúc 9:00" + TEN),
    ("FREQ=YEARLY;COUNT=10", "ngày 30/11 hằng năm lúc 9:00" + TEN),
    ("FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=2;COUNT=10", "ngày 2/9 hằng năm lúc 9:00" + TEN),
]
ODD = [
    "FREQ=MONTHLY;BYDAY=MO;COUNT=10", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1;COUNT=10", "FREQ=MONTHLY;BYMONTHDAY=-2;COUNT=9",
    "FREQ=WEEKLY;INTERVAL=2;WKST=SU;COUNT=10", "FREQ=YEARLY;BYMONTHDAY=2;COUNT=10", "FREQ=YEARLY;BYMONTH=1,2;COUNT=10",
    "FREQ=DAILY;BYDAY=MO;COUNT=10", "FREQ=DAILY;BYHOUR=8,9,10,11,12;COUNT=10", "FREQ=HOURLY;BYHOUR=8;COUNT=10",
]  # fmt: skip


@pytest.mark.parametrize(("rule", "words"), RULES)
def test_a_rule_reads_as_people_say_it(rule: str, words: str) -> None:
    assert in_words(Timing(at=START, rule=rule)) == words + HOURS


@pytest.mark.parametrize("rule", ODD)
def test_a_rule_without_plain_words_is_named(rule: str) -> None:
    assert in_words(Timing(at=START, rule=rule)) == f"theo quy tắc “{rule}” kể từ 9:00 ngày 30/11/2026{HOURS}"


def test_a_broken_rule_is_named_too() -> None:
    assert in_words(Timing(rule="xin")) == f"theo quy tắc “xin”{HOURS}"

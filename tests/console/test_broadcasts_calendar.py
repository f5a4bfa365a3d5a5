"""The list and the calendar: what went out, what is set, and the slots to come of what recurs."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.console.forms.repeating import choices_of, rule_from
from bot.services.broadcasting.calendar import MOST, by_day
from bot.services.broadcasting.drafting import Draft
from bot.services.broadcasting.hours import HANOI
from bot.services.broadcasting.model import Body, Broadcast, Policy, Timing
from bot.services.broadcasting.recurrence import WEEKDAYS, rule_of
from tests.console.composing import drafted, text_of
from tests.console.office import Console
from tests.services.office import DRAFT

START = datetime(2026, 12, 7, 9, tzinfo=HANOI)
FIRST, LAST = datetime(2026, 12, 1, tzinfo=HANOI), datetime(2027, 1, 1, tzinfo=HANOI)


def broadcast(**columns: object) -> Broadcast:
    empty = dict.fromkeys(Broadcast.__slots__, None)
    usual = {"id": 1, "name": "Thử", "state": "scheduled", "body": Body(), "timing": Timing(), "policy": Policy()}
    return Broadcast(**{**empty, **usual, **columns})  # type: ignore[arg-type]


def test_a_recurring_one_stands_on_every_day_to_come() -> None:
    weekly = broadcast(timing=Timing(START, "FREQ=WEEKLY;BYDAY=MO;COUNT=9"))
    days = by_day([weekly], FIRST, LAST, START + timedelta(hours=1))
    assert list(days) == [date(2026, 12, 14), date(2026, 12, 21), date(2026, 12, 28)]


def test_what_began_stands_on_the_day_that_it_began() -> None:
    late = datetime(2026, 12, 8, 0, 30, tzinfo=HANOI)  # still the day before in UTC
    [(day, [entry])] = by_day([broadcast(started_at=late, due_at=START)], FIRST, LAST, LAST).items()
    assert (day, entry.kind) == (date(2026, 12, 8), "began")


@given(st.sampled_from(["FREQ=HOURLY;COUNT=999", "FREQ=DAILY;COUNT=40", "FREQ=MONTHLY;COUNT=3", "FREQ=SOMETIMES"]))
def test_every_entry_lies_within_and_is_a_slot_of_its_rule(rule: str) -> None:
    one = broadcast(timing=Timing(START, rule))
    entries = [entry for found in by_day([one], FIRST, LAST, FIRST).values() for entry in found]
    assert len(entries) <= MOST
    if entries:
        slots = set(rule_of(one.timing).slots())
        assert all(FIRST <= entry.at < LAST and entry.at in slots for entry in entries)


_ENDS = st.one_of(
    st.integers(1, 500).map(lambda count: {"ends": "count", "count": str(count)}),
    st.dates(date(2026, 1, 1), date(2035, 1, 1)).map(lambda day: {"ends": "until", "until": day.isoformat()}),
)


@given(
    st.sampled_from(["daily", "weekly", "monthly"]), st.integers(1, 9), st.sets(st.sampled_from(WEEKDAYS)),
    st.sampled_from(["", "-1", "1", "31"]), _ENDS,
)  # fmt: skip
def test_what_is_chosen_in_plain_words_comes_back_as_it_was(
    repeat: str, every: int, days: set[str], month_day: str, ends: dict[str, str]
) -> None:
    chosen = {"repeat": repeat, "every": str(every), "month_day": month_day, **ends}
    rule = rule_from(chosen, tuple(days))
    fields, shown = choices_of(rule)
    assert rule_from(fields, shown) == rule
    assert set(shown) == (days if repeat == "weekly" else set())
    rule_of(Timing(START, rule))  # and the service understands it


@pytest.mark.parametrize("rule", ["FREQ=MONTHLY;BYDAY=1MO;COUNT=3", "FREQ=HOURLY;COUNT=2", "odd", "FREQ=DAILY;UNTIL=x"])
def test_a_rule_without_plain_words_is_kept_as_it_was_written(rule: str) -> None:
    fields, days = choices_of(rule)
    assert rule_from(fields, days) == rule


async def test_the_month_shows_them_and_others_are_a_click_away(console: Console) -> None:
    monthly = Draft("Tin hằng tuần", DRAFT.body, DRAFT.segment, Timing(START, "FREQ=WEEKLY;COUNT=3"))
    await drafted(console, monthly)
    one = await drafted(console, replace(DRAFT, name="Tin đầu tháng", timing=Timing(START.replace(day=2))))
    page = await console.get("/broadcasts/calendar?month=2026-12", "xem")
    assert page.text.count("Tin hằng tuần") == 3
    assert f'href="/console/broadcasts/{one.id}"' in page.text
    assert "month=2026-11" in page.text
    assert "month=2027-01" in page.text
    for odd in ("2026-13", "x", "9999-99", "", "²026-01"):
        assert "Tháng 11/2026" in text_of(await console.get(f"/broadcasts/calendar?month={odd}", "xem"))


async def test_the_list_is_sorted_into_states_and_pages(console: Console) -> None:
    for number in range(28):
        await drafted(console, replace(DRAFT, name=f"Đợt thứ {number}"))
    await console.office.desk.submit(28, "an")
    first = await console.get("/broadcasts", "xem")
    assert first.text.count('<th scope="row">') == 25
    assert "before=4" in first.text
    older = text_of(await console.get("/broadcasts?before=4", "xem"))
    assert all(f"Đợt thứ {number}" in older for number in (0, 1, 2))
    waiting = text_of(await console.get("/broadcasts?state=submitted", "xem"))
    assert ("Đợt thứ 27" in waiting, "Đợt thứ 26" in waiting) == (True, False)
    assert "Không có đợt gửi nào ở tình trạng này" in (await console.get("/broadcasts?state=done", "xem")).text

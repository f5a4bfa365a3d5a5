"""The facts that a broadcast rests on, and what happens to them while it may still go out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.engine.content import Fact, Message, Version
from bot.engine.segments import names_of, parse
from bot.engine.state import Library
from bot.services.broadcasting.claims import changes_within, claims_of
from bot.services.broadcasting.followup import first_slot, follow_up
from tests.shipped import shipped

TODAY, YEARS_END, REVIEW = date(2026, 11, 23), date(2026, 12, 31), date(2027, 3, 31)
OLD = Version(date(2022, 1, 1), YEARS_END, "say", "Nghị định 1", "Điều 3")
NEW = Version(date(2027, 1, 1), None, "confirm", "Nghị định 2")
FACT = Fact("chuan", "Chuẩn nghèo", (OLD, NEW), TODAY, REVIEW, "A")
MESSAGE = Message("m", "Chuẩn là …", ("I",), "m", ("chuan",))
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def library(fact: Fact = FACT) -> Library:
    return replace(shipped(), facts={fact.id: fact})


def test_a_fact_is_told_with_its_law_and_the_last_day_of_its_words() -> None:
    [old] = claims_of(library(), [MESSAGE, replace(MESSAGE, id="n")], TODAY)
    assert (old.about, old.law, old.until, old.needs_confirming) == (
        "Chuẩn nghèo", "Nghị định 1, Điều 3", YEARS_END, False
    )  # fmt: skip
    [new] = claims_of(library(), [MESSAGE], date(2027, 1, 1))
    assert (new.law, new.until, new.needs_confirming) == ("Nghị định 2", REVIEW, True)
    [ahead] = claims_of(library(), [replace(MESSAGE, as_of=date(2027, 1, 1))], TODAY)
    assert (ahead.law, ahead.until) == ("Nghị định 2", REVIEW)


def changes(last: date, message: Message = MESSAGE, fact: Fact = FACT) -> list[str]:
    return changes_within(library(fact), [message], TODAY, last)


@pytest.mark.parametrize(
    ("message", "fact", "last", "day", "words"),
    [
        (MESSAGE, FACT, date(2027, 1, 1), "01/01/2027", "con số mới"),
        (MESSAGE, FACT, REVIEW + timedelta(1), "01/04/2027", "không nói được nữa"),
        (MESSAGE, replace(FACT, versions=(OLD,)), date(2027, 1, 1), "01/01/2027", "không nói được nữa"),
        (replace(MESSAGE, until=TODAY), FACT, date(2026, 11, 24), "24/11/2026", "hết mùa"),
    ],
)
def test_what_changes_before_the_last_day_is_told_with_its_first_day(
    message: Message, fact: Fact, last: date, day: str, words: str
) -> None:
    assert changes(last - timedelta(1), message, fact) == [] or words == "không nói được nữa"
    [line] = changes(last, message, fact)
    assert day in line
    assert words in line


def test_nothing_changes_within_the_same_words() -> None:
    assert changes(YEARS_END) == []
    assert changes(REVIEW, replace(MESSAGE, as_of=date(2027, 1, 1))) == []


def test_a_follow_up_is_a_query_like_any_other() -> None:
    names = names_of(shipped())
    dialog = next(d for d in shipped().dialogs.values() if any(hasattr(n, "ask") for n in d.nodes.values()))
    node = next(name for name, node in dialog.nodes.items() if hasattr(node, "ask"))
    for query in (follow_up(dialog.id, 3), follow_up(dialog.id, 3, f"{dialog.id}.{node}")):
        assert str(parse(query, names)) == query
    assert "khong" in query


def test_a_follow_up_begins_on_the_next_morning() -> None:
    nine = datetime(2026, 11, 23, 9, tzinfo=HANOI)
    assert first_slot(nine - timedelta(minutes=1)) == nine
    assert first_slot(nine) == nine + timedelta(days=1)

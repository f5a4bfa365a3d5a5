"""The shipped dialogs under random people: nothing breaks, nobody meets silence, nothing said is unfinished."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.engine.events import Chose, Said
from bot.engine.model import AskChoice
from bot.messages import Kind
from tests.engine.household import TODAY, Household
from tests.engine.wanderer import DAYS, MOVES, PEOPLE, Move, Wanderer, check
from tests.shipped import shipped

STARTS = ["", *sorted(shipped().dialogs)]


@settings(max_examples=250, deadline=None)
@given(start=st.sampled_from(STARTS), fields=PEOPLE, today=DAYS, moves=st.lists(MOVES, min_size=30, max_size=30))
def test_no_conversation_breaks_or_falls_silent(
    start: str, fields: Mapping[str, str], today: date, moves: list[Move]
) -> None:
    person = Wanderer(shipped(), fields, today)
    for move in [Move("start", text=start), *moves]:
        person.do(move)


@settings(max_examples=60, deadline=None)
@given(
    start=st.sampled_from(STARTS), fields=PEOPLE, moves=st.lists(MOVES, max_size=10), days=st.lists(DAYS, min_size=11)
)
def test_days_may_pass_between_any_two_turns(
    start: str, fields: Mapping[str, str], moves: list[Move], days: list[date]
) -> None:
    person = Wanderer(shipped(), fields, days[0])
    for move, today in zip([Move("start", text=start), *moves], days, strict=False):
        person.today = today
        person.do(move)


@settings(max_examples=100, deadline=None)
@given(start=st.sampled_from(STARTS), fields=PEOPLE, moves=st.lists(MOVES, max_size=12), pick=st.integers(0, 20))
@example(start="nguy-cap", fields={}, moves=[], pick=4)  # "0" was taken for words of somebody in danger
def test_a_number_typed_and_the_button_with_that_number_mean_the_same(
    start: str, fields: Mapping[str, str], moves: list[Move], pick: int
) -> None:
    person = Wanderer(shipped(), fields, TODAY)
    for move in [Move("start", text=start), *moves]:
        person.do(move)
    if not person.labels:
        return
    number = person.labels[pick % len(person.labels)].split(".")[0]
    if not number.isdigit():
        return
    stored, before, shown = person.stored, person.person, person.shown
    person.tap(pick % len(person.labels) + 1)
    tapped, chosen, after = person.at, person.all(Chose), person.person
    person.stored, person.person, person.shown = stored, before, shown
    person.say(number)
    assert (person.at, person.all(Chose), person.person) == (tapped, chosen, after)


@pytest.mark.parametrize("kind", ["ngheo", "can-ngheo", "moi-thoat", "khac", ""])
@pytest.mark.parametrize("today", [TODAY, date(2027, 1, 1)], ids=str)
def test_every_choice_of_every_shipped_question_leads_somewhere(kind: str, today: date) -> None:
    """Each option of each question, from a session that stands at that question."""
    for dialog in shipped().dialogs.values():
        for node in dialog.nodes.values():
            if isinstance(node, AskChoice):
                for option in node.options:
                    person = Household(shipped(), {"ho": kind} if kind else {}, today)
                    if not option.when.holds(person.person.fields):
                        continue
                    person.stored = f'{{"dialog":"{dialog.id}","node":"{node.id}","digest":"{node.digest}","seq":1}}'
                    person.send(Kind.TAP, tap=f"1.{option.token}")
                    assert person.all(Chose), (dialog.id, node.id, option.id)
                    assert person.all(Said), (dialog.id, node.id, option.id)
                    check(shipped(), person.sprint)

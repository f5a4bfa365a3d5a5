"""Buttons old and forged, dialogs edited meanwhile, loops and calls: nobody is stranded."""

from __future__ import annotations

from typing import get_args

import pytest

from bot.engine.events import (
    Chose,
    Ended,
    HandedOff,
    Said,
    Silent,
    StopChanged,
    TopicChanged,
)
from bot.engine.model import StopKind
from bot.engine.turn import DEPTH, MAX_HOPS, TRAIL
from bot.messages import Kind
from tests.engine.household import Household
from tests.engine.stage import (
    LIBRARY,
    LOAN,
    PHRASES,
    PLACES,
    SOURCES,
    STOP,
    WITHOUT_LOANS,
    at,
    at_loans,
    at_people,
    edited,
)
from tests.shipped import library_of

# Buttons


def test_a_tap_on_an_old_button_is_told_so_and_the_open_question_stands() -> None:
    person = at_loans()
    old = person.shown[0]
    person.say("hồ sơ").press(old)
    assert person.text == PHRASES["old-button"] + "\n\nCó giấy chưa?"
    assert person.at == ("vay", "ho-so")
    assert not person.all(Chose)


def test_a_second_tap_of_the_same_button_is_silent() -> None:
    person = at_loans()
    button = person.shown[1]
    after_first = person.press(button).stored
    assert person.press(button).all(Silent) == [Silent("second tap of a button that was already taken")]
    assert not person.all(Said)
    assert person.stored == after_first


@pytest.mark.parametrize(
    "forged", ["", ".", "menu", "ffff.menu", "2.00000000", "zz.menu", "2", "2.o1", "2.o0", "2.more.", "'; DROP TABLE",
               "٢.menu", "2." + "x" * 5000, "-1.menu", "2.xã Ba Vì"]
)  # fmt: skip
@pytest.mark.parametrize("node", PLACES)
def test_a_forged_tap_changes_nothing(forged: str, node: str) -> None:
    person = at(node)
    before, here = person.person, person.at
    person.send(Kind.TAP, tap=forged)
    assert PHRASES["old-button"] in person.text
    assert (person.person, person.at) == (before, here)
    assert len(person.stored) < 500


def test_the_menu_button_of_the_ways_out_works_only_while_it_is_open() -> None:
    person = at_loans().start("nha").say("trời hôm nay đẹp")
    menu = person.shown[0]
    person.press(menu)
    assert person.press(menu).all(Silent)


# Dialogs that changed since they were asked


def test_a_question_that_changed_is_told_and_asked_again() -> None:
    person = at_loans()
    person.library = edited("Xem phần nào?", "Bà con xem phần nào?")
    person.say("1")
    assert person.has(Ended("vay", "changed"))
    assert person.text == PHRASES["changed"] + "\n\nBà con xem phần nào?"
    assert person.say("1").text.startswith("Vay được.")


def test_a_button_that_a_changed_question_still_has_is_taken() -> None:
    person = at_loans()
    person.library = edited("Xem phần nào?", "Bà con xem phần nào?")
    assert person.tap(2).at == ("vay", "ho-so")


def test_a_button_that_a_changed_question_has_no_more_is_told() -> None:
    person = at_loans()
    person.library = edited("      - {label: Hồ sơ, go: ho-so, set: {xem: ho-so}}\n", "")
    assert PHRASES["changed"] in person.tap(2).text
    assert person.at == ("vay", "hoi")


@pytest.mark.parametrize("answer", ["1", "xin chào mọi người", "vay vốn", "menu"])
def test_a_question_that_is_gone_leads_on_to_the_menu(answer: str) -> None:
    person = at_people()
    person.library = edited("go: nguoi}", "go: muc}", LOAN.replace("nguoi: {ask", "nguoi-moi: {ask"))
    person.say(answer)
    assert person.at == ("menu", "hoi")
    assert answer == "menu" or PHRASES["gone"] in person.text


@pytest.mark.parametrize("kind", [Kind.TAP, Kind.STICKER, Kind.CONTACT, Kind.EDITED])
def test_a_dialog_that_is_gone_leads_on_to_the_menu_whatever_is_sent(kind: Kind) -> None:
    person = at_loans()
    person.library = library_of(WITHOUT_LOANS)
    person.send(kind, tap=person.shown[0].id)
    assert person.text or person.all(Silent)
    assert person.say("menu").at == ("menu", "hoi")


def test_a_caller_that_is_gone_is_told_when_it_is_to_go_on() -> None:
    person = Household(LIBRARY, {"da-chao": ""}).start("vay").say("1")
    person.library = library_of(WITHOUT_LOANS)
    person.say("Mai")
    assert person.has(Ended("vay", "gone"))
    assert person.at == ("menu", "hoi")


@pytest.mark.parametrize(
    "stored",
    [
        "{}",
        '{"dialog":5,"node":[],"stack":"x","trail":[1,["a"]],"seq":-3,"offers":{"a":1}}',
        '{"dialog":"vay","node":"hoi","trail":[["vay","hoi"]],"stack":[["x","y"]]}',
        '{"neu":1,"dialog":"nope","node":"nope"}',
    ],
)
def test_a_stored_session_of_any_shape_is_lived_with(stored: str) -> None:
    person = Household(LIBRARY)
    for answer in ("1", "quay lại", "menu"):
        person.stored = stored
        assert person.say(answer).text
    assert person.at == ("menu", "hoi")


# Loops, calls, effects


def test_a_dialog_that_loops_is_ended_and_leads_to_the_menu() -> None:
    loop = "{dialog: vay, title: Vay, nodes: {a: {set: {x: '1'}, next: b}, b: {set: {x: ''}, next: a}}}"
    person = Household(library_of(SOURCES | {"vay": loop})).start("vay")
    assert person.has(Ended("vay", "loop"))
    assert PHRASES["loop"] in person.text
    assert person.at == ("menu", "hoi")


def test_a_menu_that_loops_as_well_ends_at_rest() -> None:
    loop = "{{dialog: {0}, title: {0}, nodes: {{a: {{set: {{x: '1'}}, next: b}}, b: {{set: {{x: ''}}, next: a}}}}}}"
    person = Household(library_of({name: loop.format(name) for name in ("vay", "menu", "nha")})).start("vay")
    assert person.at == ("", "")
    assert len(person.sprint.events) < 4 * MAX_HOPS
    assert person.text


def test_dialogs_that_call_each_other_without_end_stay_small() -> None:
    again = "{dialog: nha, title: Nhà, nodes: {a: {ask: Nữa?, choices: [{label: Ừ, go: b}]}, b: {call: nha, next: a}}}"
    person = Household(library_of(SOURCES | {"nha": again})).start("nha")
    for _ in range(50):
        person.say("1")
    assert person.at == ("nha", "a")
    assert len(person.sprint.session.stack) <= DEPTH
    assert len(person.sprint.session.trail) <= TRAIL
    assert len(person.stored.encode()) < 2048


def test_effects_are_reported_and_the_dialog_goes_on() -> None:
    person = at_loans()
    assert person.say("nhận tin").has(TopicChanged("vay", True))
    assert person.say("gặp người").has(HandedOff("vay"))
    assert person.at == ("vay", "hoi")


@pytest.mark.parametrize("kind", get_args(StopKind))
def test_every_way_of_stopping_is_reported(kind: str) -> None:
    person = Household(library_of(SOURCES | {"dung": STOP.replace("stop: broadcasts", f"stop: {kind}")})).say("dừng")
    assert person.has(StopChanged(kind))
    assert "Đã dừng." in person.text


def test_somebody_who_would_hear_nothing_gets_the_menu() -> None:
    silent = library_of(SOURCES | {"nha": "{dialog: nha, title: Nhà, nodes: {a: {end: true}}}"})
    assert Household(silent).start("nha").at == ("menu", "hoi")

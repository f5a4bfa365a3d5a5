"""While an officer answers: whose a typed answer is, and what outranks everything."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.engine.events import Chose, Commanded, Routed, Said, Silent, StopChanged, Typed
from bot.engine.held import FOR_OFFICER, given_back, interrupted
from bot.engine.state import Context, Person, Session, Sprint
from bot.engine.step import advance
from bot.messages import Address, Incoming, Kind
from tests.shipped import library_of, shipped

LIBRARY = library_of({
    "menu": """
dialog: menu
title: Trang chính
nodes:
  hoi: {ask: Chuyện gì?, choices: [{label: Vay vốn, go: vay}, {label: Học nghề, go: tuoi}]}
  vay: {ask: Tên là gì?, type: text, field: ten, low: 1, high: 50, give_up: hoi, next: hoi}
  tuoi: {ask: Bao nhiêu tuổi?, type: number, field: tuoi, low: 1, high: 120, give_up: hoi, next: hoi}
""",
    "dung": """
dialog: dung
title: Dừng
nodes:
  bot: {stop: broadcasts, next: het}
  het: {end: true}
""",
})  # fmt: skip
HELD = Context(Person({"da-chao": "1"}), date(2026, 11, 23), held=True)


def heard(session: Session, text: str = "", **more: object) -> Sprint:
    return advance(LIBRARY, session, Incoming(Address("fake", "1"), "1", text=text, **more), HELD)  # type: ignore[arg-type]


def at(question: str) -> Session:
    """Somebody to whom the bot put *question* of its own, after the officer's last word."""
    asked = heard(Session(), "menu").session
    return asked if question == "hoi" else heard(asked, {"vay": "1", "tuoi": "2"}[question]).session


def is_left(sprint: Sprint) -> bool:
    return sprint.events[-1:] == (Silent(FOR_OFFICER),) and not any(isinstance(e, Said) for e in sprint.events)


@pytest.mark.parametrize("question", ["hoi", "tuoi"])
@pytest.mark.parametrize("words", ["cháu nó thích đi học", "vay vốn thì sao ạ", "vâng", "?"])
def test_free_words_are_left_to_the_officer(question: str, words: str) -> None:
    before = at(question)
    sprint = heard(before, words)
    assert (is_left(sprint), sprint.session) == (True, before)


def test_a_question_opened_since_takes_what_fits_it() -> None:
    assert any(isinstance(event, Chose) for event in heard(at("hoi"), "Vay vốn").events)
    assert any(isinstance(event, Typed) for event in heard(at("tuoi"), "40").events)
    assert any(isinstance(event, Typed) for event in heard(at("vay"), "Mai").events)


@pytest.mark.parametrize(("question", "words"), [("hoi", "1"), ("hoi", "Vay vốn"), ("tuoi", "40"), ("vay", "Mai")])
def test_after_the_officers_words_typed_answers_are_the_officers(question: str, words: str) -> None:
    assert is_left(heard(interrupted(at(question)), words))


def test_a_button_still_answers_and_a_new_question_is_the_bots_again() -> None:
    before = interrupted(at("hoi"))
    tap = next(e for e in heard(Session(), "menu").events if isinstance(e, Said)).choices[0].id
    after = heard(before, kind=Kind.TAP, tap=tap)
    assert any(isinstance(event, Chose) for event in after.events)
    assert not after.session.interrupted


def test_topics_that_the_bot_offered_are_still_picked() -> None:
    offering = replace(at("hoi"), offers=("/menu", "/dung"), words="gì đó")
    assert Routed("dung") in heard(offering, "2").events
    assert is_left(heard(offering, "cháu nó thích đi học"))
    assert is_left(heard(interrupted(offering), "2"))


@pytest.mark.parametrize("session", [Session(), at("hoi"), interrupted(at("vay"))])
def test_a_stop_outranks_everything(session: Session) -> None:
    events = heard(session, "dừng").events
    assert Commanded("stop") in events
    assert StopChanged("broadcasts") in events


@pytest.mark.parametrize("kind", [Kind.PHOTO, Kind.VOICE, Kind.STICKER, Kind.EDITED, Kind.LOCATION])
def test_what_is_no_text_is_left_to_the_officer_as_well(kind: Kind) -> None:
    assert is_left(heard(at("hoi"), kind=kind, text="sửa lại" if kind is Kind.EDITED else ""))


def test_giving_back_says_so_and_leaves_nothing_open() -> None:
    sprint = given_back(shipped(), interrupted(at("vay")), HELD)
    [said] = [event for event in sprint.events if isinstance(event, Said)]
    assert "Cán bộ đã trả lời xong" in said.text
    assert [choice.label for choice in said.choices] == ["Trang chính", "Gặp cán bộ"]
    assert (sprint.session.node, sprint.session.interrupted) == ("", 0)
    assert said.choices[0].id.startswith(f"{sprint.session.seq:x}.")


@given(st.lists(st.sampled_from(["menu", "1", "2", "40", "xyz", "quay lại", "dừng", "nhắc lại", "0"]), max_size=12))
def test_no_conversation_with_an_officer_strands_the_bot(words: list[str]) -> None:
    """Whatever is typed, with the officer writing in between: every turn says something or is left; menu gets out."""
    session = Session()
    for number, each in enumerate(words):
        sprint = heard(session, each)
        assert any(isinstance(event, (Said, Silent)) for event in sprint.events)
        session = interrupted(sprint.session) if number % 3 == 2 else sprint.session
        session = Session.from_dict(session.to_dict())
    out = heard(session, "menu")
    assert (out.session.dialog, out.session.node) == ("menu", "hoi")

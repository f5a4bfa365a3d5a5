"""Which of several topics was meant: asked with numbers, answered by number, label, button or plain words."""

from __future__ import annotations

import json

import pytest

from bot.engine.events import NotUnderstood, Routed, Said
from bot.engine.state import Session
from bot.messages import Kind
from tests.engine.household import Household
from tests.engine.stage import PHRASES, TWO, at_loans

NONE = PHRASES["none-of-these"]
BACK = "Quay lại: Vay vốn"


def asked(*offers: str, person: Household | None = None, words: str = "lời đã gõ") -> Household:
    """Somebody who was asked which of the topics they meant, at the question where *person* stands."""
    person = person or at_loans(TWO)
    stored = Session.from_dict(json.loads(person.stored)).to_dict() | {"offers": offers, "words": words, "misses": 1}
    return person.put(Session.from_dict(stored))


@pytest.mark.parametrize("answer", ["2", "số 2", "Học nghề", "hoc nghe", "nghề", "2. Học nghề"])
def test_a_topic_on_offer_is_picked_by_number_or_words(answer: str) -> None:
    person = asked("/nha", "/nghe").say(answer)
    assert person.at == ("nghe", "hoi")
    assert person.has(Routed("nghe"))
    assert person.labels[-1] == BACK


def test_a_topic_on_offer_is_picked_by_its_button() -> None:
    person = asked("/nha", "/nghe")
    seq = Session.from_dict(json.loads(person.stored)).seq
    assert person.send(Kind.TAP, tap=f"{seq:x}.o2").at == ("nghe", "hoi")


def test_a_single_topic_on_offer_is_picked_by_yes() -> None:
    assert asked("/nghe").say("đúng rồi").at == ("nghe", "hoi")
    assert asked("/nghe", "/nha").say("đúng rồi").at == ("vay", "hoi")


@pytest.mark.parametrize("answer", ["3", NONE, "không", "không phải"])
def test_none_of_these_goes_on_with_the_help_and_tells_what_was_typed(answer: str) -> None:
    person = asked("/nha", "/nghe").say(answer)
    assert person.all(NotUnderstood) == [NotUnderstood("lời đã gõ", 2)]
    assert person.at == ("vay", "hoi")
    assert person.labels[0] == "1. Mức vay"
    assert person.say("1").text.startswith("Vay được.")


@pytest.mark.parametrize("answer", ["thôi", "thôi ạ", "de sau nhe"])
def test_who_wants_none_of_them_now_is_left_alone(answer: str) -> None:
    for person in (asked("+nha", "+nghe", person=Household(TWO).start()), asked("/nha", "/nghe")):
        person.say(answer)
        assert person.text == PHRASES["as-you-like"]
        assert not person.all(NotUnderstood)


def test_what_was_told_as_not_understood_is_not_told_twice() -> None:
    person = asked("/nha", "/nghe", words="").say("3")
    assert not person.all(NotUnderstood)
    assert PHRASES["miss-2"] in person.text


def test_while_topics_are_offered_numbers_are_theirs_and_words_still_choose() -> None:
    assert asked("/nha", "/nghe").say("5").all(NotUnderstood)
    assert asked("/nha", "/nghe").say("Hồ sơ").at == ("vay", "ho-so")
    assert asked("/nha", "/nghe").say("menu").at == ("menu", "hoi")
    assert asked("/nha", "/nghe").say("dừng").at == ("dung", "b")


def test_of_two_wishes_the_other_waits_under_the_first() -> None:
    person = asked("+vay", "+nghe", person=Household(TWO).start()).say("1")
    assert person.at == ("vay", "hoi")
    assert person.labels[-1] == "Xem tiếp: Học nghề"
    person.say("2")
    assert person.tap(len(person.labels)).at == ("nghe", "hoi")
    assert person.labels[-1] == BACK


def test_topics_are_offered_at_rest_as_well() -> None:
    person = asked("/vay", "/nghe", person=Household(TWO).start("nha"))
    assert person.say("2").at == ("nghe", "hoi")
    assert not [label for label in person.labels if label.startswith("Quay lại")]
    person = asked("/vay", "/nghe", person=Household(TWO).start("nha")).say("3")
    assert person.has(NotUnderstood("lời đã gõ", 2))
    assert person.at == ("menu", "hoi")


@pytest.mark.parametrize("offers", [("/khong-co",), ("",), ("/",), ("+", "+x"), ("khong-co",)])
def test_an_offer_of_what_is_gone_strands_nobody(offers: tuple[str, ...]) -> None:
    for answer in ("1", "2", "0", "không", "nhà ở"):
        assert asked(*offers).say(answer).all(Said), answer

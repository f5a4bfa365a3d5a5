"""Everything that is not words gets one considered reply, or a silence with its reason."""

from __future__ import annotations

import json

import pytest

from bot.engine.events import (
    FieldChanged,
    Said,
    Silent,
    StopChanged,
)
from bot.engine.state import Session
from bot.messages import Kind
from tests.engine.stage import PHRASES, at_loans, at_people

# Everything that is not words


ASIDES = {
    Kind.STICKER: "sticker", Kind.PHOTO: "photo", Kind.VOICE: "voice", Kind.VIDEO: "video", Kind.FILE: "file",
    Kind.LOCATION: "location-unasked", Kind.POLL: "poll", Kind.OTHER: "other", Kind.EDITED: "edited",
    Kind.CONTACT: "contact-other",
}  # fmt: skip
SILENT = {Kind.REACTION, Kind.BLOCKED, Kind.UNBLOCKED}


def test_every_kind_is_provided_for() -> None:
    assert set(Kind) == {*ASIDES, *SILENT, Kind.TEXT, Kind.TAP, Kind.START, Kind.INVITED, Kind.WITHDRAWN}


@pytest.mark.parametrize("kind", ASIDES)
def test_what_is_no_answer_gets_one_considered_reply_and_the_question_again(kind: Kind) -> None:
    for person, question in ((at_loans(), "Xem phần nào?"), (at_people(), "Mấy người?")):
        here = person.at
        person.send(kind)
        assert person.text == f"{PHRASES[ASIDES[kind]]}\n\n{question}"
        assert person.at == here
        assert len(person.all(Said)) == 1


@pytest.mark.parametrize("kind", ASIDES)
def test_at_rest_it_is_answered_with_the_ways_out(kind: Kind) -> None:
    person = at_loans().start("nha").send(kind)
    if kind is Kind.EDITED:
        assert person.all(Silent) == [Silent("an edit of an earlier message while nothing is asked")]
    else:
        assert person.text == PHRASES[ASIDES[kind]]
        assert len(person.labels) == 2


@pytest.mark.parametrize("kind", sorted(SILENT))
def test_some_kinds_are_noted_in_silence(kind: Kind) -> None:
    person = at_loans()
    before = person.stored
    person.send(kind)
    assert person.all(Silent) == [Silent(kind.value)]
    assert not person.all(Said)
    assert person.stored == before


@pytest.mark.parametrize("kind", [Kind.PHOTO, Kind.VIDEO, Kind.FILE])
def test_a_caption_counts_as_words(kind: Kind) -> None:
    assert at_loans().send(kind, "hồ sơ").at == ("vay", "ho-so")


def test_an_edited_message_is_never_an_answer() -> None:
    person = at_loans().send(Kind.EDITED, "hồ sơ")
    assert person.at == ("vay", "hoi")


def test_an_empty_message_is_answered() -> None:
    assert PHRASES["other"] in at_loans().say("   ").text


def test_ones_own_card_answers_the_question_for_a_phone_number() -> None:
    person = at_loans().say("điện thoại")
    assert person.all(Said)[-1].asks_phone
    assert person.send(Kind.CONTACT, phone="+84912345678").has(FieldChanged("sdt", "0912345678"))
    assert person.at == ("vay", "hoi")


def test_ones_own_card_is_kept_also_when_nobody_asked() -> None:
    person = at_loans().send(Kind.CONTACT, phone="+84 912 345 678")
    assert person.has(FieldChanged("dien-thoai", "0912345678"))
    assert PHRASES["contact-thanks"] in person.text


def test_somebody_elses_card_is_not_kept() -> None:
    person = at_loans().say("điện thoại")
    before = person.person
    assert PHRASES["contact-other"] in person.send(Kind.CONTACT).text
    assert person.person == before


def test_a_place_with_a_name_answers_the_question_for_the_commune() -> None:
    person = at_loans().say("nơi ở").send(Kind.LOCATION, "Chợ Nhông, Tản Lĩnh, Ba Vì, Hà Nội")
    assert person.has(FieldChanged("xa", "09694"))
    assert person.at == ("vay", "hoi")


def test_a_place_that_may_be_in_several_communes_is_asked_for() -> None:
    person = at_loans().say("nơi ở").send(Kind.LOCATION, "huyện Ba Vì, Hà Nội")
    assert person.text == PHRASES["commune-which"]
    assert person.say("1").at == ("vay", "hoi")


@pytest.mark.parametrize("address", ["", "UBND, -", "Chợ, Thôn 5, Hà Nội", ",,,"])
def test_a_place_without_a_commune_is_asked_for_by_name(address: str) -> None:
    assert PHRASES["location"] in at_loans().say("nơi ở").send(Kind.LOCATION, address).text


def test_a_place_that_nobody_asked_for_is_answered_and_not_noted_down() -> None:
    person = at_loans()
    before = person.person
    assert "giấy tờ hỏi UBND xã Suối Hai" in person.send(Kind.LOCATION, "Chợ Nhông, Tản Lĩnh, Ba Vì").text
    assert person.at == ("vay", "hoi")
    assert person.person == before


def test_the_same_turn_gives_the_same_sprint() -> None:
    one, other = at_loans().say("2"), at_loans().say("2")
    assert one.sprint == other.sprint
    assert Session.from_dict(json.loads(one.stored)) == one.sprint.session


def test_who_withdraws_at_the_platform_is_forgotten_without_a_word() -> None:
    person = at_loans().send(Kind.WITHDRAWN)
    assert person.all(StopChanged) == [StopChanged("forget")]
    assert not person.all(Said)
    assert json.loads(person.stored).get("dialog", "") == ""

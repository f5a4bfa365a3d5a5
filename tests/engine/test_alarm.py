"""A cry for help: what is said to it, at any question and in any kind of message, and how the conversation goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.engine.alarm import LISTENS
from bot.engine.content import lapses
from bot.engine.events import Alarmed, Chose, Entered, FieldChanged, HandedOff, NotUnderstood, Said, Silent
from bot.engine.model import WAITING, AskChoice
from bot.engine.state import Context, Person, Session
from bot.engine.step import advance
from bot.engine.walk import URGENT
from bot.messages import Address, Incoming, Kind
from tests.engine.household import Household
from tests.engine.stage import LIBRARY
from tests.shipped import shipped

NUMBERS = {
    "bao-luc": "113", "tre-em": "111", "bi-giu": "113", "tu-tu": "115", "cap-cuu": "115", "chay-lu": "114",
    "chung": "113",
}  # fmt: skip
CRIES = {
    "bao-luc": "chồng em đang cầm dao đuổi đánh em", "tre-em": "cháu bị bố dượng sờ vào chỗ kín, cháu sợ",
    "bi-giu": "em bị lừa bán sang Campuchia, họ nhốt em", "tu-tu": "tôi chỉ muốn chết cho xong, không thiết sống nữa",
    "cap-cuu": "mẹ tôi ngất xỉu, gọi không dậy", "chay-lu": "nhà tôi đang cháy to quá", "chung": "cứu tôi với",
}  # fmt: skip
CRY = CRIES["bao-luc"]
WAITS = [
    (dialog.id, node.id) for dialog in shipped().dialogs.values() for node in dialog.nodes.values()
    if isinstance(node, WAITING) and dialog.id != URGENT
]  # fmt: skip


def at_loans() -> Household:
    return Household(shipped(), {"ho": "ngheo"}).start("vay-von")


@pytest.mark.parametrize(("kind", "cry"), CRIES.items())
def test_the_number_for_this_danger_is_said_first_and_officers_are_told(kind: str, cry: str) -> None:
    person = at_loans().say(cry)
    assert person.sprint.events[:2] == (Alarmed(kind), Entered(URGENT))
    assert person.has(HandedOff(URGENT))
    [said] = person.all(Said)  # one message, however much stands in it
    assert said.message == f"{URGENT}.{kind}"
    assert NUMBERS[kind] in said.text


def test_every_kind_that_is_learnt_has_its_message_and_number() -> None:
    library = shipped()
    assert library.dangers is not None
    assert set(library.dangers.kinds.labels) == NUMBERS.keys()
    for kind, number in NUMBERS.items():
        assert kind in library.dialogs[URGENT].nodes
        assert number in Household(library).put(Session()).say(CRIES[kind]).text


@pytest.mark.parametrize("day", [date(year, month, 28) for year in range(2026, 2032) for month in (1, 6, 12)])
def test_no_number_to_call_is_ever_being_checked(day: date) -> None:
    """A claim that is overdue for review is not said: of these numbers that would cost more than an old one."""
    if day < date(2026, 11, 26):
        return
    for kind in NUMBERS:
        message = shipped().messages[f"{URGENT}.{kind}"]
        assert lapses(message, shipped().facts, day) == []


@pytest.mark.parametrize(("dialog", "node"), WAITS)
def test_it_comes_before_every_question_and_the_question_stays(dialog: str, node: str) -> None:
    """Wherever somebody is: the number, and behind it, once all is well, what was open before."""
    library = shipped()
    digest = library.dialogs[dialog].nodes[node].digest
    person = Household(library, {"ho": "ngheo", "xa": "00004"})
    person.put(Session(dialog=dialog, node=node, digest=digest, seq=7)).say(CRY)
    assert person.all(Alarmed) == [Alarmed("bao-luc")]
    assert person.at == (URGENT, "sau")
    person.say("Tôi không gặp nguy")
    assert (dialog, node) == person.at


def test_at_rest_nothing_was_open_and_the_next_question_is_answered() -> None:
    person = Household(shipped(), {"ho": "ngheo"}).put(Session()).say(CRY).say("Tôi không gặp nguy")
    assert person.at == ("", "")
    assert person.say("vay vốn").at[0] == "vay-von"


def test_who_was_never_greeted_is_helped_first() -> None:
    person = Household(shipped())
    person.person = Person()
    assert person.say(CRY).all(Alarmed)
    assert "113" in person.text


@pytest.mark.parametrize("kind", [Kind.PHOTO, Kind.VIDEO, Kind.FILE, Kind.VOICE, Kind.EDITED])
def test_a_caption_and_an_amended_message_are_heard_too(kind: Kind) -> None:
    assert at_loans().send(kind, CRY).all(Alarmed)


@pytest.mark.parametrize("kind", [Kind.START, Kind.LOCATION, Kind.REACTION, Kind.BLOCKED])
def test_what_holds_no_words_of_the_person_alarms_nobody(kind: Kind) -> None:
    assert not at_loans().send(kind, CRY).all(Alarmed)


def test_an_officer_who_answers_is_not_waited_for() -> None:
    session = at_loans().sprint.session
    held = Context(Person({"da-chao": "1"}), date(2026, 11, 26), held=True)
    events = advance(shipped(), session, Incoming(Address("fake", "1"), "1", text=CRY), held).events
    assert Alarmed("bao-luc") in events
    assert HandedOff(URGENT) in events
    assert not any(isinstance(event, Silent) for event in events)
    assert any("113" in event.text for event in events if isinstance(event, Said))


def test_who_stopped_all_messages_is_helped_all_the_same() -> None:
    stopped = Context(Person({"da-chao": "1"}, stop="all"), date(2026, 11, 26))
    events = advance(shipped(), Session(), Incoming(Address("fake", "1"), "1", text=CRY), stopped).events
    assert Alarmed("bao-luc") in events


def test_outside_office_hours_it_says_when_an_officer_reads_it() -> None:
    away = Context(Person({"da-chao": "1"}), date(2026, 11, 26), away={"vi": "lúc 8 giờ sáng mai"})
    events = advance(shipped(), Session(), Incoming(Address("fake", "1"), "1", text=CRY), away).events
    [said] = [event for event in events if isinstance(event, Said)]
    assert "lúc 8 giờ sáng mai" in said.text


def test_what_is_added_goes_to_the_officer_and_is_never_not_understood() -> None:
    person = at_loans().say(CRY)
    for words in ("số 5 ngõ 12 xóm Đình", "qwerty", "nhanh lên giúp em"):
        person.say(words)
        assert not person.all(NotUnderstood)
        assert person.has(HandedOff(URGENT)) or person.all(Alarmed)
        assert person.at == (URGENT, "sau")


def test_another_danger_gets_its_own_number_and_the_first_question_still_comes_back() -> None:
    person = at_loans().say(CRY).say(CRIES["cap-cuu"])
    assert "115" in person.text
    assert not person.all(Entered)  # it is one danger dialog, not one inside the other
    assert person.say("Tôi không gặp nguy").at == ("vay-von", "hoi")


def test_a_topic_asked_for_in_so_many_words_is_answered_after_a_false_alarm() -> None:
    assert at_loans().say(CRY).say("học nghề").at[0] == "hoc-nghe"


def test_the_label_of_a_choice_is_that_choice() -> None:
    person = Household(shipped(), {"ho": "ngheo"}).start("tro-giup-phap-ly")
    while not any("bị đánh" in label for label in person.labels):
        person.say("0")
    person.say("Đang bị đánh hay bị ép")
    assert person.all(Chose)
    assert "113" in person.text  # and there the number stands as well


def test_a_library_without_the_dialog_hands_over_and_asks_on() -> None:
    person = Household(LIBRARY).start("vay").say(CRY)
    assert person.has(Alarmed("bao-luc"))
    assert person.has(HandedOff(URGENT))
    assert person.at == ("vay", "hoi")


def test_a_library_that_learnt_nothing_alarms_nobody() -> None:
    assert not Household(replace(shipped(), dangers=None)).start("vay-von").say(CRY).all(Alarmed)


def test_nothing_of_it_is_kept_in_the_profile() -> None:
    person = at_loans().say(CRY).say("ở xóm Đình").say("Tôi không gặp nguy")
    assert not person.all(FieldChanged)
    assert set(person.person.fields) <= {"ho", "da-chao"}


def test_the_dialog_listens_and_can_be_chosen_from() -> None:
    dialog = shipped().dialogs[URGENT]
    assert LISTENS in dialog.nodes
    first = dialog.nodes[dialog.start]
    assert isinstance(first, AskChoice)
    assert {option.go.node for option in first.options} >= NUMBERS.keys() - {"chung"}

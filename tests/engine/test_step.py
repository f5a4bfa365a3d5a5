"""First contact and answers: by number, by word, by tap, in every spelling."""

from __future__ import annotations

import json

import pytest

from bot.engine.events import (
    Chose,
    Ended,
    Entered,
    FieldChanged,
    NotUnderstood,
    Said,
)
from bot.engine.state import Person
from bot.messages import Choice
from tests.engine.household import Household
from tests.engine.stage import LIBRARY, MENU, PHRASES, at_loans, at_people
from tests.shipped import library_of

# First contact


def test_a_stranger_is_greeted_and_then_led_to_the_menu() -> None:
    person = Household(LIBRARY, {"da-chao": ""}).start()
    assert person.at == ("chao", "a")
    assert person.has(FieldChanged("da-chao", "1"))
    assert person.say("vâng").at == ("hoi-ten", "ten")
    assert person.say("Mai").at == ("menu", "hoi")
    assert person.person.fields["ten"] == "Mai"


def test_a_deep_link_is_followed_after_the_greeting_and_its_source_kept() -> None:
    person = Household(LIBRARY, {"da-chao": ""}).start("vay__to-roi-ba-vi")
    assert person.has(Entered("chao", "to-roi-ba-vi"))
    assert person.say("1").say("bỏ qua").at == ("vay", "hoi")


def test_a_deep_link_leads_somebody_we_know_straight_there() -> None:
    assert at_loans().start("nha__poster").has(Entered("nha", "poster"))


def test_every_dialog_that_somebody_comes_to_is_said_to_begin_and_to_end() -> None:
    person = Household(LIBRARY, {"da-chao": ""}).start("vay")
    assert person.all(Entered) == [Entered("chao", "vay")]
    person.say("1").say("bỏ qua")
    assert person.all(Ended)[-1:] == [Ended("chao")]
    assert person.all(Entered)[-1:] == [Entered("vay")]
    way_on = {
        "menu": MENU, "nha": "{dialog: nha, title: Nhà ở, nodes: {a: {say: [{text: Nhà.}], next: /sua}}}",
        "sua": "{dialog: sua, title: Sửa, nodes: {a: {ask: Gì?, type: text, field: x, give_up: /menu, next: /menu}}}",
    }  # fmt: skip
    person = Household(library_of(way_on)).start().say("2")
    assert person.all(Entered) == [Entered("nha"), Entered("sua")]
    assert person.all(Ended) == [Ended("nha", "onward")]
    person.say("mái tôn")
    assert (person.all(Ended), person.all(Entered)) == ([Ended("sua", "onward")], [Entered("menu")])


def test_who_begins_twice_is_not_thrown_out_of_the_greeting() -> None:
    person = Household(LIBRARY, {"da-chao": ""}).start().start()
    assert person.at == ("chao", "a")
    assert person.say("1").start().at == ("hoi-ten", "ten")  # a dialog that the greeting called
    assert person.start("vay").at == ("vay", "hoi")


@pytest.mark.parametrize("payload", ["", "khong-co", "menu", "chao", "__x", "../../etc", "x" * 4000, "vay von"])
def test_a_strange_deep_link_leads_to_the_menu(payload: str) -> None:
    assert Household(LIBRARY).start(payload).at == ("menu", "hoi")


def test_a_first_word_that_names_a_topic_is_answered_at_once() -> None:
    person = Household(LIBRARY, {"da-chao": ""}).say("cho tôi vay tiền")
    assert person.at == ("vay", "hoi")
    assert person.say("menu").at == ("chao", "a")


def test_who_asked_who_we_are_is_not_greeted_again() -> None:
    person = Household(LIBRARY, {"da-chao": ""}).say("bạn là ai")
    person.say("1").say("bỏ qua")
    assert person.say("menu").at == ("menu", "hoi")


def test_who_stopped_everything_and_comes_back_is_told_how_to_take_it_up() -> None:
    person = Household(LIBRARY)
    person.person = Person(person.person.fields, stop="all")
    assert "nhận lại" in person.start().text


# Answers


@pytest.mark.parametrize("answer", ["2", "2.", "số 2", "cái thứ hai", "hồ sơ", "HO SO", "hồ sơ ạ", "2. Hồ sơ"])
def test_a_choice_may_be_numbered_or_typed(answer: str) -> None:
    person = at_loans().say(answer)
    assert person.has(Chose("vay", "hoi", "ho-so", "Hồ sơ"))
    assert person.has(FieldChanged("xem", "ho-so"))
    assert person.at == ("vay", "ho-so")


def test_a_choice_may_be_tapped() -> None:
    person = at_loans().tap(2)
    assert person.has(Chose("vay", "hoi", "ho-so", "Hồ sơ"))
    assert person.all(Said)[0].replaces


def test_an_answer_in_words_replaces_nothing() -> None:
    assert not any(said.replaces for said in at_loans().say("2").all(Said))


def test_a_choice_is_shown_and_counted_only_where_its_condition_holds() -> None:
    assert at_loans().labels == ["1. Mức vay", "2. Hồ sơ", "3. Nơi vay", "4. Nhận tin", "0. Xem thêm"]
    assert at_loans(ho="ngheo").labels == ["1. Mức vay", "2. Hồ sơ", "3. Nơi vay", "4. Chỉ hộ nghèo", "0. Xem thêm"]


@pytest.mark.parametrize("more", ["0", "0.", "số 0", "0. Xem thêm", "xem thêm", "xem them", "tiếp"])
def test_more_turns_the_page_and_numbers_go_on(more: str) -> None:
    person = at_loans().say(more)
    assert person.labels == ["5. Gặp người", "6. Số người", "7. Nơi ở", "8. Điện thoại", "0. Xem thêm"]
    assert person.say("6").at == ("vay", "nguoi")


def test_after_the_last_page_comes_the_first_and_a_button_turns_it_too() -> None:
    person = at_loans()
    first = person.labels
    assert person.tap(5).labels != first
    assert person.tap(5).labels == first


def test_a_number_from_another_page_counts_as_well() -> None:
    assert at_loans().say("6").at == ("vay", "nguoi")


@pytest.mark.parametrize(
    ("word", "node"),
    [("có", "hoi"), ("có ạ", "hoi"), ("vâng", "hoi"), ("ok", "hoi"), ("chưa", "tu-choi"), ("ko", "tu-choi")],
)
def test_yes_and_no_mean_the_one_choice_that_says_so(word: str, node: str) -> None:
    person = at_loans().say("hồ sơ").say(word)
    [chose] = person.all(Chose)
    assert chose.label == {"hoi": "Có rồi", "tu-choi": "Chưa có"}[node]


def test_yes_where_nothing_says_so_is_not_understood() -> None:
    assert at_loans().say("vâng").has(NotUnderstood("vâng", 1))


@pytest.mark.parametrize(
    ("answer", "value"), [("4", "4"), ("4 người", "4"), ("bốn", "4"), ("nha co 4 nguoi", "4"), ("20", "20")]
)
def test_a_typed_answer_is_stored(answer: str, value: str) -> None:
    person = at_people().say(answer)
    assert person.has(FieldChanged("so-nguoi", value))
    assert person.at == ("vay", "hoi")


def test_an_answer_that_does_not_fit_is_asked_again_until_the_author_gives_up() -> None:
    person = at_people().say("nhiều lắm")
    assert person.text == "Gõ một số, ví dụ 4."
    assert person.say("50").text.startswith("Không sao.")
    assert "so-nguoi" not in person.person.fields


def test_a_topic_named_instead_of_an_answer_is_followed() -> None:
    assert at_people().say("cho hỏi nhà ở").text.startswith("Nhà.")


@pytest.mark.parametrize("word", ["bỏ qua", "BO QUA", "không biết", "để sau"])
def test_a_question_that_may_be_skipped_is(word: str) -> None:
    assert at_people().labels == ["Bỏ qua"]
    assert at_people().say(word).at == ("vay", "hoi")
    assert at_people().tap(1).at == ("vay", "hoi")
    assert at_loans().say("hồ sơ").say(word).at == ("vay", "hoi")


def test_a_question_that_may_not_be_skipped_says_what_is_possible() -> None:
    person = at_loans().say("nơi ở").say("bỏ qua")
    assert person.at == ("vay", "xa")
    assert PHRASES["help"] in person.text


# Communes


def test_one_commune_is_taken_and_several_are_offered() -> None:
    person = at_loans().say("nơi ở").say("huyen ba vi")
    assert person.text == PHRASES["commune-which"]
    assert person.labels[0].startswith("1. Xã ")
    third = person.labels[2].removeprefix("3. Xã ")
    offered = person.stored
    for answer in ("3", "số 3", third, third.upper()):
        person.stored = offered
        assert person.say(answer).at == ("vay", "hoi"), answer
        assert LIBRARY.communes[person.person.fields["xa"]].name == third
        person.person = Person({"da-chao": "1"})
    person.stored, person.shown = offered, [Choice(c, "") for c in (f"{json.loads(offered)['seq']:x}.o3",)]
    assert person.tap(1).has(FieldChanged("xa", next(c.code for c in LIBRARY.communes.values() if c.name == third)))


def test_after_an_offer_another_name_may_be_typed() -> None:
    person = at_loans().say("nơi ở").say("huyện Ba Vì").say("phường Hoàn Kiếm")
    assert LIBRARY.communes[person.person.fields["xa"]].name == "Hoàn Kiếm"


def test_every_commune_of_an_old_district_is_offered() -> None:
    for district in {name for commune in LIBRARY.communes.values() for name in commune.old_districts}:
        person = at_loans().say("nơi ở").say(district)
        communes = [commune for commune in LIBRARY.communes.values() if district in commune.old_districts]
        assert len(communes) == 1 or len(person.labels) >= len(communes), district


def test_an_unknown_place_is_asked_again() -> None:
    assert PHRASES["again-commune"] in at_loans().say("nơi ở").say("Sài Gòn").text

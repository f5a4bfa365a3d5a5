"""Words that work everywhere, and the help for who is not understood."""

from __future__ import annotations

import pytest

from bot.engine.events import (
    Chose,
    Commanded,
    HandedOff,
    NotUnderstood,
    StopChanged,
)
from tests.engine.household import Household
from tests.engine.stage import (
    HOUSE,
    LIBRARY,
    LOAN,
    MENU,
    PHRASES,
    PLACES,
    SOURCES,
    STOP,
    at,
    at_loans,
    at_people,
    edited,
)
from tests.shipped import library_of

# Commands


EVERYWHERE = {
    "menu": ["menu", "MENU", " Menu. ", "trang chính", "trang chinh", "mênui", "/menu"],
    "back": ["quay lại", "quay lai", "QUAY LẠI!", "trở về", "back"],
    "repeat": ["nhắc lại", "nhac lai", "gì cơ", "repeat"],
    "help": ["trợ giúp", "tro giup", "help", "giúp tôi với"],
    "stop": ["dừng", "dung", "DỪNG!", "dừng lại", "stop", "xóa dữ liệu", "xoá dữ liệu"],
    "officer": ["gặp cán bộ", "gap can bo", "cán bộ", "người thật", "officer"],
}


@pytest.mark.parametrize(("command", "spelling"), [(c, s) for c, spellings in EVERYWHERE.items() for s in spellings])
@pytest.mark.parametrize("node", PLACES)
def test_a_command_works_everywhere_in_any_spelling(command: str, spelling: str, node: str) -> None:
    person = at(node)
    assert person.say(spelling).has(Commanded(command))
    assert person.text


@pytest.mark.parametrize("word", ["đúng", "Đúng.", "dùng", "cô", "không biết gì đâu mà hỏi"])
def test_a_word_that_only_folds_to_a_command_is_none(word: str) -> None:
    assert not at_loans().say(word).all(Commanded)


def test_stop_outranks_a_choice_of_that_name() -> None:
    person = at_loans(edited("label: Nơi vay", "label: Dừng lại"))
    assert person.say("dừng lại").has(StopChanged("broadcasts"))
    assert person.at == ("dung", "b")


def test_other_commands_give_way_to_a_choice_of_that_name() -> None:
    person = at_loans(edited("label: Nơi vay", "label: Trang chính")).say("trang chính")
    assert person.has(Chose("vay", "hoi", "trang-chinh", "Trang chính"))


def test_a_command_outranks_a_choice_that_only_holds_its_words() -> None:
    person = at_loans(edited("label: Nơi vay", "label: Quay lại trang chính")).say("hồ sơ").say("1")
    assert person.say("quay lại").has(Commanded("back"))
    assert person.at == ("vay", "ho-so")


def test_in_the_stop_dialog_its_own_choices_come_before_stopping_once_more() -> None:
    person = at_loans(library_of(SOURCES | {"dung": STOP.replace("Để nguyên", "Dừng tất cả")})).say("dừng")
    assert person.say("dừng tất cả").has(Chose("dung", "b", "dung-tat-ca", "Dừng tất cả"))
    assert person.say("dừng").say("dừng").has(StopChanged("broadcasts"))
    assert person.say("đúng").has(NotUnderstood("đúng", 1))


def test_a_choice_that_asks_is_meant_by_no_plain_word() -> None:
    asking = edited("label: Hồ sơ", "label: Chưa có thẻ thì làm gì")
    for word in ("không", "thôi"):
        assert not at_loans(asking).say(word).all(Chose)
    assert at_loans(edited("label: Hồ sơ", "label: Chưa cần")).say("không").all(Chose)


def test_back_leads_through_the_questions_before() -> None:
    person = Household(LIBRARY).start().say("1").say("2")
    assert person.at == ("vay", "ho-so")
    assert person.say("quay lại").at == ("vay", "hoi")
    assert person.say("quay lại").at == ("menu", "hoi")
    assert PHRASES["nothing-back"] in person.say("quay lại").text
    assert person.at == ("menu", "hoi")


def test_back_into_a_called_dialog_still_comes_back_to_its_caller() -> None:
    person = Household(LIBRARY, {"da-chao": ""}).start("vay").say("1").say("Mai")
    assert person.at == ("vay", "hoi")
    assert person.say("quay lại").at == ("hoi-ten", "ten")
    assert person.say("Lan").at == ("vay", "hoi")


def test_back_out_of_a_called_dialog_does_not_run_it_twice() -> None:
    person = Household(LIBRARY, {"da-chao": ""}).start().say("1").say("quay lại")
    assert person.at == ("chao", "a")
    assert person.say("1").say("Mai").at == ("menu", "hoi")


def test_repeat_says_the_node_again() -> None:
    person = at_people()
    assert person.say("nhắc lại").text == "Mấy người?"


def test_help_says_what_is_possible_and_asks_on() -> None:
    person = at_people().say("trợ giúp")
    assert person.text == PHRASES["help"] + "\n\nMấy người?"


def test_taking_messages_up_again_works_anywhere() -> None:
    person = at_people().say("nhận lại tin")
    assert person.has(StopChanged("none"))
    assert person.at == ("vay", "nguoi")


def test_commands_without_their_dialogs_still_have_their_effect() -> None:
    bare = library_of({"menu": MENU, "vay": LOAN, "nha": HOUSE})
    assert at_loans(bare).say("dừng").has(StopChanged("broadcasts"))
    assert at_loans(bare).say("gặp cán bộ").has(HandedOff("chung"))
    alone = library_of({"nha": HOUSE})
    assert Household(alone).say("menu").text
    assert Household(alone).start("nha").text == "Nhà."


# The help ladder


def test_who_is_not_understood_gets_ever_more_help() -> None:
    person = at_loans()
    for misses in (1, 2, 3, 4):
        person.say("trời hôm nay đẹp")
        assert person.has(NotUnderstood("trời hôm nay đẹp", misses))
        assert PHRASES[f"miss-{min(misses, 3)}"].split("{")[0] in person.text
        assert person.labels[:5] == ["1. Mức vay", "2. Hồ sơ", "3. Nơi vay", "4. Nhận tin", "0. Xem thêm"]
        assert (PHRASES["officer-button"] in person.labels) == (misses >= 3)
    assert person.press(person.shown[-1]).has(HandedOff("chung"))


def test_an_answer_ends_the_ladder() -> None:
    person = at_loans().say("a b c d").say("1").say("a b c d")
    assert person.has(NotUnderstood("a b c d", 1))


def test_at_rest_what_is_not_understood_gets_the_ways_out() -> None:
    person = at_loans().start("nha").say("trời hôm nay đẹp")
    assert person.text == PHRASES["out-of-turn"]
    assert person.labels == [PHRASES["menu-button"], PHRASES["officer-button"]]
    assert person.tap(1).at == ("menu", "hoi")

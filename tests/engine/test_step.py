"""One turn: answers, commands anywhere, buttons old and forged, dialogs edited meanwhile, every kind of message."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from bot.engine.events import (
    Chose,
    Commanded,
    Ended,
    Entered,
    FieldChanged,
    HandedOff,
    NotUnderstood,
    Said,
    Silent,
    StopChanged,
    TopicChanged,
)
from bot.engine.model import StopKind
from bot.engine.state import Library, Person, Session
from bot.engine.turn import DEPTH, MAX_HOPS, TRAIL
from bot.messages import Choice, Kind
from tests.engine.household import Household
from tests.shipped import library_of

FIRST = """
dialog: chao
title: Làm quen
words: [bạn là ai]
nodes:
  a:
    say: [{text: Xin chào.}]
    ask: Bà con đồng ý chứ?
    choices: [{label: "Vâng, đồng ý", go: b}, {label: "Không, cảm ơn", go: b}]
  b: {call: hoi-ten, next: c}
  c: {end: true}
"""
NAME = """
dialog: hoi-ten
title: Tên
nodes:
  ten: {ask: Tên là gì?, type: text, field: ten, low: 2, high: 20, give_up: het, skip: het, next: het}
  het: {end: true}
"""
MENU = """
dialog: menu
title: Trang chính
nodes:
  hoi:
    ask: Chuyện gì?
    choices: [{label: Vay vốn, go: /vay}, {label: Nhà ở, go: /nha}]
"""
LOAN = """
dialog: vay
title: Vay vốn
topic: true
words: [vay vốn, vay tiền]
nodes:
  hoi:
    ask: Xem phần nào?
    choices:
      - {label: Mức vay, go: muc}
      - {label: Hồ sơ, go: ho-so, set: {xem: ho-so}}
      - {label: Nơi vay, go: muc}
      - {label: Chỉ hộ nghèo, go: muc, when: {ho: ngheo}}
      - {label: Nhận tin, go: nhan}
      - {label: Gặp người, go: gap}
      - {label: Số người, go: nguoi}
      - {label: Nơi ở, go: xa}
      - {label: Điện thoại, go: dien-thoai}
  muc: {say: [{text: Vay được.}], next: hoi}
  ho-so: {ask: Có giấy chưa?, choices: [{label: Có rồi, go: hoi}, {label: Chưa có, go: tu-choi}, {label: "Bỏ qua", go: hoi}]}
  tu-choi: {say: [{text: Ra xã xin.}], end: true}
  nhan: {subscribe: [vay], next: hoi}
  gap: {handoff: vay, next: hoi}
  nguoi: {ask: Mấy người?, type: number, field: so-nguoi, low: 1, high: 20, again: "Gõ một số, ví dụ 4.", tries: 2, give_up: thoi, skip: hoi, next: hoi}
  thoi: {say: [{text: Không sao.}], next: hoi}
  xa: {ask: Ở đâu?, type: commune, field: xa, give_up: thoi, next: hoi}
  dien-thoai: {ask: Số nào?, type: phone, field: sdt, give_up: thoi, next: hoi}
"""  # noqa: E501
HOUSE = "{dialog: nha, title: Nhà ở, words: [nhà ở], nodes: {a: {say: [{text: Nhà.}], end: true}}}"
STOP = """
dialog: dung
title: Dừng
nodes:
  a: {stop: broadcasts, next: b}
  b: {say: [{text: Đã dừng.}], ask: Thế nào?, choices: [{label: Để nguyên, go: c}, {label: Xóa, go: x}]}
  c: {end: true}
  x: {stop: forget, next: y}
  y: {say: [{text: Tạm biệt.}], end: true}
"""
OFFICER = """
dialog: lien-he
title: Gặp cán bộ
nodes:
  a: {handoff: chung, next: b}
  b: {say: [{text: Đã chuyển lời.}], end: true}
"""
SOURCES = {"chao": FIRST, "hoi-ten": NAME, "menu": MENU, "vay": LOAN, "nha": HOUSE, "dung": STOP, "lien-he": OFFICER}
LIBRARY = library_of(SOURCES)
PHRASES = LIBRARY.phrases
PLACES = ["choices", "typed", "rest"]


def at_loans(library: Library = LIBRARY, **fields: str) -> Household:
    return Household(library, fields).start("vay")


def at_people() -> Household:
    """At the question how many people there are: typed, to be skipped, two tries."""
    return at_loans().say("số người")


def at(place: str) -> Household:
    """At a question with choices, at a typed one, or at rest."""
    return at_people() if place == "typed" else at_loans() if place == "choices" else at_loans().start("nha")


def edited(old: str, new: str, source: str = LOAN) -> Library:
    """The library after somebody edited the dialog about loans."""
    assert old in source
    return library_of(SOURCES | {"vay": source.replace(old, new)})


WITHOUT_LOANS = {name: text for name, text in SOURCES.items() if name != "vay"} | {"menu": MENU.replace("/vay", "/nha")}


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


# Everything that is not words


ASIDES = {
    Kind.STICKER: "sticker", Kind.PHOTO: "photo", Kind.VOICE: "voice", Kind.VIDEO: "video", Kind.FILE: "file",
    Kind.LOCATION: "location", Kind.POLL: "poll", Kind.OTHER: "other", Kind.EDITED: "edited",
    Kind.CONTACT: "contact-other",
}  # fmt: skip
SILENT = {Kind.REACTION, Kind.BLOCKED, Kind.UNBLOCKED}


def test_every_kind_is_provided_for() -> None:
    assert set(Kind) == {*ASIDES, *SILENT, Kind.TEXT, Kind.TAP, Kind.START}


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


def test_the_same_turn_gives_the_same_sprint() -> None:
    one, other = at_loans().say("2"), at_loans().say("2")
    assert one.sprint == other.sprint
    assert Session.from_dict(json.loads(one.stored)) == one.sprint.session

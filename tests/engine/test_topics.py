"""What free text does: a topic and the way back, what is said where one is already, and who has had enough."""

from __future__ import annotations

import json

import pytest

from bot.engine.events import Chose, Commanded, FieldChanged, NotUnderstood, Routed
from bot.engine.model import WAITING, AskTyped
from bot.engine.state import Session
from bot.messages import Kind
from tests.engine.household import Household
from tests.engine.stage import LIBRARY, PHRASES, SOURCES, TRADES, TWO, at_loans, at_people
from tests.shipped import library_of, shipped

BACK = "Quay lại: Vay vốn"
TALK_OF = """
dialog: vay
title: Vay vốn
topic: true
words: [vay vốn, vay tiền]
nodes:
  hoi: {ask: Làm gì?, choices: [{label: Nói, go: gi}, {label: Nghỉ, go: /menu}]}
  gi: {ask: "Vay để làm gì?", type: text, field: gi, low: 2, high: 200, give_up: hoi, next: hoi}
"""
TALK = library_of(SOURCES | {"nghe": TRADES, "vay": TALK_OF})


# The way back


def test_who_asks_something_else_gets_there_and_a_button_leads_back() -> None:
    person = at_loans(TWO).say("số người").say("cho hỏi học nghề")
    assert person.has(Routed("nghe"))
    assert person.labels[-1] == BACK
    assert person.tap(len(person.labels)).at == ("vay", "nguoi")
    assert BACK not in person.labels


@pytest.mark.parametrize("words", ["quay lại", BACK, "quay lai: vay von"])
def test_typing_it_leads_back_as_well(words: str) -> None:
    assert at_loans(TWO).say("số người").say("cho hỏi học nghề").say(words).at == ("vay", "nguoi")


def test_the_way_back_stays_through_the_topic_and_ends_with_it() -> None:
    person = at_loans(TWO).say("số người").say("học nghề")
    for answer in ("1", "1", "trời mưa", "nhắc lại"):
        assert BACK in person.say(answer).labels, answer
    assert BACK not in person.say("3").labels
    assert person.at == ("menu", "hoi")


def test_it_stands_also_under_the_last_word_of_a_topic_that_ends() -> None:
    person = at_people().say("cho hỏi nhà ở")
    assert (person.text, person.labels, person.at) == ("Nhà.", [BACK], ("", ""))
    assert person.tap(1).at == ("vay", "nguoi")


def test_a_form_that_was_interrupted_outlasts_the_choices_looked_at_since() -> None:
    person = at_loans(TWO).say("số người").say("học nghề").say("nhà ở")
    assert person.labels == [BACK]
    person = at_loans(TWO).say("học nghề").say("nhà ở")
    assert person.labels == ["Quay lại: Học nghề"]


def test_from_the_menu_and_into_the_topic_itself_there_is_no_way_back() -> None:
    assert not any(label.startswith("Quay lại") for label in Household(TWO).start().say("vay vốn").labels)
    assert not any(label.startswith("Quay lại") for label in at_loans(TWO).say("vay vốn").labels)


def test_back_from_where_one_was_led_back_goes_further_back() -> None:
    person = Household(TWO).start().say("1").say("số người").say("học nghề").say("1")
    assert person.tap(len(person.labels)).at == ("vay", "nguoi")
    assert person.say("quay lại").at == ("vay", "hoi")


@pytest.mark.parametrize("tap", ["left", "o0", "o1"])
def test_a_forged_button_of_that_kind_is_an_old_one(tap: str) -> None:
    person = at_loans()
    here = person.at
    seq = Session.from_dict(json.loads(person.stored)).seq
    assert PHRASES["old-button"] in person.send(Kind.TAP, tap=f"{seq:x}.{tap}").text
    assert person.at == here


def test_what_was_left_may_be_gone_meanwhile() -> None:
    person = at_loans(TWO).say("số người").say("học nghề")
    person.library = library_of({name: text for name, text in SOURCES.items() if name != "vay"} | {
        "menu": SOURCES["menu"].replace("/vay", "/nha"), "nghe": TRADES})  # fmt: skip
    assert person.say("1").labels == ["1. Áo", "2. Quần"]
    assert person.tap(1).at == ("nghe", "hoi")


# Where one is already


def test_who_asks_for_the_topic_they_are_in_is_shown_its_choices() -> None:
    person = at_loans().say("tôi muốn vay tiền")
    assert person.at == ("vay", "hoi")
    assert "“Vay vốn”" in person.text
    assert "Xem phần nào?" in person.text
    assert not person.say("vay tiền").all(NotUnderstood)
    assert PHRASES["officer-button"] in person.say("vay tiền").labels


NEAR = TALK_OF.replace("label: Nghỉ, go: /menu", "label: Cần giấy tờ gì, go: gi")


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        ("vay tiền thì cần những giấy tờ nào hả cô", "Cần giấy tờ gì"),
        ("vay tiền có cần gì không", None),
        ("vay vốn", None),
    ],
)
def test_within_a_topic_the_choice_that_comes_nearest_is_taken(words: str, chosen: str | None) -> None:
    person = Household(library_of(SOURCES | {"vay": NEAR})).start("vay").say(words)
    assert [event.label for event in person.all(Chose)] == ([chosen] if chosen else [])


def test_on_the_way_into_a_topic_the_choice_that_comes_nearest_is_pointed_out() -> None:
    person = Household(library_of(SOURCES | {"vay": NEAR})).say("vay tiền thì cần những giấy tờ nào hả cô")
    assert person.text == "Bà con hỏi “Cần giấy tờ gì” thì gõ số 2.\n\nLàm gì?"
    assert person.say("2").at == ("vay", "gi")
    person = Household(shipped(), {"ho": "ngheo"}).say("trợ cấp: làm thẻ xe buýt ở đâu")
    assert "Bà con hỏi “Thẻ xe buýt” thì gõ số 8." in person.text
    assert "8. Thẻ xe buýt" in person.labels


def test_at_a_typed_question_the_topic_itself_is_no_answer() -> None:
    person = at_people().say("vay tiền")
    assert (person.at, person.text) == (("vay", "nguoi"), "Gõ một số, ví dụ 4.")


def test_a_question_about_something_else_is_not_taken_for_the_answer() -> None:
    assert at_loans(TWO).say("số người").say("2 con học nghề được không").at == ("nghe", "hoi")
    assert at_loans(TWO).say("số người").say("2 con học nghề").at == ("vay", "hoi")


def test_a_question_of_the_topic_itself_is_no_answer_in_words_until_it_is_typed_again() -> None:
    person = Household(TALK).start("vay").say("1")
    assert person.at == ("vay", "gi")
    assert "trả lời giúp tôi câu này trước" in person.say("muốn hỏi vay tiền lãi bao nhiêu").text
    assert person.at == ("vay", "gi")
    assert person.say("muốn hỏi vay tiền lãi bao nhiêu").has(FieldChanged("gi", "muốn hỏi vay tiền lãi bao nhiêu"))


@pytest.mark.parametrize(
    "answer", ["mở quán được không", "nuôi bò, có được không ạ?", "học nghề", "chưa biết bán ở đâu"]
)
def test_an_answer_that_asks_for_approval_is_an_answer(answer: str) -> None:
    assert Household(TALK).start("vay").say("1").say(answer).has(FieldChanged("gi", answer))


# A question that is only announced


@pytest.mark.parametrize(
    "words", ["cho hỏi", "cô ơi cho cháu hỏi chút ạ", "tôi muốn hỏi", "EM XIN PHÉP HỎI MỘT CHÚT", "can hoi ti"]
)
def test_who_says_that_they_want_to_ask_is_told_to_go_ahead(words: str) -> None:
    person = at_loans().say(words)
    assert person.text == f"{PHRASES['ask-away']}\n\nXem phần nào?"
    assert Household(LIBRARY).start("nha").say(words).at == ("menu", "hoi")
    assert Household(LIBRARY, {"da-chao": ""}).say(words).at == ("chao", "a")


@pytest.mark.parametrize("words", ["cho hỏi nhà ở", "muốn hỏi vay vốn", "hỏi", "tôi hỏi cán bộ rồi"])
def test_who_says_what_they_want_to_ask_is_not(words: str) -> None:
    assert PHRASES["ask-away"] not in at_loans().say(words).text


# Enough for now


@pytest.mark.parametrize("words", ["thôi", "để sau", "không", "thế thôi", "không cần"])
def test_who_has_had_enough_is_left_in_peace(words: str) -> None:
    person = at_loans().say(words)
    assert person.text == PHRASES["as-you-like"]
    assert (person.labels, person.at) == ([PHRASES["menu-button"]], ("", ""))
    assert person.has(Commanded("later"))


@pytest.mark.parametrize("words", ["vâng", "ok", "không", "thôi"])
def test_a_word_to_the_last_word_is_not_misunderstood(words: str) -> None:
    person = at_loans().start("nha").say(words)
    assert not person.all(NotUnderstood)
    assert person.text == PHRASES["as-you-like"]


def test_enough_skips_what_may_be_skipped() -> None:
    assert at_people().say("thôi").at == ("vay", "hoi")
    assert at_loans().say("hồ sơ").say("để sau").at == ("vay", "hoi")
    assert at_loans().say("nơi ở").say("thôi").at == ("", "")


def test_no_to_a_question_for_a_number_is_no_number() -> None:
    assert at_people().say("không").at == ("vay", "hoi")


# The ladder where nothing is asked


def test_at_rest_the_ladder_leads_through_the_menu_to_an_officer() -> None:
    person = Household(LIBRARY).start("nha").say("trời mưa")
    assert PHRASES["out-of-turn"] in person.text
    person.say("trời nắng")
    assert person.has(NotUnderstood("trời nắng", 2))
    assert PHRASES["miss-2"] in person.text
    assert person.labels == ["1. Vay vốn", "2. Nhà ở"]
    assert PHRASES["officer-button"] in person.say("trời gió").labels
    assert person.has(NotUnderstood("trời gió", 3))


def test_what_is_understood_at_rest_ends_the_ladder() -> None:
    person = Household(LIBRARY).start("nha").say("trời mưa").say("nhà ở").say("trời mưa")
    assert person.has(NotUnderstood("trời mưa", 1))


def test_who_is_stuck_is_told_a_number_that_a_person_answers() -> None:
    person = at_loans().say("a b c").say("a b c")
    assert "022" not in person.text
    assert "1022" in person.say("a b c").text
    assert "1022" not in person.say("a b c").text


def test_three_messages_that_nobody_can_read_lead_to_an_officer() -> None:
    person = at_loans().send(Kind.VOICE).send(Kind.PHOTO)
    assert PHRASES["officer-button"] not in person.labels
    assert PHRASES["officer-button"] in person.send(Kind.VOICE).labels
    assert PHRASES["officer-button"] not in person.say("2").send(Kind.VOICE).labels
    assert PHRASES["officer-button"] not in at_loans().send(Kind.STICKER).send(Kind.STICKER).send(Kind.STICKER).labels


def test_at_a_typed_question_the_second_miss_offers_ways_out() -> None:
    person = at_loans().say("nơi ở").say("Sài Gòn")
    assert person.labels == []
    assert person.say("Sài Gòn").labels == [PHRASES["menu-button"], PHRASES["officer-button"]]
    assert person.say("Sài Gòn").text.startswith("Không sao.")


def test_a_command_leaves_what_was_left() -> None:
    for command in ("menu", "gặp cán bộ", "dừng"):
        person = at_loans(TWO).say("số người").say("học nghề").say(command).say("menu")
        assert not any(label.startswith("Quay lại") for label in person.labels), command


# The shipped dialogs


def questions() -> list[tuple[str, str]]:
    dialogs = shipped().dialogs.values()
    return [(dialog.id, n.id) for dialog in dialogs for n in dialog.nodes.values() if isinstance(n, WAITING)]


@pytest.mark.parametrize(("dialog", "node"), questions())
def test_from_every_question_there_is_a_way_to_a_topic_and_back(dialog: str, node: str) -> None:
    asked = shipped().dialogs[dialog].nodes[node]
    if isinstance(asked, AskTyped) and asked.type == "text":
        return  # any words are the answer there, unless they ask
    words = "học nghề" if dialog != "hoc-nghe" else "tiền điện"
    person = Household(shipped(), {"ho": "ngheo"})
    person.put(Session(dialog=dialog, node=node, digest=asked.digest, seq=1)).say(words)
    if person.has(Routed("hoc-nghe")) or person.has(Routed("tien-dien")):
        assert dialog in ("menu", "dung", "nguy-cap") or person.labels[-1].startswith("Quay lại: ")
        back = person.labels[-1].startswith("Quay lại: ")
        assert not back or person.tap(len(person.labels)).at == (dialog, node)
    else:  # one of its own choices is called so, or somebody in danger is listened to
        assert person.all(Chose) or dialog == "nguy-cap"

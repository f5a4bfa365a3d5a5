"""Questions about another kind of household: answered from what was told last, and nothing is noted down."""

from __future__ import annotations

import pytest

from bot.engine.events import FieldChanged, NotUnderstood
from bot.engine.households import household_in
from tests.engine.household import Household
from tests.shipped import shipped


def at_loans(household: str = "ngheo") -> Household:
    return Household(shipped(), {"ho": household}).start("vay-von")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("còn cận nghèo thì sao?", "can-ngheo"), ("the ho can ngheo thi sao a", "can-ngheo"),
        ("CÒN HỘ NGHÈO", "ngheo"), ("mới thoát nghèo thì được gì", "moi-thoat"),
        ("cận nghèo", ""), ("hộ nghèo", ""), ("còn nhà tôi thì sao", ""), ("", ""),
        ("còn nhà hàng xóm của tôi là hộ nghèo mà không đi làm thì sao", ""),
    ],
)  # fmt: skip
def test_a_short_question_names_the_household_it_asks_about(text: str, kind: str) -> None:
    assert household_in(text) == kind


def test_it_is_answered_from_what_was_told_last() -> None:
    person = at_loans().say("còn cận nghèo thì sao?")
    assert person.text.startswith("Với hộ cận nghèo:\n\nHộ cận nghèo vay làm ăn")
    assert person.at == ("vay-von", "hoi")
    person.say("vay được bao nhiêu").say("thế hộ cận nghèo thì sao ạ")
    assert "mức tối đa như hộ nghèo" in person.text
    assert "Mức cao nhất không phải" not in person.text, "what all households hear was said already"


def test_nobody_becomes_another_household_by_asking() -> None:
    person = at_loans().say("còn cận nghèo thì sao?")
    assert not person.all(FieldChanged)
    assert person.person.fields["ho"] == "ngheo"
    assert "Hộ nghèo vay làm ăn tối đa" in person.say("vay được bao nhiêu").text


def test_where_the_other_household_hears_nothing_else_the_choices_are_shown() -> None:
    person = Household(shipped(), {"ho": "ngheo"}).start("phong-trao").say("còn cận nghèo thì sao?")
    assert person.at[0] == "phong-trao"
    assert "Với hộ cận nghèo" not in person.text
    assert person.labels


def test_where_all_heard_the_same_it_is_answered_from_how_the_topic_begins() -> None:
    person = at_loans().say("Hỏi và làm giấy ở đâu").say("còn cận nghèo thì sao?")
    assert person.text.startswith("Với hộ cận nghèo:\n\nHộ cận nghèo vay làm ăn")
    assert person.at == ("vay-von", "hoi")


def test_at_a_typed_question_it_is_answered_and_the_question_stands() -> None:
    person = at_loans().say("vay được bao nhiêu").say("tính thử trước khi vay").say("bỏ qua")
    assert person.at == ("vay-von", "tinh-tien")
    person.say("còn cận nghèo thì sao?")
    assert person.at == ("vay-von", "tinh-tien")
    assert person.text.startswith("Với hộ cận nghèo:")
    assert not person.all(NotUnderstood)

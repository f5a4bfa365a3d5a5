"""What a person reads of a message on a day: values in force, the law, what to confirm, or the honest fallback."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.engine.content import Fact, Message, Value, Version
from bot.engine.events import Replaced, Said
from bot.engine.render import language_of, render, where_to_ask, words_of
from bot.engine.state import Library
from tests.engine.household import Household
from tests.shipped import library_of, shipped

NEW_YEARS_EVE, NEW_YEAR = date(2026, 12, 31), date(2027, 1, 1)
OLD = Version(date(2022, 1, 1), NEW_YEARS_EVE, "say", "Nghị định 1", "Điều 3",
              {"muc": Value(1_500_000, "dong", {"vi": "1,5 triệu đồng", "en": "1.5 million VND"})})  # fmt: skip
NEW = Version(NEW_YEAR, None, "say", "Nghị định 2", "", {"muc": Value(2_200_000, "dong", {"vi": "2,2 triệu đồng"})})
FACT = Fact("chuan", "chuẩn", (OLD, NEW), date(2026, 3, 16), date(2027, 3, 31), "A")
MESSAGE = Message("m.chuan", "Chuẩn là {chuan.muc}. Hỏi {noi-hoi} {ten}nhé.", ("I",), "m", ("chuan",))


def library(*facts: Fact, messages: tuple[Message, ...] = ()) -> Library:
    return replace(shipped(), facts={f.id: f for f in facts}, messages={m.id: m for m in messages}, languages=("vi",))


def text(message: Message, fact: Fact, today: date, **fields: str) -> str:
    return render(library(fact), message, fields, today).text


def test_the_version_in_force_is_said_with_its_law() -> None:
    assert text(MESSAGE, FACT, NEW_YEARS_EVE, ten="Mai ") == (
        "Chuẩn là 1,5 triệu đồng. Hỏi UBND xã, phường nơi bà con ở Mai nhé.\n\n_Theo: Nghị định 1, Điều 3._"
    )
    assert text(MESSAGE, FACT, NEW_YEAR, xa="09700", ten="") == (
        "Chuẩn là 2,2 triệu đồng. Hỏi UBND xã Ba Vì nhé.\n\n_Theo: Nghị định 2._"
    )


def test_a_value_without_a_translation_is_said_in_vietnamese() -> None:
    english = replace(library(FACT), languages=("vi", "en"))
    assert "1.5 million VND" in render(english, MESSAGE, {"lang": "en"}, NEW_YEARS_EVE).text
    assert "2,2 triệu đồng" in render(english, MESSAGE, {"lang": "en"}, NEW_YEAR).text
    assert language_of(english, {"lang": "fr"}) == "vi"


def test_a_message_may_speak_of_a_later_day() -> None:
    ahead = replace(MESSAGE, as_of=NEW_YEAR, until=NEW_YEARS_EVE)
    assert "2,2 triệu đồng" in text(ahead, FACT, date(2026, 10, 1))


def test_what_must_be_confirmed_says_so_before_its_law() -> None:
    unsure = replace(FACT, versions=(replace(OLD, state="confirm"),))
    said = text(MESSAGE, unsure, NEW_YEARS_EVE, xa="09700")
    assert said.endswith("\n\nBà con xin xác nhận lại ở UBND xã Ba Vì.\n\n_Theo: Nghị định 1, Điều 3._")


@pytest.mark.parametrize(
    ("fact", "today", "reason"),
    [
        (replace(FACT, versions=(OLD,)), NEW_YEAR, "no version"),
        (replace(FACT, versions=(replace(OLD, state="withhold"),)), NEW_YEARS_EVE, "withheld"),
        (FACT, date(2027, 4, 1), "overdue for review"),
        (replace(FACT, id="khac"), NEW_YEAR, "unknown fact"),
    ],
)
def test_a_fact_that_may_not_be_said_leaves_the_honest_fallback(fact: Fact, today: date, reason: str) -> None:
    rendered = render(library(fact), MESSAGE, {}, today)
    assert rendered.lapse is not None
    assert (rendered.lapse.fact, rendered.lapse.reason) == ("chuan", reason)
    assert rendered.text == (
        "Điều này đang được kiểm tra lại nên tôi chưa nói con số. Bà con hỏi UBND xã, phường nơi bà con ở để biết chắc."
    )


def test_a_fact_is_said_to_the_end_of_its_review_day() -> None:
    assert render(library(FACT), MESSAGE, {}, FACT.review).lapse is None


TREE = """
dialog: thu
title: Thử
nodes:
  a: {say: [m.chuan, m.hai, m.mua, {text: "Thế ạ."}], end: true}
"""
OUT_OF_SEASON = Message("m.mua", "Từ năm mới.", ("I",), "m", since=NEW_YEAR, until=date(2027, 1, 31))
SECOND = replace(MESSAGE, id="m.hai", body="Nhắc lại: {chuan.muc}.")


def talk(today: date, fact: Fact = FACT) -> Household:
    tree = replace(library(fact, messages=(MESSAGE, SECOND, OUT_OF_SEASON)), dialogs=library_of({"thu": TREE}).dialogs)
    return Household(tree, today=today).start("thu")


def test_a_message_out_of_season_is_left_out_without_a_word() -> None:
    texts = [said.text.split("\n")[0] for said in talk(NEW_YEARS_EVE).all(Said)]
    assert texts[1:] == ["Nhắc lại: 1,5 triệu đồng."]
    in_season = [said.text.split("\n")[0] for said in talk(NEW_YEAR).all(Said)]
    assert in_season[1:] == ["Nhắc lại: 2,2 triệu đồng.", "Từ năm mới."]


def test_the_fallback_is_said_once_and_staff_learn_of_every_message() -> None:
    person = talk(date(2027, 4, 1))
    assert person.all(Replaced) == [Replaced(name, "chuan", "overdue for review") for name in ("m.chuan", "m.hai")]
    assert person.text.count("đang được kiểm tra lại") == 1


def test_the_shipped_poverty_line_changes_at_midnight_without_a_reload() -> None:
    message = next(m for m in shipped().messages.values() if "{chuan-ngheo.nong-thon}" in m.body and m.as_of is None)
    eve, day = (render(shipped(), message, {}, today).text for today in (NEW_YEARS_EVE, NEW_YEAR))
    assert "1,5 triệu đồng" in eve
    assert "2,2 triệu đồng" in day
    assert "1,5 triệu đồng" not in day


def test_the_office_is_the_communes_own_once_it_is_known() -> None:
    assert where_to_ask(shipped(), {}) == "UBND xã, phường nơi bà con ở"
    assert where_to_ask(shipped(), {"xa": "09700"}) == "UBND xã Ba Vì"
    assert where_to_ask(shipped(), {"xa": "99999"}) == "UBND xã, phường nơi bà con ở"
    assert words_of(shipped(), "Hỏi {noi-hoi}, {ten}.", {"ten": "Mai"}) == "Hỏi UBND xã, phường nơi bà con ở, Mai."


@pytest.mark.parametrize("kind", ["ngheo", "can-ngheo", "moi-thoat", "khac", ""])
def test_no_shipped_message_leaves_a_placeholder_open(kind: str) -> None:
    fields = {"ho": kind, "xa": "09700", "ten": "Mai"} if kind else {}
    for today in (date(2026, 11, 23), NEW_YEARS_EVE, NEW_YEAR, date(2027, 6, 30)):
        for message in shipped().messages.values():
            said = render(shipped(), message, fields, today).text
            assert "{" not in said, message.id
            assert said.strip() == said, message.id

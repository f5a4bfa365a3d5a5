"""What a broadcast says to each person, and every reason for which it may not be submitted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Channel
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.webchat import WebChat
from bot.engine.content import Fact, Message, Value, Version
from bot.engine.model import HOUSEHOLD_KINDS, NOT_TOLD
from bot.engine.state import Library, Person
from bot.messages import Address
from bot.services.broadcasting.faults import lines_of
from bot.services.broadcasting.model import Body
from bot.services.broadcasting.rendering import Lapsed, NothingToSay, begins, faults_of, outgoing_for
from tests.shipped import library_of, shipped

TODAY = date(2026, 11, 23)
REVIEW = date(2027, 3, 31)
CHANNELS: dict[str, Channel] = {"telegram": TelegramChannel("1:token"), "webchat": WebChat()}
RATE = Fact("lai", "lãi", (Version(date(2026, 1, 1), None, "say", "Nghị định 1", "",
            {"muc": Value(6, "percent", {"vi": "6%", "en": "6%"})}),), TODAY, REVIEW, "A")  # fmt: skip
POOR = Message("tin.ngheo", "Lãi {lai.muc}.", ("I",), "tin", ("lai",), audience=("ngheo",))
ALL = Message("tin.moi-nha", "Hỏi {noi-hoi} nhé {ten}.", ("I",), "tin")
ENGLISH = {
    "Lãi {lai.muc}.": "Rate {lai.muc}.",
    "Hỏi {noi-hoi} nhé {ten}.": "Ask {noi-hoi}, {ten}.",
    "Theo: {law}.": "Source: {law}.",
    "Thông báo 1": "Notice 1",
}
OWN = Body(text={"vi": "Mời {ten} ra {noi-hoi}.", "en": "{ten}, come to {noi-hoi}."}, source="Thông báo 1.")
TREE = """
dialog: hoi-y
title: Hỏi ý
nodes:
  dau: {say: [tin.ngheo, {text: Xin hỏi.}], next: hoi}
  hoi: {ask: Đồng ý không?, choices: [{label: Có, go: het}, {label: Không, go: het}]}
  het: {end: true}
"""


def library(*messages: Message, fact: Fact = RATE, languages: tuple[str, ...] = ("vi", "en")) -> Library:
    return replace(
        library_of({"hoi-y": TREE}),
        facts={fact.id: fact},
        messages={message.id: message for message in messages or (POOR, ALL)},
        languages=languages,
        translate=lambda language, text: ENGLISH.get(text, text) if language == "en" else text,
        is_translated=lambda _language, text: text in ENGLISH,
    )


def said(body: Body, today: date = TODAY, **fields: str) -> str:
    return outgoing_for(library(), body, Person(fields), today).text


def faults(body: Body, given: Library | None = None, today: date = TODAY) -> list[str]:
    return lines_of(faults_of(given or library(), body, CHANNELS, today))


def test_each_person_hears_what_is_for_them_in_one_message() -> None:
    both = Body(messages=(POOR.id, ALL.id))
    assert said(both, ho="ngheo", ten="Mai") == (
        "Lãi 6%.\n\n_Theo: Nghị định 1._\n\nHỏi UBND xã, phường nơi bà con ở nhé Mai."
    )
    assert said(both, ho="khac", ten="Mai", xa="09700", lang="en") == "Ask UBND xã Ba Vì, Mai."
    assert said(both, ten="Mai") == "Hỏi UBND xã, phường nơi bà con ở nhé Mai."


def test_who_is_meant_by_nothing_is_sent_nothing() -> None:
    for fields in ({"ho": "khac"}, {}):
        with pytest.raises(NothingToSay):
            outgoing_for(library(), Body(messages=(POOR.id,)), Person(fields), TODAY)
    later = library(replace(ALL, since=TODAY + timedelta(1)))
    with pytest.raises(NothingToSay):
        outgoing_for(later, Body(messages=(ALL.id,)), Person(), TODAY)


def test_an_officers_text_names_its_source_and_the_persons_own_office() -> None:
    assert said(OWN, ten="Mai", xa="09700") == "Mời Mai ra UBND xã Ba Vì.\n\n_Theo: Thông báo 1._"
    assert said(OWN, ten="Mai", xa="09700", lang="en") == "Mai, come to UBND xã Ba Vì.\n\n_Source: Thông báo 1._"
    assert said(OWN, ten="{noi-hoi}", xa="09700").startswith("Mời {noi-hoi} ra UBND xã Ba Vì.")


@pytest.mark.parametrize(
    ("fact", "today", "reason"),
    [
        (RATE, REVIEW + timedelta(1), "overdue for review"),
        (replace(RATE, versions=(replace(RATE.versions[0], state="withhold"),)), TODAY, "withheld"),
        (replace(RATE, versions=(replace(RATE.versions[0], until=TODAY),)), TODAY + timedelta(1), "no version"),
        (replace(RATE, id="khac"), TODAY, "unknown fact"),
    ],
)
def test_what_lapsed_is_neither_said_nor_submitted(fact: Fact, today: date, reason: str) -> None:
    stale, poor = library(fact=fact), Person({"ho": "ngheo"})
    with pytest.raises(Lapsed) as lapse:
        outgoing_for(stale, Body(messages=(ALL.id, POOR.id)), poor, today)
    assert (lapse.value.fact, lapse.value.reason) == ("lai", reason)
    with pytest.raises(Lapsed):
        begins(stale, "hoi-y", poor, today)
    [fault] = faults(Body(messages=(ALL.id, POOR.id)), stale, today)
    assert "“tin.ngheo”" in fault
    assert "“lai”" in fault
    [fault] = faults(Body(dialog="hoi-y"), stale, today)
    assert "“hoi-y”" in fault


def test_a_fact_is_said_to_the_end_of_its_review_day() -> None:
    assert said(Body(messages=(POOR.id,)), REVIEW, ho="ngheo").startswith("Lãi 6%.")
    assert faults(Body(messages=(POOR.id,)), today=REVIEW) == []


def test_a_message_that_is_gone_stops_a_broadcast_that_runs() -> None:
    with pytest.raises(Lapsed, match="không có tin này"):
        outgoing_for(library(ALL), Body(messages=(POOR.id,)), Person({"ho": "khac"}), TODAY)


def test_a_dialog_begins_with_all_it_says_and_the_choices_of_its_question() -> None:
    message = begins(library(), "hoi-y", Person({"ho": "ngheo"}), TODAY)
    assert message.text == "Lãi 6%.\n\n_Theo: Nghị định 1._\n\nXin hỏi.\n\nĐồng ý không?"
    assert [choice.label for choice in message.choices] == ["1. Có", "2. Không"]
    assert begins(library(), "hoi-y", Person(), TODAY).text == "Xin hỏi.\n\nĐồng ý không?"
    with pytest.raises(NothingToSay):
        begins(library(), "khong-co", Person(), TODAY)


@pytest.mark.parametrize("body", [OWN, Body(messages=(POOR.id, ALL.id)), Body(dialog="hoi-y")])
def test_what_is_sound_has_no_faults(body: Body) -> None:
    assert faults(body) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (Body(), ["đúng một trong ba"]),
        (Body(messages=(ALL.id,), dialog="hoi-y"), ["đúng một trong ba"]),
        (Body(messages=("tin.ngeo",)), ["“tin.ngeo”", "'tin.ngheo'"]),
        (Body(messages=(ALL.id, ALL.id)), ["hai lần"]),
        (Body(dialog="hoi-i"), ["“hoi-i”", "'hoi-y'"]),
        (Body(text={"vi": "Mời ra xã."}, source="A"), ["thiếu tiếng “en”"]),
        (Body(text={"vi": "Mời.", "en": "Come.", "fr": "Venez."}, source="A"), ["“fr”", "vi, en"]),
        (Body(text={"vi": "Mời {tenn}.", "en": "Come."}, source="A"), ["“vi”", "{tenn}", "'{ten}'"]),
        (Body(text={"vi": "Mời.", "en": "Rate {lai.muc}."}, source="A"), ["“en”", "{lai.muc}"]),
        (Body(text={"vi": "Mời.", "en": "Come."}, source=" "), ["nói rõ nguồn"]),
        (Body(text={"vi": "Mời.", "en": "Come."}, source="A\n\n# B"), ["một dòng"]),
    ],
)
def test_a_fault_names_what_is_wrong_and_what_to_do(body: Body, words: list[str]) -> None:
    [fault] = faults(body)
    assert all(word in fault for word in words), fault


def test_all_faults_are_told_at_once() -> None:
    assert len(faults(Body(text={"vi": "Mời {a}, {b}."}))) == 4
    assert len(faults(Body(messages=("a", "b")))) == 2


def test_a_message_without_a_translation_is_not_for_an_audience_that_may_need_it() -> None:
    foreign = replace(ALL, body="Chưa dịch.")
    [fault] = faults(Body(messages=(ALL.id,)), library(foreign))
    assert "“en”" in fault
    assert faults(Body(messages=(ALL.id,)), library(foreign, languages=("vi",))) == []


def test_a_message_whose_season_is_over_is_not_submitted() -> None:
    ended = library(replace(ALL, until=TODAY))
    assert faults(Body(messages=(ALL.id,)), ended) == []
    [fault] = faults(Body(messages=(ALL.id,)), ended, TODAY + timedelta(1))
    assert "23/11/2026" in fault


def text_of(length: int) -> Body:
    """An officer's text with *length* visible characters but its source."""
    return Body(text={"vi": "a" * length, "en": "b"}, source="A")


def test_what_is_too_long_for_one_call_says_by_how_much() -> None:
    room = 4096 - len("\n\nTheo: A.")
    assert faults(text_of(room)) == []
    [fault] = faults(text_of(room + 7))
    assert "telegram" in fault
    assert "thừa chừng 7 ký tự" in fault


def test_the_longest_name_and_office_must_fit_as_well() -> None:
    longest = max(len(f"UBND {commune.kind} {commune.name}") for commune in library().communes.values())
    room = 4096 - len("\n\nTheo: A.") - max(longest, len("UBND xã, phường nơi bà con ở")) - 260
    assert faults(Body(text={"vi": "a" * room + "{ten}{noi-hoi}", "en": "b"}, source="A")) == []
    [fault] = faults(Body(text={"vi": "a" * room + "bcd{ten}{noi-hoi}", "en": "b"}, source="A"))
    assert "thừa chừng 3 ký tự" in fault


PEOPLE = st.fixed_dictionaries(
    {}, optional={"lang": st.sampled_from(["vi", "en", "fr"]), "ho": st.sampled_from(HOUSEHOLD_KINDS),
                  "xa": st.sampled_from(["99999", *shipped().communes]), "ten": st.text(max_size=100)}
)  # fmt: skip


@given(fields=PEOPLE, names=st.lists(st.sampled_from(sorted(shipped().messages)), min_size=1, max_size=3, unique=True))
def test_whatever_is_found_sound_is_one_call_for_everybody(fields: dict[str, str], names: list[str]) -> None:
    """Over the shipped messages: what has no fault is said in one call, or isn't for this person at all."""
    body, person = Body(messages=tuple(names)), Person(fields)
    messages = [shipped().messages[name] for name in names]
    is_for_them = any(not m.audience or (fields.get("ho") or NOT_TOLD) in m.audience for m in messages)
    if faults_of(shipped(), body, CHANNELS, TODAY):
        return
    try:
        message = outgoing_for(shipped(), body, person, TODAY)
    except NothingToSay:
        assert not is_for_them or any(m.since or m.until for m in messages)
        return
    assert is_for_them
    for name, channel in CHANNELS.items():
        assert len(channel.encode(Address(name, "1"), message)) == 1

"""Messages as calls of the OpenAPI: plain text, cutting, buttons or lines, templates."""

from __future__ import annotations

import json
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Payload
from bot.channels.zalo.encode import (
    MAX_TEXT,
    has_buttons,
    payloads_of,
    phone_template_of,
    template_of,
    without_buttons,
)
from bot.messages import Address, Choice, Outgoing

HERE = Address("zalo", "2512523625412515")
YES_NO = (Choice("3.co", "1. Có"), Choice("3.khong", "2. Không"))


def sent(message: Outgoing, *, buttons: bool = True, card: str = "") -> list[dict[str, Any]]:
    return [said(payload) for payload in payloads_of(HERE, message, has_buttons=buttons, card_image=card)]


def said(payload: Payload) -> dict[str, Any]:
    assert payload.method == "cs"
    body: dict[str, Any] = json.loads(payload.body)
    assert body["recipient"] == {"user_id": HERE.id}
    message: dict[str, Any] = body["message"]
    assert len(message.get("text", "")) <= MAX_TEXT
    return message


def test_a_message_is_plain_text() -> None:
    assert sent(Outgoing("Vay **100 triệu**, xem [ở đây](https://a.vn)")) == [
        {"text": "Vay 100 triệu, xem ở đây (https://a.vn)"}
    ]


def test_choices_are_buttons_that_nobody_sees_the_answer_of() -> None:
    [message] = sent(Outgoing("Có **vay** không?", YES_NO))
    assert message == {
        "text": "Có vay không?",
        "attachment": {
            "type": "template",
            "payload": {
                "buttons": [
                    {"title": "1. Có", "type": "oa.query.hide", "payload": "#3.co"},
                    {"title": "2. Không", "type": "oa.query.hide", "payload": "#3.khong"},
                ]
            },
        },
    }


def test_without_buttons_choices_are_lines_and_those_without_a_number_have_a_bullet() -> None:
    choices = (*YES_NO, Choice("3.more", "0. Xem thêm"), Choice("3.skip", "Bỏ qua"))
    [message] = sent(Outgoing("Có không?", choices), buttons=False)
    assert message == {"text": "Có không?\n\n1. Có\n2. Không\n0. Xem thêm\n• Bỏ qua"}


@pytest.mark.parametrize("choices", [
    tuple(Choice(f"3.{n}", f"{n}. Chọn") for n in range(1, 7)),
    (Choice("3.a", "1. " + "a" * 98),),
])  # fmt: skip
def test_what_buttons_cannot_hold_becomes_lines_also_where_they_are_tried(choices: tuple[Choice, ...]) -> None:
    [message] = sent(Outgoing("Chọn gì?", choices))
    assert message == {"text": "Chọn gì?\n\n" + "\n".join(choice.label for choice in choices)}


def test_a_refused_message_with_buttons_becomes_exactly_the_one_with_lines() -> None:
    [with_buttons] = payloads_of(HERE, Outgoing('Có "không"?\n', YES_NO), has_buttons=True)
    [with_lines] = payloads_of(HERE, Outgoing('Có "không"?\n', YES_NO), has_buttons=False)
    assert has_buttons(with_buttons.body)
    assert not has_buttons(with_lines.body)
    assert json.loads(without_buttons(with_buttons.body)) == json.loads(with_lines.body)


def test_words_that_spell_buttons_are_none() -> None:
    [payload] = payloads_of(HERE, Outgoing('"payload":{"buttons":['), has_buttons=True)
    assert not has_buttons(payload.body)


def test_the_same_words_with_other_ids_and_addresses_differ_only_there() -> None:
    payloads_of(HERE, Outgoing("Có không?", YES_NO), has_buttons=True)
    choices = (Choice("4.a", "1. Có"), Choice('"\\', "2. Không"))
    [other] = payloads_of(Address("zalo", "8"), Outgoing("Có không?", choices), has_buttons=True)
    body = json.loads(other.body)
    assert body["recipient"] == {"user_id": "8"}
    assert [one["payload"] for one in body["message"]["attachment"]["payload"]["buttons"]] == ["#4.a", '#"\\']


def test_letters_are_composed_before_they_are_counted() -> None:
    spread = normalize("NFD", "Đường về nhà ở phía trước. " * 70)
    assert len(spread) > MAX_TEXT > len(normalize("NFC", spread))
    [message] = sent(Outgoing(spread, (Choice("3.a", normalize("NFD", "1. Có")),)))
    assert message["text"] == normalize("NFC", spread).strip()
    assert message["attachment"]["payload"]["buttons"][0]["title"] == "1. Có"


@pytest.mark.parametrize("buttons", [True, False])
def test_a_long_text_is_cut_at_sentences_and_the_last_part_bears_the_choices(buttons: bool) -> None:
    *before, last = sent(Outgoing("Bà con đọc kỹ giúp tôi. " * 200, YES_NO), buttons=buttons)
    assert len(before) == 2
    assert all(set(message) == {"text"} and message["text"].endswith("tôi.") for message in before)
    assert ("attachment" in last) is buttons
    assert last["text"].endswith("tôi." if buttons else "2. Không")


@pytest.mark.parametrize("buttons", [True, False])
def test_choices_longer_than_half_a_message_come_as_messages_of_their_own(buttons: bool) -> None:
    choices = tuple(Choice(f"3.{n}", f"{n}. " + "dài " * 25) for n in range(1, 26))
    messages = sent(Outgoing("Chọn gì?", choices), buttons=buttons)
    assert messages[0] == {"text": "Chọn gì?"}
    assert "\n".join(message["text"] for message in messages[1:]) == "\n".join(one.label.strip() for one in choices)


def test_a_card_that_asks_for_the_number_follows_the_question() -> None:
    choices = (Choice("3.skip", "Bỏ qua"),)
    question, card = sent(Outgoing("Số của bà con?", choices, asks_phone=True), card="https://a.vn/card.png")
    assert question["attachment"]["payload"]["buttons"][0]["title"] == "Bỏ qua"
    assert card["attachment"]["payload"]["template_type"] == "request_user_info"
    [element] = card["attachment"]["payload"]["elements"]
    assert element["image_url"] == "https://a.vn/card.png"
    assert len(sent(Outgoing("Số của bà con?", choices, asks_phone=True))) == 1


def test_what_would_replace_another_is_sent_anew() -> None:
    assert sent(Outgoing("Xong.", replaces="63ecf43f0df7dba892e6")) == [{"text": "Xong."}]


@pytest.mark.parametrize("message", [
    Outgoing(""), Outgoing(" \n "), Outgoing("a", (Choice("", "1"),)), Outgoing("a", (Choice("x", " "),)),
    Outgoing("a", (Choice("x" * 1000, "1"),)), Outgoing("a", (Choice("x", "1\0"),)),
])  # fmt: skip
def test_what_zalo_would_refuse_for_everybody_is_refused_here(message: Outgoing) -> None:
    with pytest.raises(ValueError, match=r"needs|the id of a choice"):
        payloads_of(HERE, message, has_buttons=True)


def test_a_template_goes_by_id_or_by_phone_number() -> None:
    by_id = template_of(HERE, "7895417a7d3f9461cd2e", {"customer": normalize("NFD", "Nguyễn A")})
    assert by_id.method == "template"
    assert json.loads(by_id.body) == {
        "user_id": HERE.id,
        "template_id": "7895417a7d3f9461cd2e",
        "template_data": {"customer": "Nguyễn A"},
    }
    by_phone = phone_template_of("0912345678", "23032", {"ten": "Hoa"}, "b7-42")
    assert by_phone.method == "phone"
    assert json.loads(by_phone.body) == {
        "phone": "84912345678",
        "template_id": "23032",
        "template_data": {"ten": "Hoa"},
        "tracking_id": "b7-42",
    }


def seen(text: str) -> bool:
    return bool(text.strip())


WORDS = st.text(alphabet='aăế .\n*_[]()#1-"\\🎉\u0301', min_size=1, max_size=5000).filter(seen)
LABELS = st.lists(st.text(alphabet="1.a ế\u0301", min_size=1, max_size=150).filter(seen), max_size=8)


@given(WORDS, LABELS, st.booleans())
def test_whatever_is_said_fits_and_keeps_its_choices(text: str, labels: list[str], buttons: bool) -> None:
    choices = tuple(Choice(f"3.{n}", label) for n, label in enumerate(labels))
    try:
        payloads = payloads_of(HERE, Outgoing(text, choices), has_buttons=buttons)
    except ValueError:
        return
    plainly = [without_buttons(one.body) if has_buttons(one.body) else one.body for one in payloads]
    texts = [said(Payload("cs", body))["text"] for body in plainly]
    for label in labels:
        assert normalize("NFC", label).strip() in "\n".join(texts)

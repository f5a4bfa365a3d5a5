"""What a picture or a file becomes on each channel: one call wherever it can be, and never less than the words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.channels.base import Payload
from bot.channels.media import form_of
from bot.channels.shown import shown_in
from bot.channels.telegram.encode import payloads_of as for_telegram
from bot.channels.webchat import WebChat
from bot.channels.zalo.encode import payloads_of as for_zalo
from bot.channels.zalobot.encode import payloads_of as for_zalobot
from bot.messages import Address, Choice, Media, Outgoing

PICTURE = Media("to-roi.png", "a" * 32, "image", "Tờ rơi <vay>", 600, 300)
FILE = Media("mau-don.pdf", "b" * 32, "file", "Mẫu đơn")
CHOICES = (Choice("3.co", "1. Có"), Choice("3.khong", "2. Không"))
LONG = "Một câu dài vừa phải. " * 60
AT = "https://bot.vn/media/"


def bodies(payloads: list[Payload]) -> list[tuple[str, dict[str, Any]]]:
    return [(payload.method, json.loads(payload.body)) for payload in payloads]


def telegram(message: Outgoing) -> list[tuple[str, dict[str, Any]]]:
    return bodies(for_telegram(Address("telegram", "7"), message))


def zalo(message: Outgoing, *, has_buttons: bool = True, card: str = "") -> list[dict[str, Any]]:
    made = for_zalo(Address("zalo", "7"), message, has_buttons=has_buttons, card_image=card)
    return [json.loads(payload.body)["message"] for payload in made]


def zalobot(message: Outgoing, at: str = AT) -> list[tuple[str, dict[str, Any]]]:
    return bodies(for_zalobot(Address("zalobot", "7"), message, at))


def test_telegram_puts_words_and_buttons_under_the_picture() -> None:
    [(method, body)] = telegram(Outgoing("Vay **không**?", CHOICES, media=PICTURE))
    assert method == "sendPhoto"
    assert body["chat_id"] == 7
    assert body["photo"] == PICTURE.ref
    assert body["caption"] == "Vay <b>không</b>?"
    assert body["parse_mode"] == "HTML"
    assert [row[0]["callback_data"] for row in body["reply_markup"]["inline_keyboard"]] == ["3.co", "3.khong"]
    [(method, body)] = telegram(Outgoing("Mời bà con xem.", media=FILE))
    assert (method, body["document"]) == ("sendDocument", FILE.ref)
    assert "reply_markup" not in body


def test_telegram_sends_a_picture_ahead_of_words_that_find_no_room_under_it() -> None:
    (first, picture), (method, body) = telegram(Outgoing(LONG, CHOICES, media=PICTURE))
    assert (first, picture) == ("sendPhoto", {"chat_id": 7, "photo": PICTURE.ref})
    assert method == "sendMessage"
    assert body["reply_markup"]


def test_telegram_edits_no_question_into_a_picture() -> None:
    [(method, _)] = telegram(Outgoing("Xong", replaces="55", media=PICTURE))
    assert method == "sendPhoto"


@pytest.mark.parametrize("has_buttons", [True, False])
def test_zalo_says_choices_as_lines_under_a_picture_so_that_it_is_one_message(has_buttons: bool) -> None:
    [message] = zalo(Outgoing("Vay **không**?", CHOICES, media=PICTURE), has_buttons=has_buttons)
    assert message["text"] == "Vay không?\n\n1. Có\n2. Không"
    assert message["attachment"] == {
        "type": "template",
        "payload": {
            "template_type": "media",
            "elements": [{"media_type": "image", "attachment_id": f"content:{PICTURE.ref}"}],
        },
    }


def test_zalo_sends_a_file_and_a_picture_with_many_words_ahead() -> None:
    file, words = zalo(Outgoing("Mời xem.", CHOICES, media=FILE))
    assert file == {"attachment": {"type": "file", "payload": {"token": f"content:{FILE.ref}"}}}
    assert words["attachment"]["payload"]["buttons"]
    picture, *more = zalo(Outgoing(LONG * 2, CHOICES, media=PICTURE))
    assert "text" not in picture
    assert len(more) == 2
    assert more[-1]["attachment"]["payload"]["buttons"]


def test_zalos_card_for_the_phone_number_comes_behind_the_picture() -> None:
    picture, card = zalo(Outgoing("Số của bà con?", asks_phone=True, media=PICTURE), card="https://a.vn/a.png")
    assert picture["text"] == "Số của bà con?"
    assert card["attachment"]["payload"]["template_type"] == "request_user_info"


def test_a_bot_of_zalo_lets_the_platform_fetch_the_picture_and_names_the_address_of_a_file() -> None:
    [(method, body)] = zalobot(Outgoing("Vay không?", CHOICES, media=PICTURE))
    assert method == "sendPhoto"
    assert body == {"chat_id": "7", "photo": AT + PICTURE.ref, "caption": "Vay không?\n\n1. Có\n2. Không"}
    [(method, body)] = zalobot(Outgoing("Mời xem.", media=FILE))
    assert (method, body["text"]) == ("sendMessage", f"Mời xem.\n\nMẫu đơn: {AT}{FILE.ref}")
    methods = [method for method, _ in zalobot(Outgoing(LONG * 2, CHOICES, media=PICTURE))]
    assert methods == ["sendPhoto", "sendMessage", "sendMessage"]


def test_a_bot_of_zalo_whom_the_world_cannot_reach_says_the_words() -> None:
    for media in (PICTURE, FILE):
        assert zalobot(Outgoing("Mời xem.", media=media), "") == [("sendMessage", {"chat_id": "7", "text": "Mời xem."})]


def test_the_web_chat_shows_it_above_the_words_and_says_what_it_is_to_who_cannot_see() -> None:
    [payload] = WebChat().encode(Address("webchat", "7"), Outgoing("Mời xem.", media=PICTURE))
    html = json.loads(payload.body)["html"]
    assert html == (
        f'<a class="picture" href="/media/{PICTURE.ref}" target="_blank" rel="noopener">'
        f'<img src="/media/{PICTURE.ref}" alt="Tờ rơi &lt;vay&gt;" width="600" height="300" loading="lazy"></a>'
        "<p>Mời xem.</p>"
    )
    [payload] = WebChat().encode(Address("webchat", "7"), Outgoing("Mời xem.", media=FILE))
    assert f'<a href="/media/{FILE.ref}" download>Mẫu đơn</a>' in json.loads(payload.body)["html"]


@pytest.mark.parametrize("media", [PICTURE, FILE])
@pytest.mark.parametrize("channel", ["telegram", "zalo", "zalobot", "webchat"])
def test_the_log_shows_what_was_sent(channel: str, media: Media) -> None:
    message, to = Outgoing("Mời **xem**.", media=media), Address(channel, "7")
    made = {
        "telegram": lambda: for_telegram(to, message),
        "zalo": lambda: for_zalo(to, message, has_buttons=True),
        "zalobot": lambda: for_zalobot(to, message, AT),
        "webchat": lambda: WebChat().encode(to, message),
    }[channel]()
    shown = [shown_in(payload.body) for payload in made]
    whole = "".join(one.html for one in shown if one is not None)
    assert "xem" in whole
    if channel != "zalobot" or media is PICTURE:
        assert f'"/media/{media.ref}"' in whole


def test_a_form_holds_its_fields_and_the_file() -> None:
    form = form_of({"chat_id": "7"}, "photo", "to-roi.png", b"\x89PNG\r\n--x")
    boundary = form.content_type.partition("boundary=")[2].encode()
    assert form.body == (
        b"--" + boundary + b'\r\nContent-Disposition: form-data; name="chat_id"\r\n\r\n7\r\n'
        b"--" + boundary + b'\r\nContent-Disposition: form-data; name="photo"; filename="to-roi.png"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\x89PNG\r\n--x\r\n--" + boundary + b"--\r\n"
    )

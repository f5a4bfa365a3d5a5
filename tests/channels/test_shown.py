"""What the ledger holds of a message is read back as people saw it, whichever channel carried it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.shown import shown_in
from bot.channels.telegram.encode import payloads_of
from bot.channels.webchat import WebChat
from bot.channels.zalo.encode import payloads_of as zalo_payloads_of
from bot.channels.zalo.encode import template_of
from bot.messages import Address, Choice, Outgoing

TEXT = "Hộ nghèo vay tới **100 triệu**.\n\n- Lãi 6%\n- <b>không thế chấp</b> & 1 > 0"
CHOICES = (Choice("a", "1. Vay vốn"), Choice("b", "2. Thôi"))


def bodies(channel: str, message: Outgoing) -> list[bytes]:
    to = Address(channel, "100000001")
    if channel == "webchat":
        return [payload.body for payload in WebChat().encode(to, message)]
    if channel == "telegram":
        return [payload.body for payload in payloads_of(to, message)]
    return [
        payload.body for payload in zalo_payloads_of(to, message, has_buttons=True, card_image="https://a.vn/a.png")
    ]


@pytest.mark.parametrize("channel", ["webchat", "telegram", "zalo"])
def test_text_and_choices_come_back(channel: str) -> None:
    [body] = bodies(channel, Outgoing(TEXT, CHOICES))
    shown = shown_in(body)
    assert shown is not None
    assert shown.choices == ("1. Vay vốn", "2. Thôi")
    for words in ("Hộ nghèo vay tới", "100 triệu", "Lãi 6%", "&lt;b&gt;không thế chấp&lt;/b&gt; &amp; 1 &gt; 0"):
        assert words in shown.html


def test_the_keyboard_that_asks_for_a_number_shows_its_choices() -> None:
    message = Outgoing("Số của bà con?", (Choice("skip", "Bỏ qua"),), asks_phone=True)
    [payload] = payloads_of(Address("telegram", "1"), message)
    shown = shown_in(payload.body)
    assert shown is not None
    assert shown.choices[1:] == ("Bỏ qua",)


def test_zalos_card_and_templates_show_what_people_read() -> None:
    _question, card = bodies("zalo", Outgoing("Số của bà con?", asks_phone=True))
    shown = shown_in(card)
    assert shown is not None
    assert "Share my number" in shown.html
    template = shown_in(template_of(Address("zalo", "7"), "23032", {"ten": "<b>Hoa</b>", "so-tien": "5*4"}).body)
    assert template is not None
    assert template.html == "<p>ten: &lt;b&gt;Hoa&lt;/b&gt;<br />\nso-tien: 5*4</p>"


def test_a_bot_of_zalo_sends_plain_text_where_telegram_sends_html() -> None:
    plain = shown_in(b'{"chat_id":"6ede9afa66b88fe6d6a9","text":"1 < 2 & <b>x</b> **y**"}')
    assert plain is not None
    assert plain.html == "<p>1 &lt; 2 &amp; &lt;b&gt;x&lt;/b&gt; **y**</p>"


@given(st.text(min_size=1).filter(lambda text: bool(text.strip())))
def test_nothing_in_a_message_becomes_markup(text: str) -> None:
    body = WebChat().encode(Address("webchat", "x"), Outgoing(text))[0].body
    shown = shown_in(body)
    assert shown is not None
    assert "<script" not in shown.html.lower()
    assert "<img" not in shown.html.lower()


@pytest.mark.parametrize("body", [
    b"", b"x", b"[]", b"null", b"{}", b'{"text": 1}', b'{"chat_id":1,"message_id":2}',
    b'{"recipient":{}}', b'{"recipient":{},"message":[]}', b'{"recipient":1,"message":{"attachment":{"payload":7}}}',
    b'{"template_id":"7"}', b'{"template_id":"7","template_data":[]}',
])  # fmt: skip
def test_what_holds_no_text_shows_nothing(body: bytes) -> None:
    assert shown_in(body) is None


@pytest.mark.parametrize("body", [
    b'{"text":"<script>alert(1)</script>","chat_id":1}', b'{"text":"<script>alert(1)</script>"}',
    b'{"text":"[x](javascript:alert(1))"}', b'{"text":"a","choices":[{"x":1},2],"chat_id":1,"reply_markup":[]}',
])  # fmt: skip
def test_bytes_that_we_did_not_make_do_no_harm(body: bytes) -> None:
    shown = shown_in(body)
    assert shown is not None
    assert "<script" not in shown.html
    assert "href=" not in shown.html

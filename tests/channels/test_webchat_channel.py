"""The web chat's messages, and the bell that tells open pages to look again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.channels.base import Channel, Payload, Rejected
from bot.channels.webchat import Hub, WebChat, html_from, said_in
from bot.messages import Address, Choice, Outgoing

HERE = Address("webchat", "abc")
MOMENT = timedelta(milliseconds=1)
LONG = timedelta(seconds=5)


def test_a_message_carries_its_address_its_html_and_its_choices() -> None:
    channel: Channel = WebChat()
    [payload] = channel.encode(HERE, Outgoing("**Chào** bà con", (Choice("1.a", "1. Vay vốn"),)))
    said = said_in(payload.body)
    assert (payload.method, said.to, said.text) == ("say", "abc", "**Chào** bà con")
    assert said.html == "<p><strong>Chào</strong> bà con</p>"
    assert [(button.id, button.label) for button in said.choices] == [("1.a", "1. Vay vốn")]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        '[x](https://a.vn "\\" onmouseover=\\"alert(1)")',
        "![x](https://a.vn/x.png)",
        "<javascript:alert(1)>",
        "&lt;script&gt;",
        "```\n<b>x</b>\n```",
    ],
)
def test_no_markup_but_our_own_comes_through(text: str) -> None:
    html = html_from(text)
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html
    assert 'href="javascript' not in html.lower()
    assert 'href="data' not in html
    assert '" onmouseover="' not in html


def test_a_link_leaves_the_chat_open_and_a_phone_number_can_be_called() -> None:
    assert html_from("[a](https://a.vn)") == (
        '<p><a href="https://a.vn" rel="noopener noreferrer" target="_blank">a</a></p>'
    )
    assert 'href="tel:111"' in html_from("[111](tel:111)")
    assert "target" not in html_from("[111](tel:111)")


async def test_sending_wakes_the_pages_of_that_address_only() -> None:
    channel = WebChat()
    [payload] = channel.encode(HERE, Outgoing("a"))
    with channel.hub.listen("abc") as mine, channel.hub.listen("abc") as also, channel.hub.listen("other") as other:
        await channel.send(payload)
        assert await mine.wait(LONG)
        assert await also.wait(LONG)
        assert not await other.wait(MOMENT)
        assert not await mine.wait(MOMENT), "one ring, one wake"
        assert channel.health() == {"ok": True, "pages": 3}
    assert channel.health()["pages"] == 0


async def test_sending_with_no_page_open_is_fine_and_a_body_of_others_is_rejected() -> None:
    channel = WebChat()
    assert await channel.send(channel.encode(HERE, Outgoing("a"))[0]) == ""
    with pytest.raises(Rejected):
        await channel.send(Payload("say", b"{"))


async def test_open_pages_are_bounded_and_closed_with_the_channel() -> None:
    channel = WebChat(Hub(most=2, most_each=1))
    with channel.hub.listen("abc") as bell:
        assert not channel.hub.has_room("abc")
        assert channel.hub.has_room("other")
        with channel.hub.listen("other"):
            assert not channel.hub.has_room("third")
        await channel.close()
        assert await bell.wait(LONG)
        assert bell.is_closed
    assert not channel.hub.has_room("abc")

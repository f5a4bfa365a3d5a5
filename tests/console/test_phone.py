"""A message on a phone, as each platform's app shows it."""

from __future__ import annotations

import pytest

from bot.channels.base import Channel
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.webchat import WebChat
from bot.channels.zalo.api import ZaloApi
from bot.channels.zalo.channel import ZaloChannel
from bot.console.phone import screen_of
from bot.messages import Choice, Outgoing
from bot.platforms import NoTokens
from tests.fakes.metered import REACH

ASKED = Outgoing("**Lãi** là 6% <b>.\n\nHỏi gì?", (Choice("1.aa", "1. Vay"), Choice("1.bb", "2. Thôi")))


def zalo(*, buttons: bool) -> Channel:
    return ZaloChannel(
        ZaloApi(NoTokens(), api="https://x.vn", template_api="https://x.vn"), reach=REACH, tries_buttons=buttons
    )


@pytest.mark.parametrize(("buttons", "choices"), [(True, ["1. Vay", "2. Thôi"]), (False, [])])
def test_zalo_shows_letters_as_they_come_and_a_list_where_it_has_no_buttons(buttons: bool, choices: list[str]) -> None:
    screen = screen_of(zalo(buttons=buttons), ASKED)
    [part] = screen.parts
    assert "Lãi là 6% &lt;b&gt;." in part
    assert "**" not in part
    assert ("2. Thôi" in part) == (not buttons)
    assert screen.choices == choices


@pytest.mark.parametrize("channel", [TelegramChannel("1:x"), WebChat()])
def test_where_there_is_markup_it_is_shown_as_such(channel: Channel) -> None:
    screen = screen_of(channel, ASKED)
    assert any(tag in screen.parts[0] for tag in ("<b>Lãi</b>", "<strong>Lãi</strong>"))
    assert "&lt;b&gt;" in screen.parts[0]
    assert screen.choices == ["1. Vay", "2. Thôi"]

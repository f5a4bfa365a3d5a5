"""The web chat's forms against those who send more than the page lets them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.channels.webchat import WebChat
from bot.hooks.webchat import add_webchat_routes
from bot.hooks.webchat_page import MOST_TEXT
from tests.hooks.webchat_talk import Client, FakeTalk, Person


async def test_a_text_too_long_is_refused_with_the_first_form_too(
    aiohttp_client: Callable[[web.Application], Awaitable[Client]],
) -> None:
    """The welcome's form carries what was typed before the cookie was there: a megabyte went straight in."""
    talk = FakeTalk(WebChat())
    app = web.Application(client_max_size=1 << 20)
    add_webchat_routes(app, channel=talk.channel, conversations=talk, secret="s" * 32, secure=False)
    person = Person(await aiohttp_client(app))
    await person.open()
    await person.press("/chat/start", text="a" * (MOST_TEXT + 1))
    assert person.status == 422
    assert talk.acted == []
    await person.press("/chat/start", text="a" * MOST_TEXT)
    assert [len(incoming.text) for incoming in talk.acted] == [0, MOST_TEXT]

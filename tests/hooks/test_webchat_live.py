"""What the page's script uses: the same forms answered as JSON, and the stream of news."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import ClientResponse, web

from bot.channels.webchat import WebChat
from bot.hooks.webchat import add_webchat_routes
from bot.messages import Address, Outgoing
from tests.hooks.webchat_talk import FORGET, Client, FakeTalk, Person

SCRIPT = {"Accept": "application/json"}


@pytest.fixture
def talk() -> FakeTalk:
    return FakeTalk(WebChat())


@pytest.fixture
async def person(
    talk: FakeTalk, aiohttp_client: Callable[[web.Application], Awaitable[Client]]
) -> AsyncIterator[Person]:
    """Somebody who has started, greeted with turn b2."""
    app = web.Application()
    add_webchat_routes(app, channel=talk.channel, conversations=talk, secret="s" * 32, secure=False)
    person = Person(await aiohttp_client(app))
    await person.start()
    yield person
    talk.channel.hub.close()


@pytest.fixture
def here(person: Person, talk: FakeTalk) -> Address:
    return talk.acted[0].address


async def sent(person: Person, text: str, *, key: str = "k" * 12, after: str = "b2") -> tuple[int, dict[str, object]]:
    data = {"key": key, "text": text, "after": after}
    async with person.client.post("/chat", data=data, headers=SCRIPT) as response:
        return response.status, await response.json()


def keys_in(data: dict[str, object]) -> list[str]:
    turns = data["turns"]
    assert isinstance(turns, list)
    return [turn["id"] for turn in turns]


async def event_from(stream: ClientResponse) -> tuple[str, str]:
    """The id and the HTML of the next turn on the stream."""
    key = ""
    async with asyncio.timeout(5):
        async for line in stream.content:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "id":
                key = value
            if name == "data":
                return key, json.loads(value)["html"]
    raise AssertionError("the stream ended")


async def test_a_message_is_answered_with_the_new_turns(person: Person) -> None:
    status, data = await sent(person, "xin chào")
    assert status == 200
    assert keys_in(data) == ["m3", "b4"]
    assert "Bà con nói: xin chào" in str(data)


async def test_a_message_sent_again_after_a_lost_answer_acts_once_and_is_answered(
    person: Person, talk: FakeTalk
) -> None:
    assert await sent(person, "xin chào") == await sent(person, "xin chào")
    assert [m.text for m in talk.acted] == ["", "xin chào"]


async def test_a_refusal_comes_in_words(person: Person) -> None:
    status, data = await sent(person, "x" * 2001)
    assert status == 422
    assert "2001" in str(data["error"])
    person.client.session.cookie_jar.clear()
    status, data = await sent(person, "x")
    assert status == 401
    assert "cookie" in str(data["error"])


async def test_deletion_sends_the_page_away(person: Person) -> None:
    status, data = await sent(person, FORGET)
    assert (status, data) == (200, {"turns": [], "go": "/?forgotten=1"})


async def test_the_stream_brings_what_is_sent_and_resumes_after_the_last(
    person: Person, talk: FakeTalk, here: Address
) -> None:
    async with person.client.get("/chat/events?after=b2") as stream:
        assert stream.content_type == "text/event-stream"
        await talk.say(here, Outgoing("Tin **một**"))
        key, html = await event_from(stream)
        assert key == "b3"
        assert "Tin <strong>một</strong>" in html
    await talk.say(here, Outgoing("Tin hai"))
    await talk.say(here, Outgoing("Tin ba"))
    async with person.client.get("/chat/events?after=b2", headers={"Last-Event-ID": "b3"}) as stream:
        assert [(await event_from(stream))[0] for _ in range(2)] == ["b4", "b5"]


async def test_a_stream_hears_nothing_of_others(person: Person, talk: FakeTalk, here: Address) -> None:
    async with person.client.get("/chat/events?after=b2") as stream:
        await talk.say(Address("webchat", "another"), Outgoing("Của người khác"))
        await talk.say(here, Outgoing("Của tôi"))
        assert "Của tôi" in (await event_from(stream))[1]


async def test_streams_end_when_the_bot_stops(person: Person, talk: FakeTalk) -> None:
    async with person.client.get("/chat/events?after=b2") as stream:
        talk.channel.hub.close()
        async with asyncio.timeout(5):
            await stream.content.read()
    async with person.client.get("/chat/events") as response:
        assert response.status == 204, "the page asks from time to time instead"


async def test_a_page_that_closed_is_let_go_without_a_word(
    person: Person, talk: FakeTalk, here: Address, caplog: pytest.LogCaptureFixture
) -> None:
    async with person.client.get("/chat/events?after=b2") as stream:
        await talk.say(here, Outgoing("Tin"))
        await event_from(stream)
    async with asyncio.timeout(5):
        while talk.channel.hub.pages:
            await talk.say(here, Outgoing("Còn đó không?"))
            await asyncio.sleep(0)
    assert not caplog.records


async def test_asking_from_time_to_time_brings_the_same(person: Person, talk: FakeTalk, here: Address) -> None:
    await talk.say(here, Outgoing("Tin mới"))
    async with person.client.get("/chat/new?after=b2") as response:
        assert keys_in(await response.json()) == ["b3"]
    async with person.client.get("/chat/new?after=gone") as response:
        assert keys_in(await response.json()) == ["b2", "b3"], "all, when the place is not known any more"
    person.client.session.cookie_jar.clear()
    async with person.client.get("/chat/new") as response:
        assert response.status == 401
    async with person.client.get("/chat/events") as response:
        assert response.status == 204

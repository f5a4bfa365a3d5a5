"""The page as somebody with an old phone and no JavaScript meets it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from html import unescape

import pytest
from aiohttp import web

from bot.channels.webchat import WebChat
from bot.hooks.webchat import add_webchat_routes
from bot.hooks.webchat_guard import COOKIE
from bot.messages import Address, Choice, Kind, Outgoing
from tests.hooks.webchat_talk import FORGET, Client, FakeTalk, Person


class Seconds:
    """A clock that stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def talk() -> FakeTalk:
    return FakeTalk(WebChat())


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
async def client(
    talk: FakeTalk, seconds: Seconds, aiohttp_client: Callable[[web.Application], Awaitable[Client]]
) -> Client:
    app = web.Application()
    add_webchat_routes(
        app, channel=talk.channel, conversations=talk, secret="s" * 32, secure=False, trusted_proxy=True, clock=seconds
    )
    return await aiohttp_client(app)


@pytest.fixture
def person(client: Client) -> Person:
    return Person(client)


def open_choices(page: str) -> list[str]:
    return re.findall(r'<button name="choice" value="([^"]*)">', page)


async def test_looking_makes_no_contact(person: Person, talk: FakeTalk) -> None:
    assert "Bắt đầu" in await person.open()
    async with person.client.head("/") as response:
        assert response.status == 200
    assert talk.acted == []


async def test_a_whole_conversation_without_javascript(person: Person, talk: FakeTalk) -> None:
    talk.answers["1.vay"] = [Outgoing("Vay được **nhiều**."), Outgoing("Xem gì?", (Choice("2.ho", "1. Hồ sơ"),))]
    page = await person.start()
    assert "Mình xem gì?" in page
    assert open_choices(page) == ["1.vay", "1.hoc"]

    page = await person.press("/chat", **{**person.fields("/chat"), "choice": "1.vay"})
    assert "1. Vay vốn</div>" in page, "a tap says its label"
    assert "<strong>nhiều</strong>" in page
    assert open_choices(page) == ["2.ho"], "the older question is closed"

    assert "Bà con nói: xin cảm ơn" in await person.say("xin cảm ơn")
    assert [(m.kind, m.tap or m.text) for m in talk.acted] == [
        (Kind.START, ""), (Kind.TAP, "1.vay"), (Kind.TEXT, "xin cảm ơn"),
    ]  # fmt: skip
    assert len({m.address for m in talk.acted}) == 1


async def test_a_post_leads_back_to_the_end_of_the_page(person: Person) -> None:
    await person.open()
    async with person.client.post("/chat/start", data=person.fields("/chat/start"), allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/#end")
        cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=34560000" in cookie
    assert 'id="end"' in await person.open()


async def test_choices_stay_open_when_what_was_said_got_no_answer(person: Person, talk: FakeTalk) -> None:
    talk.answers["?"] = []
    await person.start()
    assert open_choices(await person.say("?")) == ["1.vay", "1.hoc"]


async def test_a_deep_link_is_carried_to_the_start_and_offered_to_who_is_here(person: Person, talk: FakeTalk) -> None:
    await person.start("/?start=vay-von")
    assert talk.acted[-1].text == "vay-von"
    assert "Xem chủ đề này" in await person.open("/?start=hoc-nghe")
    assert len(talk.acted) == 1, "opening a link says nothing yet"
    await person.press("/chat/start")
    assert talk.acted[-1].text == "hoc-nghe"
    assert 'name="start"' not in await person.open("/?start=%22%3E%3Cscript%3E")


async def test_a_form_sent_twice_acts_once_and_other_words_in_it_act_too(person: Person, talk: FakeTalk) -> None:
    await person.start()
    form = person.page
    for text in ("một", "một", "hai"):
        person.page = form
        await person.say(text)
    assert [m.text for m in talk.acted] == ["", "một", "hai"]
    await person.say("hai")
    assert [m.text for m in talk.acted] == ["", "một", "hai", "hai"], "said again in a new form"


async def test_a_start_sent_twice_makes_one_contact(person: Person, talk: FakeTalk) -> None:
    await person.open()
    form = person.page
    await person.press("/chat/start")
    person.page = form
    await person.press("/chat/start")
    assert len(talk.acted) == 1


async def test_a_forged_cookie_is_a_stranger(person: Person, talk: FakeTalk) -> None:
    await person.start()
    own = talk.acted[0].address
    person.client.session.cookie_jar.update_cookies({COOKIE: f"{own.id}.forged"}, person.client.make_url("/"))
    assert "Bắt đầu" in await person.open()
    await person.press("/chat/start")
    assert talk.acted[-1].address != own


async def test_without_a_cookie_the_words_are_kept_and_sent_with_the_start(person: Person, talk: FakeTalk) -> None:
    await person.start()
    person.client.session.cookie_jar.clear()
    page = await person.say("tôi hỏi vay vốn")
    assert person.status == 401
    assert "tôi hỏi vay vốn</textarea>" in page
    await person.press("/chat/start", text="tôi hỏi vay vốn")
    assert [m.text for m in talk.acted[1:]] == ["", "tôi hỏi vay vốn"]
    assert talk.acted[1].address == talk.acted[2].address


async def test_who_had_everything_deleted_is_told_so_and_is_a_stranger(person: Person, talk: FakeTalk) -> None:
    await person.start()
    page = await person.say(FORGET)
    assert "Tôi đã xóa dữ liệu" in page
    assert "Mình xem gì?" not in page
    await person.press("/chat/start")
    assert talk.acted[-1].address != talk.acted[0].address


async def test_leaving_the_machine_shows_nothing_to_the_next(person: Person) -> None:
    await person.start()
    page = await person.press("/chat/leave")
    assert "Bắt đầu" in page
    assert "Mình xem gì?" not in page


async def test_too_many_messages_wait_and_keep_what_was_typed(person: Person, talk: FakeTalk, seconds: Seconds) -> None:
    await person.start()
    for n in range(19):
        await person.say(f"tin {n}")
    page = await person.say("tin <cuối>")
    assert person.status == 429
    assert "tin &lt;cuối&gt;</textarea>" in page
    assert "đợi 2 giây" in page
    seconds.now += 2
    await person.say("tin cuối")
    assert person.status == 200
    assert talk.acted[-1].text == "tin cuối"


async def test_one_machine_cannot_be_thousands_of_people(client: Client) -> None:
    async def start_as(remote: str) -> int:
        await client.get("/")
        headers = {"X-Forwarded-For": f"9.9.9.9, {remote}"}
        async with client.post("/chat/start", data={"key": "k" * 16}, headers=headers, allow_redirects=False) as reply:
            client.session.cookie_jar.clear()
            return reply.status

    assert {await start_as("2001:db8::1") for _ in range(200)} == {303}
    assert await start_as("2001:db8::2") == 429, "the same household's /64"
    assert await start_as("10.0.0.1") == 303


async def test_a_text_too_long_is_kept_and_explained(person: Person, talk: FakeTalk) -> None:
    await person.start()
    story = "Nhà tôi " * 300
    page = await person.say(story)
    assert person.status == 422
    assert story.strip() in page
    assert "2399" in page
    assert len(talk.acted) == 1


async def test_when_the_database_is_down_the_words_stay(person: Person, talk: FakeTalk) -> None:
    await person.start()
    talk.is_down = True
    page = await person.say("còn đây")
    assert person.status == 503
    assert "còn đây</textarea>" in page


async def test_nothing_that_people_or_content_say_is_markup(person: Person, talk: FakeTalk) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    talk.answers[evil] = [Outgoing(evil, (Choice('"><script>alert(2)</script>', evil[:30]),))]
    await person.start()
    page = await person.say(evil)
    assert "<script>alert" not in page
    assert "<img" not in page
    assert unescape(page).count(evil) == 2


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_a_form_on_another_site_says_nothing_here(person: Person, talk: FakeTalk, origin: str) -> None:
    await person.start()
    form = {**person.fields("/chat"), "text": "giả"}
    async with person.client.post("/chat", data=form, headers={"Origin": origin}) as response:
        assert response.status == 403
    own = str(person.client.make_url("/")).rstrip("/")
    async with person.client.post("/chat", data={**form, "text": "thật"}, headers={"Origin": own}) as response:
        assert response.status == 200
    assert [m.text for m in talk.acted] == ["", "thật"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"text=\xff\xfe", "application/x-www-form-urlencoded"),
        (b"text=a", "application/x-www-form-urlencoded; charset=nonsense"),
        (b"{}", "application/json"),
    ],
)
async def test_what_is_no_form_is_refused(person: Person, body: bytes, kind: str) -> None:
    await person.start()
    async with person.client.post("/chat", data=body, headers={"Content-Type": kind}) as response:
        assert response.status == 400


async def test_odd_fields_are_cleaned(person: Person, talk: FakeTalk) -> None:
    await person.start()
    await person.press("/chat", text=" a\0b ", key="no")
    assert talk.acted[-1].text == "ab"
    await person.press("/chat", text="   ")
    assert len(talk.acted) == 2
    await person.press("/chat", choice="9.never-offered")
    assert (talk.acted[-1].tap, talk.acted[-1].text) == ("9.never-offered", "")


async def test_the_page_speaks_the_language_asked_for_then_the_contacts(person: Person, talk: FakeTalk) -> None:
    assert '<html lang="en"' in await person.open("/?lang=en")
    talk.speaks = "en"
    assert '<html lang="en"' in await person.press("/chat/start")
    assert talk.acted[0].language == "en"


async def test_headers_forbid_all_that_the_page_does_not_need(person: Person) -> None:
    await person.start()
    async with person.client.get("/") as response:
        policy = response.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "same-origin"
        page = await response.text()
    assert not re.search(r"<style|<script(?![^>]*src=)|\sstyle=|\son\w+=", page)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page), "no asset of others"


async def test_page_and_assets_stay_under_60_kb_before_compression(person: Person, talk: FakeTalk) -> None:
    choices = tuple(Choice(f"{n}.x", f"{n}. Một lựa chọn dài vừa phải") for n in range(5))
    await person.start()
    to: Address = talk.acted[0].address
    for _ in range(20):
        await talk.say(to, Outgoing("Mỗi câu ngắn, dễ đọc. " * 8, choices))
    page = await person.open()
    total = len(page.encode())
    for path in re.findall(r'(?:src|href)="(/static/[^"]*)"', page):
        async with person.client.get(path) as response:
            assert response.status == 200
            assert "immutable" in response.headers["Cache-Control"]
            assert response.headers["Content-Encoding"] == "gzip"
            total += len(await response.read())
    assert total < 60 * 1024, total


async def test_an_asset_of_an_older_page_is_still_there(client: Client) -> None:
    async with client.get("/static/webchat/0ld/chat.css", headers={"Accept-Encoding": "identity"}) as response:
        assert (response.status, response.headers["Cache-Control"]) == (200, "no-cache")
        assert "Content-Encoding" not in response.headers
    async with client.get("/static/webchat/0ld/none.css") as response:
        assert response.status == 404

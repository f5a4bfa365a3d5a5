"""A content message brings its picture into the conversation, and a fact that lapsed keeps both out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.engine.content import Fact, Message, Version
from bot.engine.events import Said
from bot.engine.state import Context, Library, Person, Session
from bot.engine.step import advance
from bot.engine.transcript import play
from bot.messages import Address, Incoming, Kind, Media
from tests.shipped import library_of

TODAY = date(2026, 11, 23)
PICTURE = Media("to-roi.png", "a" * 32, "image", "Tờ rơi", 20, 10)
TREE = """
dialog: vay
title: Vay
nodes:
  a: {say: [{text: Mời xem.}, tin.anh, tin.chu], next: b}
  b: {ask: Xong chưa?, choices: [{label: Rồi, go: a}, {label: Chưa, go: a}]}
"""


def library(state: str = "say") -> Library:
    version = Version(date(2026, 1, 1), None, state, "Nghị định 1")  # type: ignore[arg-type]  # one of its words
    fact = Fact("lai", "lãi", (version,), TODAY, date(2027, 3, 31), "A")
    messages = (
        Message("tin.anh", "Có ảnh.", ("I",), "tin", ("lai",), media=PICTURE),
        Message("tin.chu", "Chữ.", ("I",), "tin"),
    )  # fmt: skip
    phrases = {"source": "Theo: {law}.", "checking": "Đang soát lại."}
    return replace(
        library_of({"vay": TREE}), facts={"lai": fact}, messages={one.id: one for one in messages}, phrases=phrases
    )


def said(given: Library, session: Session, incoming: Incoming) -> tuple[Session, list[Said]]:
    sprint = advance(given, session, incoming, Context(Person({"da-chao": "1"}), TODAY))
    return sprint.session, [event for event in sprint.events if isinstance(event, Said)]


def test_the_bubble_of_a_message_carries_its_picture_and_no_other_does() -> None:
    start = Incoming(Address("telegram", "1"), "1", Kind.START, "vay")
    _, bubbles = said(library(), Session(), start)
    assert [one.media for one in bubbles] == [PICTURE, None]
    assert bubbles[0].text == "Mời xem.\n\nCó ảnh.\n\n_Theo: Nghị định 1._"


def test_what_may_not_be_said_shows_no_picture_either() -> None:
    _, bubbles = said(library("withhold"), Session(), Incoming(Address("telegram", "1"), "1", Kind.START, "vay"))
    assert [one.media for one in bubbles] == [None, None]


def test_no_question_is_edited_into_a_picture() -> None:
    start = Incoming(Address("telegram", "1"), "1", Kind.START, "vay")
    session, bubbles = said(library(), Session(), start)
    tap = Incoming(Address("telegram", "1"), "2", Kind.TAP, tap=bubbles[-1].choices[0].id)
    _, bubbles = said(library(), replace_bare(session), tap)
    assert bubbles[0].media == PICTURE
    assert not bubbles[0].replaces


def replace_bare(session: Session) -> Session:
    """As if the open question had been asked with nothing before it: a tap may then take its place."""
    return Session.from_dict({**session.to_dict(), "bare": 1})


def test_a_transcript_shows_what_is_carried() -> None:
    assert "< (image) to-roi.png: Tờ rơi\n< Mời xem." in play(library(), "# da-chao: 1\n\n> /start vay\n", TODAY)

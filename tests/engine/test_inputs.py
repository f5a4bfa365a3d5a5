"""What people send in bursts or at great length: one sensible reply, and no more memory than for anything else."""

from __future__ import annotations

from datetime import date

from bot.engine.events import Said, Silent
from bot.engine.state import Context, Person, Session
from bot.engine.step import advance
from bot.engine.words import fold, plain
from bot.messages import Address, Incoming, Kind
from tests.services.bot import TREES

CONTEXT = Context(Person(), date(2026, 11, 23))
MAI = Address("fake", "mai")


def photo(number: int, album: str, text: str = "") -> Incoming:
    return Incoming(MAI, str(number), Kind.PHOTO, text, album=album)


def test_an_album_gets_one_reply() -> None:
    session = advance(TREES, Session(), Incoming(MAI, "1", text="menu"), CONTEXT).session
    answers = []
    for number, album in enumerate(("a", "a", "a", "b", "b"), start=2):
        sprint = advance(TREES, session, photo(number, album), CONTEXT)
        session = Session.from_dict(sprint.session.to_dict())
        answers.append([type(event) for event in sprint.events if isinstance(event, (Said, Silent))])
    assert answers == [[Said], [Silent], [Silent], [Said], [Silent]]


def test_words_with_a_later_picture_of_an_album_are_heard() -> None:
    session = advance(TREES, Session(), Incoming(MAI, "1", text="menu"), CONTEXT).session
    session = advance(TREES, session, photo(2, "a"), CONTEXT).session
    assert advance(TREES, session, photo(3, "a", "vay vốn"), CONTEXT).session.node == "vay"


def test_a_long_text_is_not_kept_in_memory() -> None:
    """Thousands of stories of four thousand letters would be a hundred megabytes."""
    for shape in (fold, plain):
        story = "Chuyện nhà tôi " * 300
        assert shape(story) is not shape(story)
        assert shape("Vay vốn") is shape("Vay vốn")

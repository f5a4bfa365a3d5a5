"""What updates of the Zalo Bot Platform mean: samples from its documentation and from real calls."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.bot_api import Unparsable
from bot.channels.zalobot.wire import incoming_from, known_as, name_in, update_from
from bot.messages import Address, Incoming, Kind

CHAT = "6ede9afa66b88fe6d6a9"


def event(kind: str = "text", **fields: Any) -> dict[str, Any]:
    person = {"id": CHAT, "display_name": "Ted", "is_bot": False}
    message = {"from": person, "chat": {"id": CHAT, "chat_type": "PRIVATE"}, "date": 1750316131602}
    return {"event_name": f"message.{kind}.received", "message": message | {"message_id": "2d758cb5e222"} | fields}


def read(update: object) -> Incoming | None:
    raw = update if isinstance(update, bytes) else json.dumps(update, ensure_ascii=False).encode()
    return incoming_from(update_from(raw))


def test_the_webhooks_body_may_wrap_the_update_or_be_it() -> None:
    bare = event(text="Xin chào")
    heard = Incoming(Address("zalobot", CHAT), "2d758cb5e222", Kind.TEXT, "Xin chào", name="Ted", at=1_750_316_131.602)
    assert read(bare) == heard
    assert read({"ok": True, "result": bare}) == heard


@pytest.mark.parametrize(
    ("update", "kind", "text"),
    [
        (event(text="/start vay-von"), Kind.START, "vay-von"),
        (event(text="/START"), Kind.START, ""),
        (event(text="/dung"), Kind.TEXT, "/dung"),
        (event("link", text="https://a.vn"), Kind.TEXT, "https://a.vn"),
        (event("image", photo_url="https://p.test/1.jpg", caption="sổ hộ nghèo"), Kind.PHOTO, "sổ hộ nghèo"),
        (event("image", photo="https://p.test/1.jpg"), Kind.PHOTO, ""),
        (event("sticker", sticker="bfe458bf64fa8da4d4eb"), Kind.STICKER, ""),
        (event("voice", voice_url="https://p.test/1.aac"), Kind.VOICE, ""),
        (event("unsupported"), Kind.OTHER, ""),
        (event("text", text="a\0b"), Kind.TEXT, "ab"),
    ],
)
def test_each_event_is_a_kind_of_message(update: dict[str, Any], kind: Kind, text: str) -> None:
    heard = read(update)
    assert heard is not None
    assert (heard.kind, heard.text, heard.external_id) == (kind, text, "2d758cb5e222")


def test_ids_may_be_numbers_and_what_is_missing_is_empty() -> None:
    heard = read({"event_name": "message.text.received", "message": {"chat": {"id": 7}, "text": "a", "message_id": 9}})
    assert heard == Incoming(Address("zalobot", "7"), "9", Kind.TEXT, "a")


def test_a_message_without_an_id_has_one_that_it_has_again() -> None:
    nameless, later = event(text="a", message_id=""), event(text="a", message_id="", date=1750316131603)
    first, again, other = read(nameless), read(nameless), read(later)
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.external_id == again.external_id != other.external_id


def test_a_reaction_is_not_taken_for_the_message_it_is_about() -> None:
    said, liked = read(event(text="a")), read(event("reaction"))
    assert said is not None
    assert liked is not None
    assert liked.kind is Kind.REACTION
    assert liked.external_id != said.external_id


@pytest.mark.parametrize(
    "update",
    [
        event(text="a", chat={"id": "g", "chat_type": "GROUP"}),
        event() | {"message": event()["message"] | {"text": "a", "from": {"id": "b", "is_bot": True}}},
        {"event_name": "message.unsupported.received"},
    ],
)
def test_groups_bots_and_what_has_no_message_ask_nothing_of_us(update: dict[str, Any]) -> None:
    assert read(update) is None


def test_an_event_from_the_future_says_whose_it_is() -> None:
    with pytest.raises(Unparsable) as caught:
        read(event("hologram"))
    assert caught.value.whose == CHAT
    with pytest.raises(Unparsable) as caught:
        read({"event_name": "bot.retired"})
    assert caught.value.whose == ""


@pytest.mark.parametrize(
    "raw",
    [b"", b"{}", b"[]", b"\xff", b'{"ok":true,"result":{}}', json.dumps(event(chat={"id": ""})).encode(),
     json.dumps(event(chat={"id": "x" * 65})).encode(), json.dumps(event(chat={"id": "a\0"})).encode(),
     json.dumps(event(text={"a": 1})).encode()],
)  # fmt: skip
def test_what_cannot_be_read_is_said_so(raw: bytes) -> None:
    with pytest.raises(Unparsable):
        read(raw)
    assert name_in(raw) == name_in(raw) != name_in(raw + b" ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    assert known_as(raw) == known_as(raw)
    with suppress(Unparsable):
        read(raw)


@given(st.dictionaries(st.sampled_from(["from", "chat", "text", "caption", "message_id", "date"]), JSON))
def test_no_message_breaks_the_reader_and_what_is_read_fits_the_tables(fields: dict[str, Any]) -> None:
    for kind in ("text", "image", "hologram"):
        try:
            heard = read(event(kind, **fields))
        except Unparsable:
            continue
        if heard is not None:
            assert 1 <= len(heard.address.id) <= 64
            assert 1 <= len(heard.external_id) <= 80
            assert "\0" not in heard.address.id + heard.external_id + heard.text + heard.name
            assert 0 <= heard.at < 1e10


def test_an_update_given_out_again_is_known_by_its_message() -> None:
    first, again = event(text="a"), event(text="a", date=1750316131999)
    assert known_as(json.dumps(first).encode()) == known_as(json.dumps({"ok": True, "result": again}).encode())
    assert known_as(json.dumps(first).encode()) != known_as(json.dumps(event("image")).encode())

"""Updates as Telegram sends them, and what each means: fabricated after the documentation of the Bot API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.channels.bot_api import Unparsable
from bot.channels.telegram.wire import incoming_from, kind_of, update_from
from bot.messages import Address, Incoming, Kind

HERE = Address("telegram", "100000001")
PERSON = {"id": 100000001, "is_bot": False, "first_name": "Nguyễn", "last_name": "Thị Na", "language_code": "vi-VN"}
PRIVATE = {"id": 100000001, "type": "private", "first_name": "Nguyễn"}
GROUP = {"id": -1001, "type": "supergroup", "title": "Thôn 5"}
PICTURE = {"file_id": "A", "file_unique_id": "a", "width": 90, "height": 60}
FILE = {"file_id": "A", "file_unique_id": "a"}
VIDEO = {**FILE, "width": 90, "height": 60, "duration": 3}
PLACE = {"latitude": 21.19, "longitude": 105.42}
POLL = {
    "id": "1",
    "question": "?",
    "options": [],
    "total_voter_count": 0,
    "is_closed": False,
    "allows_revoting": False,
    "members_only": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
}


def message(**content: object) -> dict[str, Any]:
    return {"message_id": 55, "date": 1_760_000_000, "chat": PRIVATE, "from": PERSON, **content}


def incoming(update: dict[str, Any]) -> Incoming | None:
    return incoming_from(update_from(json.dumps({"update_id": 900, **update}).encode()))


def expect(kind: Kind, **rest: Any) -> Incoming:
    return Incoming(HERE, "900", kind, name="Nguyễn Thị Na", language="vi", **rest)


CASES: dict[str, tuple[dict[str, Any], Incoming]] = {
    "text": ({"message": message(text="vay vốn")}, expect(Kind.TEXT, text="vay vốn")),
    "start": ({"message": message(text="/start")}, expect(Kind.START)),
    "start with payload": ({"message": message(text="/start vay-von_q1")}, expect(Kind.START, text="vay-von_q1")),
    "start with name": ({"message": message(text="/start@hn_bot bhyt")}, expect(Kind.START, text="bhyt")),
    "command": ({"message": message(text="/menu@hn_bot")}, expect(Kind.TEXT, text="/menu")),
    "command with words": ({"message": message(text="/tim vay vốn")}, expect(Kind.TEXT, text="/tim vay vốn")),
    "sticker": (
        {"message": message(sticker={**PICTURE, "type": "regular", "is_animated": False, "is_video": False})},
        expect(Kind.STICKER),
    ),
    "photo": ({"message": message(photo=[PICTURE], caption="giấy này")}, expect(Kind.PHOTO, text="giấy này")),
    "animation": (
        {"message": message(animation=VIDEO, document=FILE)},
        expect(Kind.VIDEO),
    ),
    "voice": ({"message": message(voice={**FILE, "duration": 4})}, expect(Kind.VOICE)),
    "audio": ({"message": message(audio={**FILE, "duration": 4})}, expect(Kind.VOICE)),
    "video": ({"message": message(video=VIDEO, caption="xem")}, expect(Kind.VIDEO, text="xem")),
    "video note": ({"message": message(video_note={**FILE, "length": 9, "duration": 3})}, expect(Kind.VIDEO)),
    "document": ({"message": message(document=FILE)}, expect(Kind.FILE)),
    "location": ({"message": message(location=PLACE)}, expect(Kind.LOCATION)),
    "venue": (
        {"message": message(location=PLACE, venue={"location": PLACE, "title": "UBND", "address": "Tản Lĩnh, Ba Vì"})},
        expect(Kind.LOCATION, text="UBND, Tản Lĩnh, Ba Vì"),
    ),
    "own card": (
        {"message": message(contact={"phone_number": "+84901", "first_name": "Na", "user_id": 100000001})},
        expect(Kind.CONTACT, phone="+84901"),
    ),
    "another's card": (
        {"message": message(contact={"phone_number": "+84902", "first_name": "Ba", "user_id": 5})},
        expect(Kind.CONTACT),
    ),
    "a card without account": (
        {"message": message(contact={"phone_number": "+84903", "first_name": "Tư"})},
        expect(Kind.CONTACT),
    ),
    "poll": ({"message": message(poll=POLL)}, expect(Kind.POLL)),
    "dice": ({"message": message(dice={"emoji": "🎲", "value": 3})}, expect(Kind.OTHER)),
    "edited": ({"edited_message": message(text="vay vốn ạ", edit_date=1)}, expect(Kind.EDITED, text="vay vốn ạ")),
    "tap": (
        {
            "callback_query": {
                "id": "4242",
                "from": PERSON,
                "chat_instance": "1",
                "data": "3:xyz",
                "message": message(text="Chọn"),
            }
        },
        expect(Kind.TAP, tap="3:xyz", tapped_id="55", receipt="4242"),
    ),
    "tap on an old message": (
        {
            "callback_query": {
                "id": "4242",
                "from": PERSON,
                "chat_instance": "1",
                "data": "3:xyz",
                "message": {"message_id": 55, "date": 0, "chat": PRIVATE},
            }
        },
        expect(Kind.TAP, tap="3:xyz", tapped_id="55", receipt="4242"),
    ),
    "blocked": (
        {
            "my_chat_member": {
                "chat": PRIVATE,
                "from": PERSON,
                "date": 1,
                "old_chat_member": {"status": "member", "user": PERSON},
                "new_chat_member": {"status": "kicked", "user": PERSON, "until_date": 0},
            }
        },
        expect(Kind.BLOCKED),
    ),
    "unblocked": (
        {
            "my_chat_member": {
                "chat": PRIVATE,
                "from": PERSON,
                "date": 1,
                "old_chat_member": {"status": "kicked", "user": PERSON, "until_date": 0},
                "new_chat_member": {"status": "member", "user": PERSON},
            }
        },
        expect(Kind.UNBLOCKED),
    ),
    "reaction": (
        {
            "message_reaction": {
                "chat": PRIVATE,
                "message_id": 55,
                "user": PERSON,
                "date": 1,
                "old_reaction": [],
                "new_reaction": [{"type": "emoji", "emoji": "👍"}],
            }
        },
        expect(Kind.REACTION, text="👍", tapped_id="55"),
    ),
}
NOTHING_TO_ANSWER: dict[str, dict[str, Any]] = {
    "message": {"message": {**message(text="xin chào"), "chat": GROUP}},
    "edited_message": {"edited_message": message(location=PLACE)},
    "callback_query": {
        "callback_query": {"id": "1", "from": PERSON, "chat_instance": "1", "data": "x", "inline_message_id": "y"}
    },
    "my_chat_member": {
        "my_chat_member": {
            "chat": GROUP,
            "from": PERSON,
            "date": 1,
            "old_chat_member": {"status": "left", "user": PERSON},
            "new_chat_member": {"status": "member", "user": PERSON},
        }
    },
    "other": {"poll": POLL},
}


@pytest.mark.parametrize("case", CASES)
def test_each_kind_of_update_means_one_thing(case: str) -> None:
    update, meaning = CASES[case]
    assert incoming(update) == meaning


@pytest.mark.parametrize("kind", NOTHING_TO_ANSWER)
def test_groups_and_what_we_did_not_ask_for_are_left_aside_by_name(kind: str) -> None:
    update = NOTHING_TO_ANSWER[kind]
    assert incoming(update) is None
    assert kind_of(update_from(json.dumps({"update_id": 1, **update}).encode())) == kind


def test_service_messages_ask_for_no_answer() -> None:
    assert incoming({"message": message(pinned_message=message(text="a"))}) is None
    assert incoming({"message": message(write_access_allowed={})}) is None


def test_fields_and_kinds_of_later_bot_apis_do_no_harm() -> None:
    later = {"message": message(text="a", telepathy={"strength": 3}), "thought": {"id": 1}}
    assert incoming(later) == expect(Kind.TEXT, text="a")
    assert incoming({"message": message(telepathy={"strength": 3})}) == expect(Kind.OTHER)


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b'{"update_id":1,"message":{}}', b'{"update_id":"x"}', b'{"update_id":1', b'{"\xff":1}']
)
def test_what_is_no_update_says_so(raw: bytes) -> None:
    with pytest.raises(Unparsable):
        update_from(raw)

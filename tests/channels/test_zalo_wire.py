"""Events of Zalo's webhook, and what each means. The samples are those of the documentation."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.zalo.wire import (
    Echo,
    Heard,
    Ignored,
    Receipt,
    TemplateChanged,
    Unknown,
    Unparsable,
    event_from,
    seconds_of,
    timestamp_in,
)
from bot.messages import Address, Incoming, Kind

APP, OA, WHO, TIME = "360846524940903967", "388613280878808645", "246845883529197922", "1790000000000"
HERE = Address("zalo", WHO)


def raw(name: str, **more: Any) -> bytes:
    return json.dumps({"app_id": APP, "event_name": name, "timestamp": TIME, **more}).encode()


def by_user(name: str, message: dict[str, Any] | None = None, **more: Any) -> bytes:
    about = {"sender": {"id": WHO}, "recipient": {"id": OA}, "user_id_by_app": "552177279717587730"}
    return raw(name, **about, **({"message": {"msg_id": "96d3cdf3af150460909", **message}} if message else {}), **more)


def heard(event: bytes) -> Incoming:
    told = event_from(event)
    assert isinstance(told, Heard)
    return told.incoming


def attached(kind: str, **payload: Any) -> dict[str, Any]:
    return {"attachments": [{"type": kind, "payload": payload}]}


def test_words_come_with_who_when_and_the_id_of_their_message() -> None:
    assert heard(by_user("user_send_text", {"text": "Xin chào", "quote_msg_id": "1"})) == Incoming(
        HERE, "96d3cdf3af150460909", Kind.TEXT, "Xin chào", at=1_790_000_000.0
    )


@pytest.mark.parametrize(
    ("name", "message", "kind", "text"),
    [
        ("user_send_image", {"text": "giấy", **attached("image", thumbnail="t", url="u")}, Kind.PHOTO, "giấy"),
        ("user_send_image", attached("image", url="u"), Kind.PHOTO, ""),
        ("user_send_gif", attached("gif", thumbnail="t", url="u"), Kind.PHOTO, ""),
        ("user_send_sticker", attached("sticker", id="1", url="u"), Kind.STICKER, ""),
        ("user_send_audio", attached("audio", url="u.amr"), Kind.VOICE, ""),
        ("user_send_video", attached("video", thumbnail="t", description="", url="u"), Kind.VIDEO, ""),
        ("user_send_file", attached("file", url="u", size="1024", name="a.pdf", type="pdf"), Kind.FILE, ""),
        (
            "user_send_location",
            {"text": "", **attached("location", coordinates={"latitude": "10.7", "longitude": "106.6"})},
            Kind.LOCATION,
            "",
        ),
        ("user_send_link", {"text": "https://a.vn", **attached("link", url="https://a.vn")}, Kind.TEXT, "https://a.vn"),
        ("user_send_link", attached("link", url="https://a.vn"), Kind.TEXT, "https://a.vn"),
        ("user_send_business_card", attached("link", description='{"phone":"84987654321"}'), Kind.CONTACT, ""),
    ],
)
def test_whatever_people_send_has_its_kind(name: str, message: dict[str, Any], kind: Kind, text: str) -> None:
    incoming = heard(by_user(name, message))
    assert (incoming.kind, incoming.text, incoming.phone) == (kind, text, "")


@pytest.mark.parametrize("text", ["#1f.0a9b8c7d", "#2.more", " #2.o3 "])
def test_what_a_button_of_ours_carries_is_a_tap(text: str) -> None:
    incoming = heard(by_user("user_send_text", {"text": text}))
    assert (incoming.kind, incoming.tap, incoming.text) == (Kind.TAP, text.strip()[1:], "")


@pytest.mark.parametrize(
    "text", ["#", "#vayvon", "#1", "1f.0a9b8c7d", "#1f.0a9b8c7d nhé", "#1F.0a", "#g.more", "# 1.more"]
)
def test_what_only_looks_a_little_like_it_stays_words(text: str) -> None:
    assert heard(by_user("user_send_text", {"text": text})).kind is Kind.TEXT


@pytest.mark.parametrize(
    ("text", "payload"), [("/start", ""), ("/start vay-von", "vay-von"), ("/START  bhyt__to-roi ", "bhyt__to-roi")]
)
def test_a_topic_can_be_opened_by_typing_its_links_name(text: str, payload: str) -> None:
    incoming = heard(by_user("user_send_text", {"text": text}))
    assert (incoming.kind, incoming.text) == (Kind.START, payload)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (raw("follow", oa_id=OA, follower={"id": WHO}, source="oa_profile"), Kind.START),
        (raw("user_click_chatnow", oa_id=OA, user_id=WHO), Kind.START),
        (raw("unfollow", oa_id=OA, follower={"id": WHO}), Kind.BLOCKED),
        (raw("user_withdraw", oa_id=OA, user_id=WHO), Kind.WITHDRAWN),
        (raw("user_withdraw", user_id=int(WHO)), Kind.WITHDRAWN),
    ],
)
def test_what_happened_without_a_message_is_known_by_event_time_and_person(event: bytes, kind: Kind) -> None:
    incoming = heard(event)
    assert (incoming.address, incoming.kind, incoming.text) == (HERE, kind, "")
    assert incoming.external_id == f"{json.loads(event)['event_name']}+{TIME}+{WHO}"
    assert len(incoming.external_id) <= 80


@pytest.mark.parametrize("info", [
    {"name": "Hoa", "phone": "84912345678", "user_dob": "30/10/1999", "full_address": {"user_city": "Hà Nội"}},
    {"name": "Hoa", "phone": 84912345678, "address": "", "city": "Hà Nội", "district": "", "ward": ""},
])  # fmt: skip
def test_a_shared_number_is_the_persons_own(info: dict[str, Any]) -> None:
    incoming = heard(by_user("user_submit_info", info=info))
    assert (incoming.kind, incoming.phone, incoming.name) == (Kind.CONTACT, "84912345678", "Hoa")


def test_two_reactions_to_one_message_are_two_events() -> None:
    def reacted(icon: str, timestamp: str) -> Incoming:
        message = {"msg_id": "a1", "react_icon": icon}
        return heard(by_user("user_reacted_message", message, timestamp=timestamp))

    first, second = reacted("/-heart", TIME), reacted("/-strong", "1790000000001")
    assert (first.kind, first.text, first.tapped_id) == (Kind.REACTION, "/-heart", "a1")
    assert len({first.external_id, second.external_id, "a1"}) == 3


def test_receipts_name_the_messages_and_tell_when() -> None:
    by_oa = {"sender": {"id": OA}, "recipient": {"id": WHO}}
    received = event_from(raw("user_received_message", **by_oa, message={"msg_id": "m1"}))
    assert received == Receipt(("m1",), "received", 1_790_000_000.0)
    seen = event_from(raw("user_seen_message", **by_oa, message={"msg_ids": ["m1", "m2", "m1"]}))
    assert seen == Receipt(("m1", "m2"), "seen", 1_790_000_000.0)
    assert event_from(raw("user_seen_message", **by_oa, message={"msg_id": "m3"})) == Receipt(("m3",), "seen", 1.79e9)
    by_phone = {"delivery_time": "1602960467432", "msg_id": "15a0", "tracking_id": "b7-42"}
    told = event_from(raw("user_received_message", recipient={"id": "84123456789"}, message=by_phone))
    assert told == Receipt(("15a0",), "received", 1602960467.432)


def test_what_the_account_says_is_an_echo_and_an_admin_is_named() -> None:
    message = {"text": "Chào chị", "msg_id": "m9"}
    about = {"recipient": {"id": WHO}, "message": message}
    ours = event_from(raw("oa_send_text", sender={"id": OA}, **about))
    assert ours == Echo(HERE, "m9", "text", "Chào chị", "", 1_790_000_000.0)
    theirs = event_from(raw("oa_send_image", sender={"id": OA, "admin_id": 1001}, **about))
    assert theirs == Echo(HERE, "m9", "image", "Chào chị", "1001", 1_790_000_000.0)


@pytest.mark.parametrize("more", [
    {"status": {"prev_status": "PENDING_REVIEW", "new_status": "ENABLE"}}, {"status": "ENABLE"},
    {"new_status": "ENABLE"},
])  # fmt: skip
def test_a_template_that_was_judged_tells_its_new_state(more: dict[str, Any]) -> None:
    told = event_from(raw("change_template_status", oa_id=OA, template_id=23032, reason="ok", **more))
    assert told == TemplateChanged("23032", "ENABLE", "ok", 1_790_000_000.0)


@pytest.mark.parametrize("name", [
    "anonymous_send_text", "oa_send_anonymous_text", "add_user_to_tag", "remove_user_from_tag", "remove_tag",
    "update_user_info", "widget_interaction_accepted", "user_feedback", "change_oa_daily_quota", "oa_reacted_message",
    "create_group", "oa_send_group_text", "user_join_group_request", "user_click_button", "change_template_quality",
])  # fmt: skip
def test_what_asks_nothing_of_us_is_ignored(name: str) -> None:
    about = {"tag": {"user_ids": [WHO], "name": "x"}, "data": {"user_id": WHO}, "oa_id": OA}
    assert event_from(raw(name, **about)) == Ignored(name)


def test_an_event_of_the_future_is_unknown_and_not_an_error() -> None:
    assert event_from(raw("user_sent_a_dream", sender={"id": WHO})) == Unknown("user_sent_a_dream")


@pytest.mark.parametrize(
    "event",
    [
        b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"event_name":1}', b'{"event_name":"user_send_text"}', b"{" * 5000,
        raw("user_send_text", sender={"id": "9" * 65}, message={"msg_id": "1", "text": "a"}),
        raw("user_send_text", sender={"id": WHO}, message={"msg_id": "1" * 65, "text": "a"}),
        raw("user_send_text", sender={"id": OA}, recipient={"id": OA}, message={"msg_id": "1", "text": "vòng"}),
        raw("user_send_text", sender={"id": WHO}, message="chữ"), raw("follow", oa_id=OA), raw("oa_send_text"),
        raw("user_seen_message", message={}), raw("change_template_status", status="ENABLE"),
        b'{"event_name":"user_send_text","sender":{"id":"1"},"message":{"text":"\\ud800"}}',
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_kept_for_staff(event: bytes) -> None:
    with pytest.raises(Unparsable):
        event_from(event)


def test_a_missing_text_and_a_letter_that_databases_refuse_harm_nobody() -> None:
    assert heard(by_user("user_send_text", {"text": None})).text == ""
    assert heard(by_user("user_send_text", {"text": "a\0b"})).text == "ab"
    assert heard(by_user("user_send_image", {"attachments": None})).kind is Kind.PHOTO


@pytest.mark.parametrize(
    ("timestamp", "seconds"),
    [(TIME, 1.79e9), (1790000000000, 1.79e9), ("", 0.0), ("nay", 0.0), ("-1", 0.0), ("9" * 40, 0.0), ("²", 0.0)],
)
def test_a_time_is_milliseconds_or_nothing(timestamp: str | int, seconds: float) -> None:
    assert seconds_of(timestamp) == seconds


def test_the_signed_time_is_read_from_any_body() -> None:
    assert timestamp_in(raw("follow")) == TIME
    assert timestamp_in(b'{"timestamp":1790000000000,"sender":7}') == TIME
    assert timestamp_in(b"{}") == timestamp_in(b"nonsense") == timestamp_in(b'{"timestamp":null}') == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=10), each, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(["user_send_text", "follow", "oa_send_text", "user_seen_message", "change_template_status"])
FIELDS = st.sampled_from(
    ["sender", "recipient", "follower", "message", "info", "timestamp", "user_id", "status", "reason"]
)


@given(st.dictionaries(FIELDS, JSON, max_size=5), NAMES | st.text(max_size=200))
def test_any_json_is_an_event_or_unparsable_and_never_a_crash(fields: dict[str, Any], name: str) -> None:
    try:
        told = event_from(json.dumps({**fields, "event_name": name}).encode())
    except Unparsable:
        return
    if isinstance(told, Heard):
        assert 0 < len(told.incoming.address.id) <= 64
        assert 0 < len(told.incoming.external_id) <= 80


@given(st.binary(max_size=200))
def test_any_bytes_are_unparsable_and_never_a_crash(raw: bytes) -> None:
    with pytest.raises(Unparsable):
        event_from(raw)

"""Whatever a platform can tell, at whatever question somebody stands: one helpful reply, or a silence with its reason.

The names are those of Telegram's Bot API 10.1 and of Zalo's documentation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.channels.telegram import wire as telegram
from bot.channels.zalo import said as zalo_said
from bot.channels.zalo import wire as zalo
from bot.channels.zalobot import wire as zalobot
from bot.engine.events import Ended, Said, Silent
from bot.engine.model import WAITING, AskTyped
from bot.engine.state import Context, Person, Session, Sprint
from bot.engine.step import advance
from bot.messages import Incoming, Kind
from tests.engine.household import TODAY
from tests.engine.wanderer import check
from tests.shipped import shipped

WORD = re.compile(r"\w+")
SPEC = Path(__file__).parents[3] / "shared/data/bot-api-spec.min.json"
UPDATES = WORD.findall("""
    message edited_message channel_post edited_channel_post business_connection business_message edited_business_message
    deleted_business_messages guest_message message_reaction message_reaction_count inline_query chosen_inline_result
    callback_query shipping_query pre_checkout_query purchased_paid_media poll poll_answer my_chat_member chat_member
    chat_join_request chat_boost removed_chat_boost managed_bot
""")
CONTENT = WORD.findall("""
    text caption animation audio document live_photo paid_media photo sticker story video video_note voice checklist
    contact dice game poll venue location new_chat_members left_chat_member chat_owner_left chat_owner_changed
    new_chat_title new_chat_photo delete_chat_photo group_chat_created supergroup_chat_created channel_chat_created
    message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id pinned_message invoice successful_payment
    refunded_payment users_shared chat_shared gift unique_gift gift_upgrade_sent connected_website write_access_allowed
    passport_data proximity_alert_triggered boost_added chat_background_set checklist_tasks_done checklist_tasks_added
    direct_message_price_changed forum_topic_created forum_topic_edited forum_topic_closed forum_topic_reopened
    general_forum_topic_hidden general_forum_topic_unhidden giveaway_created giveaway giveaway_winners
    giveaway_completed managed_bot_created paid_message_price_changed poll_option_added poll_option_deleted
    suggested_post_approved suggested_post_approval_failed suggested_post_declined suggested_post_paid
    suggested_post_refunded video_chat_scheduled video_chat_started video_chat_ended video_chat_participants_invited
    web_app_data rich_message
""")
AROUND = WORD.findall("""
    message_thread_id direct_messages_topic from sender_chat sender_boost_count sender_business_bot sender_tag
    guest_query_id business_connection_id forward_origin is_topic_message is_automatic_forward reply_to_message
    external_reply quote reply_to_story reply_to_checklist_task_id reply_to_poll_option_id via_bot
    guest_bot_caller_user guest_bot_caller_chat edit_date has_protected_content is_from_offline is_paid_post
    media_group_id author_signature paid_star_count entities link_preview_options suggested_post_info effect_id
    caption_entities show_caption_above_media has_media_spoiler reply_markup
""")
"""What can stand in a message beside what is sent: none of it is something to answer."""
PERSON, PRIVATE = {"id": 7, "is_bot": False, "first_name": "Na"}, {"id": 7, "type": "private"}
GIVEN: dict[str, Any] = {
    "text": "trời hôm nay đẹp", "caption": "tờ giấy này", "contact": {"phone_number": "+84912345678", "user_id": 7},
    "venue": {"title": "Chợ Nhông", "address": "Tản Lĩnh, Ba Vì, Hà Nội"},
}  # fmt: skip
WORDS = ("vay vốn", "trời hôm nay đẹp", "1", "dừng", "thôi", "không", "quay lại", "nhà 4 người, mỗi tháng 6 triệu", "?")
ASIDE = (Kind.STICKER, Kind.PHOTO, Kind.VOICE, Kind.VIDEO, Kind.FILE, Kind.CONTACT, Kind.POLL, Kind.OTHER, Kind.EDITED)


def message(**content: object) -> dict[str, Any]:
    return {"message_id": 5, "date": 1, "chat": PRIVATE, "from": PERSON, **content}


def told_by_telegram(update: dict[str, Any]) -> Incoming | None:
    return telegram.incoming_from(telegram.update_from(json.dumps({"update_id": 9, **update}).encode()))


def update_named(name: str, content: dict[str, Any]) -> dict[str, Any]:
    """An update of this kind; what all kinds have in common is enough for those that we never asked for."""
    about: dict[str, Any] = {"chat": PRIVATE, "from": PERSON, "user": PERSON, "message_id": 5, "id": "1", "date": 1}
    about |= {"data": "1.x", "message": content, "new_chat_member": {"status": "kicked"}} | content
    return {name: about | {"new_reaction": [{"type": "emoji", "emoji": "👍"}]}}


def from_telegram() -> Iterator[Incoming | None]:
    for content in CONTENT:
        for update in ("message", "edited_message"):
            yield told_by_telegram({update: message(**{content: GIVEN.get(content, {})})})
    for name in UPDATES:
        yield told_by_telegram(update_named(name, message(text="vay vốn")))
    yield told_by_telegram(update_named("my_chat_member", {"new_chat_member": {"status": "member"}}))
    for text in (*WORDS, "/start", "/start vay-von", "/menu", "/la"):
        yield told_by_telegram({"message": message(text=text)})
    for content in ("photo", "video", "document", "voice", "location"):
        yield told_by_telegram({"message": message(**{content: {}}, caption="vay vốn")})


def from_zalo() -> Iterator[Incoming | None]:
    parties = {"sender": {"id": "7"}, "recipient": {"id": "8"}, "follower": {"id": "7"}, "timestamp": "1790000000000"}
    others = ("user_submit_info", "user_reacted_message", "follow", "user_click_chatnow", "unfollow", "user_withdraw")
    silenced = ("oa_send_text", "user_received_message", "user_seen_message", "user_feedback", "add_user_to_tag", "x")
    for name in (*zalo_said.KINDS, *others, *silenced):
        for text in ("", "vay vốn"):
            told = {"event_name": name, "message": {"msg_id": "m1", "text": text}, "info": {"phone": "84912345678"}}
            event = zalo.event_from(json.dumps(parties | told).encode())
            yield event.incoming if isinstance(event, zalo.Heard) else None


def from_zalobot() -> Iterator[Incoming | None]:
    chat = {"from": {"id": "7"}, "chat": {"id": "7", "chat_type": "PRIVATE"}, "message_id": "m1", "date": 1}
    for kind in ("text", "link", "image", "sticker", "voice", "reaction", "unsupported"):
        for text in ("", "vay vốn"):
            told = {"event_name": f"message.{kind}.received", "message": chat | {"text": text}}
            yield zalobot.incoming_from(zalobot.update_from(json.dumps(told).encode()))


@cache
def everything() -> tuple[Incoming, ...]:
    """What the platforms can tell, each meaning once."""
    heard = [one for one in (*from_telegram(), *from_zalo(), *from_zalobot()) if one is not None]
    return tuple({replace(one, external_id="", at=0.0, address=heard[0].address): one for one in heard})


def places() -> list[Session]:
    """Every question of every dialog, while topics are offered there, and where nothing is asked."""
    asked = [
        Session(dialog=dialog.id, node=node.id, digest=node.digest, seq=1, trail=((("menu", "hoi"),),))
        for dialog in shipped().dialogs.values()
        for node in dialog.nodes.values()
        if isinstance(node, WAITING)
    ]
    offering = [
        replace(one, offers=("/vay-von", "/hoc-nghe"), words="làm ăn", misses=1) for one in (asked[0], asked[-1])
    ]
    return [*asked, *offering, Session(), Session(seq=1, misses=2, offers=("+vay-von", "+hoc-nghe"), words="x")]


def answer(session: Session, incoming: Incoming, *, held: bool = False) -> Sprint:
    fields = {"da-chao": "1", "ho": "can-ngheo", "xa": "09694"}
    return advance(shipped(), session, incoming, Context(Person(fields), TODAY, held))


def has_ended(sprint: Sprint) -> bool:
    return any(isinstance(event, Ended) for event in sprint.events)


def check_answer(sprint: Sprint, incoming: Incoming) -> None:
    """One reply that a person can go on from, or a silence that says why; never both."""
    said = [event for event in sprint.events if isinstance(event, Said)]
    silent = [event for event in sprint.events if isinstance(event, Silent)]
    check(shipped(), sprint)
    assert bool(said) != bool(silent)
    if not said:
        return
    node = shipped().dialogs[sprint.session.dialog].nodes[sprint.session.node] if sprint.session.node else None
    assert said[-1].choices or isinstance(node, AskTyped) or has_ended(sprint), "what to do next"
    assert len(said) == 1 or incoming.kind not in ASIDE or incoming.text


def test_every_kind_of_message_is_among_them() -> None:
    unheard = {Kind.INVITED}
    assert {one.kind for one in everything()} == set(Kind) - unheard


@pytest.mark.parametrize("held", [False, True], ids=["bot", "officer"])
def test_whatever_comes_wherever_one_stands_is_answered_once(held: bool) -> None:
    for session in places():
        for incoming in everything():
            sprint = answer(session, incoming, held=held)
            if incoming.kind is not Kind.WITHDRAWN:
                check_answer(sprint, incoming)
            assert Session.from_dict(sprint.session.to_dict()) == sprint.session


@settings(max_examples=300, deadline=None)
@given(
    place=st.sampled_from(places()), names=st.lists(st.sampled_from([*CONTENT, *AROUND]), max_size=4, unique=True),
    text=st.one_of(st.text(max_size=80), st.sampled_from(WORDS)), edited=st.booleans(), held=st.booleans(),
)  # fmt: skip
def test_no_mixture_of_what_a_message_may_hold_breaks_anything(
    place: Session, names: list[str], text: str, edited: bool, held: bool
) -> None:
    content = {name: text if name in ("text", "caption") else GIVEN.get(name, {}) for name in names}
    content = {name: value for name, value in content.items() if name not in ("from", "media_group_id")}
    incoming = told_by_telegram({"edited_message" if edited else "message": message(**content)})
    if incoming is not None:
        check_answer(answer(place, incoming, held=held), incoming)


@pytest.mark.skipif(not SPEC.exists(), reason="the Bot API's description is not here")
def test_no_kind_of_update_and_nothing_that_a_message_may_hold_is_left_out() -> None:
    types = json.loads(SPEC.read_text())["types"]
    optional = {kind: {f["name"] for f in types[kind]["fields"] if not f["required"]} for kind in ("Update", "Message")}
    assert optional["Update"] == set(UPDATES)
    assert optional["Message"] == {*CONTENT, *AROUND}

"""Broadcasts with a picture or a file: one call for everybody, and part of what was approved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from bot.channels.base import Channel, Reach
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.webchat import WebChat
from bot.channels.zalo.api import ZaloApi
from bot.channels.zalo.channel import ZaloChannel
from bot.console.phone import screen_of
from bot.engine.content import Message
from bot.engine.state import Library, Person
from bot.messages import Media
from bot.platforms import NoTokens
from bot.services.broadcasting.digest import digest_of
from bot.services.broadcasting.faults import lines_of
from bot.services.broadcasting.model import Body, Policy, Timing
from bot.services.broadcasting.rendering import begins, faults_of, outgoing_for
from tests.shipped import library_of

TODAY = date(2026, 11, 23)
PICTURE = Media("to-roi.png", "a" * 32, "image", "Tờ rơi", 20, 10)
FILE = Media("mau-don.pdf", "b" * 32, "file", "Mẫu đơn")
REACH = Reach(
    timedelta(hours=48), timedelta(days=7), {"free": 0, "paid": 55, "template": 0, "phone": 0}, time(22), time(6, 5),
    frozenset(),
)  # fmt: skip
CHANNELS: dict[str, Channel] = {
    "telegram": TelegramChannel("1:token"),
    "zalo": ZaloChannel(ZaloApi(NoTokens()), reach=REACH, tries_buttons=True),
    "webchat": WebChat(),
}
TREE = """
dialog: hoi-y
title: Hỏi ý
nodes:
  dau: {say: [tin.anh], next: hoi}
  hoi: {ask: Đồng ý không?, choices: [{label: Có, go: het}, {label: Không, go: het}]}
  het: {end: true}
"""
BODY = Body(messages=("tin.anh",))


def library(media: Media | None = PICTURE, body: str = "Mời bà con xem.") -> Library:
    english = {"Tờ rơi": "A leaflet", "Mời bà con xem.": "Please look."}
    return replace(
        library_of({"hoi-y": TREE}),
        messages={"tin.anh": Message("tin.anh", body, ("I",), "tin", media=media)},
        languages=("vi", "en"),
        translate=lambda language, text: english.get(text, text) if language == "en" else text,
        is_translated=lambda _language, _text: True,
    )


def faults(given: Library) -> list[str]:
    return lines_of(faults_of(given, BODY, CHANNELS, TODAY))


def digest(given: Library) -> str:
    return digest_of(given, BODY, "tat-ca", Timing(), Policy(), False, 10, 1)


def test_a_message_brings_its_picture_and_says_what_it_shows_in_the_persons_language() -> None:
    message = outgoing_for(library(), BODY, Person({"lang": "en"}), TODAY)
    assert message.text == "Please look."
    assert message.media == Media("to-roi.png", "a" * 32, "image", "A leaflet", 20, 10)
    assert begins(library(), "hoi-y", Person(), TODAY).media == PICTURE


def test_a_picture_is_sent_by_every_channel_in_one_call() -> None:
    assert faults(library()) == []


def test_words_that_find_no_room_under_a_picture_are_too_long_for_telegram_alone() -> None:
    [fault] = faults(library(body="Một câu vừa phải. " * 70))
    assert fault.startswith("Tin dài quá một lần gửi trên kênh telegram: thừa chừng 2")


def test_zalo_would_send_a_file_as_a_message_of_its_own_and_the_officer_is_told() -> None:
    assert faults(library(FILE)) == [
        "Kênh zalo gửi tệp thành một tin riêng: chọn tin không có tệp, hoặc chỉ gửi kênh khác."
    ]


def test_another_picture_is_not_what_was_approved() -> None:
    approved = digest(library())
    assert digest(library(Media("to-roi.png", "c" * 32, "image", "Tờ rơi", 20, 10))) != approved
    assert digest(library(None)) != approved


@pytest.mark.parametrize("name", list(CHANNELS))
def test_the_phone_shows_the_picture_above_the_words(name: str) -> None:
    screen = screen_of(CHANNELS[name], outgoing_for(library(), BODY, Person(), TODAY))
    [part] = screen.parts
    assert part.index(f'<img src="/media/{PICTURE.ref}"') < part.index("Mời bà con xem.")

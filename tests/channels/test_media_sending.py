"""Pictures and files on their way: handed to a platform once, and where that fails the words go out all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import time, timedelta

import pytest
from aiohttp import web
from lo_bot_api_emulator import LoBotApiEmulator

from bot.channels.base import Channel, NotSent, Reach, Rejected, Route, Throttled, Unreachable
from bot.channels.media import Read
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.zalo.api import ZaloApi
from bot.channels.zalo.channel import ZaloChannel
from bot.channels.zalobot.channel import ZaloBotChannel
from bot.messages import Address, Choice, Media, Outgoing
from tests.conftest import Clock
from tests.fakes.telegram import FakeTelegram
from tests.fakes.tokens import FakeTokens
from tests.fakes.zalo import FakeZalo
from tests.fakes.zalo.botapi import FakeBot
from tests.library.media import PDF, png

PICTURE = Media("to-roi.png", "a" * 32, "image", "Tờ rơi")
FILE = Media("mau-don.pdf", "b" * 32, "file", "Mẫu đơn")
BYTES = {PICTURE.ref: png(20, 10), FILE.ref: PDF}
POSTER = Outgoing("Vay **không**?", (Choice("3.co", "1. Có"),), media=PICTURE)
FORM = Outgoing("Mời xem.", media=FILE)
PRICES: Mapping[Route, int] = {"free": 0, "paid": 55, "template": 200, "phone": 200}
REACH = Reach(timedelta(hours=48), timedelta(days=7), PRICES, time(22), time(6, 5), frozenset(("phone",)))
UPLOAD = "/v2.0/oa/upload/image"


def read_from(known: Mapping[str, bytes]) -> Read:
    return lambda ref: known[ref]


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


@pytest.fixture
async def zalo(clock: Clock) -> AsyncIterator[FakeZalo]:
    async with FakeZalo(clock=clock, rate_per_minute=0, access_ttl=timedelta(days=365)) as server:
        server.user("7").interacted_at = clock()
        yield server


@pytest.fixture
async def bot() -> AsyncIterator[FakeBot]:
    async with FakeBot(chats={"7"}) as server:
        yield server


def telegram_channel(server: FakeTelegram, known: Mapping[str, bytes] = BYTES) -> TelegramChannel:
    return TelegramChannel(server.token, api=server.url, read_seconds=0.5, read=read_from(known), listens=False)


def zalo_channel(server: FakeZalo, known: Mapping[str, bytes] = BYTES) -> ZaloChannel:
    api = ZaloApi(FakeTokens(server), api=server.url, template_api=server.url, read_seconds=0.3)
    return ZaloChannel(api, reach=REACH, tries_buttons=True, read=read_from(known))


async def send(channel: Channel, message: Outgoing, to: str = "7") -> list[str]:
    try:
        return [await channel.send(payload) for payload in channel.encode(Address(channel.name, to), message)]
    finally:
        await channel.close()


async def test_telegram_gets_a_picture_with_the_first_message_and_its_id_with_the_others(
    telegram: FakeTelegram,
) -> None:
    channel = telegram_channel(telegram)
    payloads = [channel.encode(Address("telegram", str(chat)), POSTER)[0] for chat in range(1, 21)]
    ids = await asyncio.gather(*(channel.send(payload) for payload in payloads))
    assert len(set(ids)) == 20
    assert all(ids)
    assert telegram.files == {"file-1": png(20, 10)}
    assert telegram.texts(20) == ["Vay không?"]
    assert all(shown["reply_markup"] for shown in telegram.messages.values())
    await channel.close()


async def test_telegram_takes_documents_likewise(telegram: FakeTelegram) -> None:
    await send(telegram_channel(telegram), FORM)
    assert list(telegram.files.values()) == [PDF]
    assert telegram.texts(7) == ["Mời xem."]


async def test_a_picture_that_telegram_refuses_goes_out_as_words_with_their_buttons(telegram: FakeTelegram) -> None:
    await send(telegram_channel(telegram, {PICTURE.ref: b"no picture"}), POSTER)
    [shown] = telegram.messages.values()
    assert shown["text"] == "Vay <b>không</b>?"
    assert shown["reply_markup"]["inline_keyboard"]
    assert telegram.count() == {"sendPhoto": 1, "sendMessage": 1}


async def test_a_picture_that_is_gone_from_the_folder_goes_out_as_words(telegram: FakeTelegram) -> None:
    await send(telegram_channel(telegram, {}), POSTER)
    assert telegram.count() == {"sendMessage": 1}


async def test_where_the_words_are_refused_too_the_first_refusal_counts(telegram: FakeTelegram) -> None:
    telegram.fail("refuses", times=2)
    with pytest.raises(Rejected, match="unsupported start tag"):
        await send(telegram_channel(telegram), POSTER)


async def test_other_troubles_of_a_picture_stay_what_they_are(telegram: FakeTelegram) -> None:
    telegram.fail("throttles")
    with pytest.raises(Throttled):
        await send(telegram_channel(telegram), POSTER)
    telegram.fail("is_blocked")
    with pytest.raises(Unreachable):
        await send(telegram_channel(telegram), POSTER)
    assert telegram.count()["sendMessage"] == 0


async def test_a_bot_api_server_that_is_not_ours_takes_pictures_and_documents() -> None:
    emulator = LoBotApiEmulator()
    runner = web.AppRunner(emulator.app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    channel = TelegramChannel("123456:TEST", api=url, read=read_from(BYTES), listens=False)
    try:
        for message in (POSTER, POSTER, FORM):
            [payload] = channel.encode(Address("telegram", "7"), message)
            assert await channel.send(payload)
    finally:
        await channel.close()
        await runner.cleanup()


async def test_zalo_is_handed_a_picture_once_for_all_who_get_it(zalo: FakeZalo) -> None:
    for number in range(20):
        zalo.user(f"2{number}").interacted_at = zalo.clock()
    channel = zalo_channel(zalo)
    payloads = [channel.encode(Address("zalo", f"2{number}"), POSTER)[0] for number in range(20)]
    await asyncio.gather(*(channel.send(payload) for payload in payloads))
    await channel.close()
    assert len(zalo.uploads) == 1
    assert [one.attachment for number in range(20) for one in zalo.user(f"2{number}").shown] == ["image"] * 20
    assert len(zalo.books) == 20
    assert not zalo.unasserted


async def test_zalo_is_handed_a_picture_anew_when_its_seven_days_are_over(zalo: FakeZalo) -> None:
    channel = zalo_channel(zalo)
    [payload] = channel.encode(Address("zalo", "7"), POSTER)
    await channel.send(payload)
    await zalo.advance(days=7, seconds=1)
    zalo.user("7").interacted_at = zalo.clock()
    await channel.send(payload)
    await channel.close()
    assert len(zalo.uploads) == 2
    assert [one.attachment for one in zalo.user("7").shown] == ["image", "image"]


async def test_zalo_takes_a_file_and_then_its_words(zalo: FakeZalo) -> None:
    await send(zalo_channel(zalo), FORM)
    assert [(one.attachment, one.text) for one in zalo.user("7").shown] == [("file", ""), ("", "Mời xem.")]


@pytest.mark.parametrize("known", [{PICTURE.ref: b"no picture"}, {}])
async def test_a_picture_that_zalo_refuses_or_that_is_gone_goes_out_as_words(
    zalo: FakeZalo, known: dict[str, bytes]
) -> None:
    await send(zalo_channel(zalo, known), POSTER)
    [shown] = zalo.user("7").shown
    assert (shown.attachment, shown.text) == ("", "Vay không?\n\n1. Có")


async def test_a_picture_that_is_lost_on_its_way_to_zalo_was_no_message_and_is_tried_again(zalo: FakeZalo) -> None:
    channel = zalo_channel(zalo)
    [payload] = channel.encode(Address("zalo", "7"), POSTER)
    zalo.fail("drops", path=UPLOAD)
    with pytest.raises(NotSent):
        await channel.send(payload)
    await channel.send(payload)
    await channel.close()
    assert [one.attachment for one in zalo.user("7").shown] == ["image"]


async def test_a_bot_of_zalo_sends_the_address_of_a_picture_and_its_words_where_that_is_refused(bot: FakeBot) -> None:
    def channel() -> ZaloBotChannel:
        return ZaloBotChannel(bot.token, api=bot.url, read_seconds=0.3, listens=False, media_at="https://bot.vn/media/")

    await send(channel(), POSTER)
    [call] = await bot.until("sendPhoto")
    assert call.fields["photo"] == f"https://bot.vn/media/{PICTURE.ref}"
    bot.fail(400, "Bad Request: wrong file", method="sendPhoto")
    await send(channel(), POSTER)
    assert bot.texts("7")[-1] == "Vay không?\n\n1. Có"

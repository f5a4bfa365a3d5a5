"""Broadcasts go out once to everybody who may get them, and afterwards it can be said of each what happened."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.channels.base import Capabilities, Rejected, Unknown, Unreachable
from bot.messages import Address
from bot.services.broadcasting.model import Body, Policy
from bot.services.sending.window import window_of
from bot.store.models import addresses, audit, broadcasts, contacts, deliveries, renditions
from tests.conftest import Clock
from tests.fakes.channel import FakeChannel
from tests.services.campaign import Campaign, people, released, sending

NAMES = tuple(f"n{number}" for number in range(25))


async def test_everybody_gets_it_once(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, *NAMES)
    number = await released(database_url, clock)
    async with sending(database_url, clock) as campaign:
        assert await campaign.ends(number) == {"sent": 25}
        text = "Lớp nghề mới mở.\n\n_Theo: Thông báo 12/TB-UBND._"
        assert {name: campaign.channel.texts(name) for name in NAMES} == {name: [text] for name in NAMES}


async def test_only_who_agreed_and_has_not_stopped_is_in_the_audience(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, "mai")
    await people(database_url, clock, "lan", stop="broadcasts")
    await people(database_url, clock, "hoa", consent="hoi-dap")
    await people(database_url, clock, "cuc", stop="week", stopped_until=clock.at - timedelta(minutes=1))
    number = await released(database_url, clock)
    async with sending(database_url, clock) as campaign:
        assert await campaign.ends(number) == {"sent": 2}
        assert await campaign.statuses(number) == {"mai": "sent", "cuc": "sent"}


async def test_who_stops_or_blocks_after_the_audience_is_frozen_gets_nothing(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, "mai", "lan", "hoa", "cuc")
    number = await released(database_url, clock, policy=Policy(gap=1), state="paused")
    async with sending(database_url, clock, channel=FakeChannel(capabilities=one_a_second())) as campaign:
        async with campaign.database.begin() as db:
            await db.execute(update(addresses).values(status="active"))
        await campaign.set_state(number, "sending")
        await campaign.channel.reached_any(1)
        first = campaign.channel.calls[0].to
        others = [name for name in ("mai", "lan", "hoa", "cuc") if name != first]
        async with campaign.database.begin() as db:
            here = select(addresses.c.contact_id).where(addresses.c.external_id.in_(others[1:]))
            await db.execute(update(contacts).where(contacts.c.id.in_(here)).values(stop="all"))
        counts = await campaign.ends(number)
        assert counts["opted_out"] >= 1
        assert len(campaign.channel.calls) == counts["sent"] <= 3


def one_a_second() -> Capabilities:
    return Capabilities(edits=False, buttons=True, max_text=4096, rate=2, chat_gap=timedelta())


async def test_nobody_gets_two_broadcasts_within_the_gap(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, "mai", "lan")
    first = await released(database_url, clock)
    async with sending(database_url, clock) as campaign:
        await campaign.ends(first)
        second = await released(database_url, clock, policy=Policy(gap=4))
        urgent = await released(database_url, clock, policy=Policy(gap=4), urgent=True)
        assert await campaign.ends(urgent) == {"sent": 2}
        await campaign.comes_to(second, {"mai": "queued", "lan": "queued"})
        clock.advance(seconds=4 * 3600)
        assert await campaign.ends(second) == {"sent": 2}
        assert len(campaign.channel.texts("mai")) == 3


async def test_nobody_gets_two_broadcasts_that_go_out_at_once(database_url: str, clock: Clock) -> None:
    """Both come to the same people in the same order: each must see what the other is about to send."""
    await people(database_url, clock, *NAMES)
    numbers = [await released(database_url, clock, policy=Policy(gap=4)) for _ in range(2)]
    capabilities = Capabilities(False, True, 4096, 100, timedelta())
    async with sending(database_url, clock, channel=FakeChannel(capabilities=capabilities, latency=0.05)) as campaign:
        for _ in range(3):  # who is put off for a moment is looked at again
            await campaign.channel.reached_any(25)
            clock.advance(seconds=61)
            await asyncio.sleep(0.2)
        assert sorted(call.to for call in campaign.channel.calls) == sorted(NAMES)
        clock.advance(seconds=4 * 3600)
        assert [await campaign.ends(number) for number in numbers] == [{"sent": 25}, {"sent": 25}]


async def test_no_chat_gets_two_messages_within_its_gap(database_url: str, clock: Clock) -> None:
    """Also of broadcasts that keep no gap of their own, and both waited for their send times side by side."""
    await people(database_url, clock, *NAMES)
    numbers = [await released(database_url, clock) for _ in range(2)]
    capabilities = Capabilities(False, True, 4096, 50, timedelta(seconds=0.4))
    async with sending(database_url, clock, channel=FakeChannel(capabilities=capabilities)) as campaign:
        while {await campaign.status_of(number) for number in numbers} != {"done"}:
            await asyncio.sleep(0.1)
            clock.advance(seconds=0.5)
        assert [await campaign.ends(number) for number in numbers] == [{"sent": 25}, {"sent": 25}]
        for name in NAMES:
            first, second = (call.at for call in campaign.channel.calls if call.to == name)
            assert second - first >= 0.39


async def test_a_broadcast_waits_while_somebody_is_talking(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, "lan")
    async with sending(database_url, clock) as campaign:
        await campaign.bot.say(Address("fake", "mai"), "menu")
        async with campaign.database.begin() as db:
            await db.execute(update(contacts).values(consent="co"))
        number = await released(database_url, clock)
        await campaign.comes_to(number, {"lan": "sent", "mai": "queued"})
        clock.advance(seconds=121)
        assert await campaign.ends(number) == {"sent": 2}


@pytest.mark.parametrize(("error", "status"), [
    (Unreachable("blocked by the user"), "blocked"), (Rejected("too odd"), "failed"), (Unknown("no answer"), "unknown"),
    (ValueError("the channel broke"), "unknown"),
])  # fmt: skip
async def test_what_goes_wrong_with_one_is_said_of_that_one(
    database_url: str, clock: Clock, error: Exception, status: str
) -> None:
    await people(database_url, clock, "mai", "lan", "hoa")
    number = await released(database_url, clock)
    channel = FakeChannel()
    channel.fail("lan", error)
    async with sending(database_url, clock, channel=channel) as campaign:
        assert await campaign.ends(number) == {"sent": 2, status: 1}
        assert (await campaign.statuses(number))["lan"] == status
        async with campaign.database.connect() as db:
            place = select(addresses.c.status).where(addresses.c.external_id == "lan")
            expected = "blocked" if status == "blocked" else "active"
            assert (await db.execute(place)).scalar_one() == expected
    assert len([call for call in channel.calls if call.to == "lan"]) == 1


async def test_a_blocked_delivery_is_never_recorded_without_its_address(database_url: str, clock: Clock) -> None:
    """Whatever becomes of the conversation's own note of it: here a process that dies before it writes one."""
    await people(database_url, clock, "lan")
    number = await released(database_url, clock)
    channel = FakeChannel()
    channel.fail("lan", Unreachable("blocked by the user"))
    campaign = Campaign(database_url, clock, channel=channel)
    await campaign.broadcaster.start()  # nothing else: nobody writes the conversation's marks
    try:
        assert await campaign.ends(number) == {"blocked": 1}
        async with campaign.database.connect() as db:
            assert (await db.execute(select(addresses.c.status))).scalar_one() == "blocked"
    finally:
        await campaign.broadcaster.close()
        await campaign.bot.kill()


async def test_what_may_have_arrived_is_sent_again_where_that_does_no_harm(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, "mai")
    number = await released(database_url, clock, policy=Policy(gap=0, unknown="resend"))
    channel = FakeChannel()
    channel.fail("mai", Unknown("no answer"))
    async with sending(database_url, clock, channel=channel) as campaign:
        await campaign.channel.called(1)
        await asyncio.sleep(0)
        clock.advance(seconds=10)
        assert await campaign.ends(number) == {"sent": 1}
        async with campaign.database.connect() as db:
            row = (await db.execute(select(deliveries).where(deliveries.c.broadcast_id == number))).one()
        assert (row.attempts, row.error) == (2, "Đã gửi lại.")


async def test_a_platform_that_refuses_the_content_pauses_the_broadcast(database_url: str, clock: Clock) -> None:
    names = tuple(f"r{number}" for number in range(80))
    await people(database_url, clock, *names)
    number = await released(database_url, clock)
    channel = FakeChannel(capabilities=Capabilities(False, True, 4096, 100, timedelta()))
    for name in names:
        channel.fail(name, Rejected("bad markup"))
    async with sending(database_url, clock, channel=channel) as campaign:
        await campaign.ends(number, "paused")
        assert await campaign.reason_of(number) == "Kênh từ chối nội dung tin 3 lần liền."
        async with campaign.database.connect() as db:
            [entry] = (await db.execute(select(audit).where(audit.c.action == "broadcast.pause"))).all()
            assert entry.actor == "system"
    assert 3 <= len(channel.calls) <= 3 + window_of(100)


async def test_a_pause_holds_back_all_but_the_window_and_nobody_is_lost(database_url: str, clock: Clock) -> None:
    names = tuple(f"p{number}" for number in range(300))
    await people(database_url, clock, *names)
    number = await released(database_url, clock)
    slow = FakeChannel(capabilities=Capabilities(False, True, 4096, 200, timedelta()), latency=0.02)
    async with sending(database_url, clock, channel=slow) as campaign:
        await slow.reached_any(30)
        await campaign.set_state(number, "paused")
        before = len(slow.calls)
        window = campaign.broadcaster.senders["fake"].window
        while window.free < window.size:  # noqa: ASYNC110 -- the sender has nobody to tell
            await asyncio.sleep(0.01)
        assert len(slow.calls) - before <= window.size
        held = len(slow.calls)
        await asyncio.sleep(0.3)
        assert len(slow.calls) == held
        await campaign.set_state(number, "sending")
        assert await campaign.ends(number) == {"sent": 300}
    assert len(slow.calls) == 300


async def test_cancelled_nobody_more_gets_it_and_all_is_accounted_for(database_url: str, clock: Clock) -> None:
    names = tuple(f"x{number}" for number in range(60))
    await people(database_url, clock, *names)
    number = await released(database_url, clock)
    slow = FakeChannel(capabilities=Capabilities(False, True, 4096, 50, timedelta()))
    async with sending(database_url, clock, channel=slow) as campaign:
        await slow.reached_any(5)
        async with campaign.database.begin() as db:
            here = broadcasts.c.id == number
            await db.execute(update(broadcasts).where(here).values(state="cancelled", ended_at=clock.at))
        for _ in range(500):
            if set((await campaign.statuses(number)).values()) == {"sent", "expired"}:
                break
            await asyncio.sleep(0.01)
        counts = await campaign.ends(number, "cancelled")
        assert counts["sent"] == len(slow.calls) <= 5 + window_of(50)
        assert counts["sent"] + counts["expired"] == 60


async def test_closing_in_order_leaves_nothing_in_doubt(database_url: str, clock: Clock) -> None:
    names = tuple(f"c{number}" for number in range(120))
    await people(database_url, clock, *names)
    number = await released(database_url, clock)
    calls = 0
    for stop_at in (10, 40, None):
        channel = FakeChannel(capabilities=Capabilities(False, True, 4096, 400, timedelta()), latency=0.01)
        async with sending(database_url, clock, channel=channel) as campaign:
            if stop_at:
                await channel.reached_any(stop_at)
            else:
                assert await campaign.ends(number) == {"sent": 120}
        calls += len(channel.calls)
    assert calls == 120


async def test_a_dialog_begins_and_is_answered(database_url: str, clock: Clock) -> None:
    async with sending(database_url, clock) as campaign:
        mai = Address("fake", "mai")
        await campaign.bot.say(mai, "menu")
        async with campaign.database.begin() as db:
            await db.execute(update(contacts).values(consent="co"))
        clock.advance(seconds=600)
        number = await released(database_url, clock, body=Body(dialog="menu"))
        assert await campaign.ends(number) == {"sent": 1}
        assert campaign.channel.texts("mai")[-1].startswith("Chào bà con.")
        await campaign.bot.tap(mai, 1)
        await campaign.channel.reached("mai", 3)
        assert campaign.channel.texts("mai")[-1] == "Tên là gì?"


async def test_the_name_of_a_person_is_in_the_message_but_not_in_what_is_kept(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, "mai", name="Lê Thị Mai")
    await people(database_url, clock, "lan")
    body = Body(text={"vi": "Chào {ten}, có lớp mới."}, source="Thông báo 12/TB-UBND")
    number = await released(database_url, clock, body=body)
    async with sending(database_url, clock) as campaign:
        await campaign.ends(number)
        assert campaign.channel.texts("mai")[0].startswith("Chào Lê Thị Mai, ")
        async with campaign.database.connect() as db:
            kept = (await db.execute(select(renditions.c.message))).scalars().all()
        assert len(kept) == 2
        assert not any(b"Mai" in bytes(message) for message in kept)


async def test_changed_content_pauses_what_was_approved(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, *NAMES)
    number = await released(database_url, clock, body=Body(dialog="menu"))
    campaign_of = sending(database_url, clock)
    async with campaign_of as campaign:
        assert (await campaign.ends(number))["sent"] == 25
        again = await released(database_url, clock, body=Body(dialog="menu"))
        dialog = campaign.library.dialogs["menu"]
        campaign.library = replace(campaign.library, dialogs={"menu": replace(dialog, version="other")})
        await campaign.ends(again, "paused")
        assert await campaign.statuses(again) in ({}, dict.fromkeys(NAMES, "queued"))

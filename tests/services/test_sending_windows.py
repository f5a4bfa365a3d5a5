"""A broadcast on a channel with windows and prices: by which route each person gets it, what it costs, who waits."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.base import NotNow, NotSent, OutOfReach, Throttled, Unknown, Unreachable
from bot.services.broadcasting.model import Policy
from bot.store.waiting import PARKED
from tests.conftest import Clock
from tests.fakes.channel import FAST
from tests.fakes.metered import MeteredChannel
from tests.services.campaign import Campaign, released, sending
from tests.services.reaching import (
    LONG_AGO,
    TOLD,
    approve,
    at_rest,
    comes_to,
    ledger,
    spent,
    with_template,
    writes,
    wrote,
)

SENT_FREE = ("sent", "free", 0)
SENT_PAID = ("sent", "paid", 55)
WAITS = ("queued", "later", 0)
UNPAID = ("queued", "unpaid", 0)


async def decided(campaign: Campaign, number: int) -> None:
    """Wait until everybody is sent theirs, or waits."""
    while any(row[0] == "queued" and row[1] not in PARKED for row in (await ledger(campaign, number)).values()):
        await at_rest(campaign)


async def test_each_person_is_reached_by_their_route_and_the_books_agree(database_url: str, clock: Clock) -> None:
    channel, library = MeteredChannel(clock), with_template()
    await wrote(database_url, clock, channel, an=1, binh=47, chi=49, dung=24 * 6, em=24 * 8, phuc=LONG_AGO)
    await approve(database_url)
    number = await released(database_url, clock, body=TOLD, library=library, policy=Policy(gap=0, budget=1000))
    async with sending(database_url, clock, channel=channel, library=library) as campaign:
        assert await campaign.ends(number) == {"sent": 6}
        assert await ledger(campaign, number) == {
            "an": SENT_FREE, "binh": SENT_FREE, "chi": SENT_PAID, "dung": SENT_PAID,
            "em": ("sent", "template", 200), "phuc": ("sent", "template", 200),
        }  # fmt: skip
        assert await spent(campaign, number) == channel.charged == 510
        assert {one.to: one.route for one in channel.books}["em"] == "template"


async def test_without_a_budget_only_what_is_free_is_sent_and_the_others_wait(database_url: str, clock: Clock) -> None:
    channel = MeteredChannel(clock)
    await wrote(database_url, clock, channel, an=1, chi=49, em=24 * 8)
    number = await released(database_url, clock)
    async with sending(database_url, clock, channel=channel) as campaign:
        await comes_to(campaign, number, {"an": SENT_FREE, "chi": UNPAID, "em": WAITS})
        assert await spent(campaign, number) == channel.charged == 0
        assert await campaign.status_of(number) == "sending"


async def test_a_budget_is_used_up_and_never_passed(database_url: str, clock: Clock) -> None:
    channel = MeteredChannel(clock, latency=0.01)
    await wrote(database_url, clock, channel, **{f"p{n}": 60.0 for n in range(30)})
    number = await released(database_url, clock, policy=Policy(gap=0, budget=55 * 7 + 54))
    async with sending(database_url, clock, channel=channel) as campaign:
        await channel.reached_any(7)
        await decided(campaign, number)
        assert Counter((await ledger(campaign, number)).values()) == {SENT_PAID: 7, UNPAID: 23}
        assert await spent(campaign, number) == channel.charged == 55 * 7


async def test_who_is_not_waited_for_fails_and_it_says_why(database_url: str, clock: Clock) -> None:
    channel = MeteredChannel(clock)
    await wrote(database_url, clock, channel, an=1, chi=49, em=24 * 8)
    number = await released(database_url, clock, policy=Policy(gap=0, waits=False))
    async with sending(database_url, clock, channel=channel) as campaign:
        assert await campaign.ends(number) == {"sent": 1, "failed": 2}
        assert await ledger(campaign, number) == {
            "an": SENT_FREE, "chi": ("failed", "unpaid", 0), "em": ("failed", "later", 0)
        }  # fmt: skip


async def test_who_writes_later_gets_it_once_and_for_nothing(database_url: str, clock: Clock) -> None:
    channel = MeteredChannel(clock)
    await wrote(database_url, clock, channel, chi=49, em=24 * 8)
    number = await released(database_url, clock)
    async with sending(database_url, clock, channel=channel) as campaign:
        await comes_to(campaign, number, {"chi": UNPAID, "em": WAITS})
        before = len(channel.books)
        await writes(campaign, channel, "em")
        await comes_to(campaign, number, {"em": SENT_FREE, "chi": UNPAID})
        await writes(campaign, channel, "em")
        await writes(campaign, channel, "chi")
        assert await campaign.ends(number) == {"sent": 2}
        assert [one.to for one in channel.books[before:] if one.route == "free"] == ["em", "chi"]


async def test_who_never_writes_is_told_of_when_it_is_stale(database_url: str, clock: Clock) -> None:
    channel = MeteredChannel(clock)
    await wrote(database_url, clock, channel, an=1, em=24 * 8)
    number = await released(database_url, clock)
    async with sending(database_url, clock, channel=channel) as campaign:
        await comes_to(campaign, number, {"an": SENT_FREE, "em": WAITS})
        clock.advance(seconds=72 * 3600)
        assert await campaign.ends(number) == {"sent": 1, "expired": 1}
        assert await campaign.reason_of(number) == ""


async def test_a_platform_that_knows_better_is_believed_until_they_write_again(database_url: str, clock: Clock) -> None:
    channel = MeteredChannel(clock)
    await wrote(database_url, clock, channel, an=1, binh=60)
    channel.opened["an"] -= timedelta(days=30)
    channel.opened["binh"] -= timedelta(days=30)
    number = await released(database_url, clock, policy=Policy(gap=0, budget=1000))
    async with sending(database_url, clock, channel=channel) as campaign:
        await campaign.passed(lambda: len(channel.refused) == 2)
        await at_rest(campaign)
        clock.advance(seconds=2)  # refused, it is looked at again
        await comes_to(campaign, number, {"an": WAITS, "binh": WAITS})
        clock.advance(seconds=600)  # two whole looks of who waits
        await at_rest(campaign)
        assert sorted(channel.refused) == ["an", "binh"]
        assert not channel.calls
        assert await spent(campaign, number) == 0
        await writes(campaign, channel, "an")
        await comes_to(campaign, number, {"an": SENT_FREE, "binh": WAITS})


@pytest.mark.parametrize(("error", "status", "cost"), [
    (Unreachable("blocked"), "blocked", 0), (Unknown("no answer"), "unknown", 55),
    (ValueError("the channel broke"), "unknown", 55), (OutOfReach("closed"), "queued", 0),
    (NotSent("no connection"), "queued", 0), (Throttled(0.1), "queued", 0),
    (NotNow("night", timedelta(minutes=5)), "queued", 0),
])  # fmt: skip
async def test_only_what_may_have_been_charged_stays_spent(
    database_url: str, clock: Clock, error: Exception, status: str, cost: int
) -> None:
    channel = MeteredChannel(clock)
    await wrote(database_url, clock, channel, chi=60)
    channel.fail("chi", error)
    number = await released(database_url, clock, policy=Policy(gap=0, budget=1000))
    async with sending(database_url, clock, channel=channel) as campaign:
        await channel.called()
        await at_rest(campaign)
        await campaign.comes_to(number, {"chi": status})
        assert await spent(campaign, number) == cost


async def test_a_charged_message_whose_answer_got_lost_is_paid_once_more_where_it_is_sent_again(
    database_url: str, clock: Clock
) -> None:
    channel = MeteredChannel(clock)
    await wrote(database_url, clock, channel, chi=60)
    channel.lose("chi")
    number = await released(database_url, clock, policy=Policy(gap=0, budget=1000, unknown="resend"))
    async with sending(database_url, clock, channel=channel) as campaign:
        await channel.called()
        clock.advance(seconds=10)
        assert await campaign.ends(number) == {"sent": 1}
        assert await spent(campaign, number) == channel.charged == 110


async def test_what_comes_back_of_a_budget_is_spent_on_those_who_wait(database_url: str, clock: Clock) -> None:
    channel = MeteredChannel(clock)
    channel.free_quota = 3  # an allowance of the account's: reserved, and not charged
    await wrote(database_url, clock, channel, **{f"p{n}": 60.0 for n in range(6)})
    number = await released(database_url, clock, policy=Policy(gap=0, budget=110))
    async with sending(database_url, clock, channel=channel) as campaign:
        while len(channel.books) < 5:
            await at_rest(campaign)
            clock.advance(seconds=300)  # until the next whole look of who waits
            await asyncio.sleep(0.05)
        await decided(campaign, number)
        assert Counter((await ledger(campaign, number)).values()) == {
            ("sent", "paid", 0): 3, SENT_PAID: 2, UNPAID: 1
        }  # fmt: skip
        assert await spent(campaign, number) == channel.charged == 110


@pytest.mark.parametrize(("budget", "state"), [(0, "paused"), (55 * 40, "done")])
async def test_free_messages_that_are_charged_pause_what_has_no_money_for_them(
    database_url: str, clock: Clock, budget: int, state: str
) -> None:
    channel = MeteredChannel(clock, capabilities=replace(FAST, rate=50))
    channel.is_strict = True
    await wrote(database_url, clock, channel, **{f"p{n}": 1.0 for n in range(40)})
    number = await released(database_url, clock, policy=Policy(gap=0, budget=budget))
    async with sending(database_url, clock, channel=channel) as campaign:
        await campaign.ends(number, state)
        await at_rest(campaign)
        assert await spent(campaign, number) == channel.charged
        if state == "paused":
            assert "tính tiền những tin lẽ ra không mất tiền" in await campaign.reason_of(number)
            assert len(channel.books) <= 2 * campaign.broadcaster.senders["fake"].window.size

"""Approved templates by id and by phone number, at the hours that each may go; and a channel that has none of this."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.channels.base import NotNow
from bot.engine.content import Parameter, Template
from bot.services.broadcasting.model import Policy
from tests.conftest import Clock
from tests.fakes.channel import FakeChannel
from tests.fakes.metered import MeteredChannel
from tests.services.campaign import people, released, sending
from tests.services.reaching import (
    CARRIER,
    LONG_AGO,
    TOLD,
    approve,
    at_rest,
    comes_to,
    ledger,
    shares_phone,
    spent,
    with_template,
    wrote,
)

LATE = datetime(2026, 11, 23, 15, tzinfo=UTC)
"""Ten in the evening in Hà Nội."""
EARLY = datetime(2026, 11, 23, 23, 5, tzinfo=UTC)
"""Five past six in the morning after."""
WAITS = ("queued", "later", 0)
PUT_OFF = ("queued", "", 0)
BY_PHONE = replace(CARRIER, by=frozenset({"phone"}))
RICH = Policy(gap=0, budget=1000)


@pytest.mark.parametrize(("carrier", "policy", "route", "cost"), [
    (BY_PHONE, Policy(gap=0, budget=1000, phone=True), "phone", 300),
    (replace(CARRIER, tag="promotion"), RICH, "template", 200),
])  # fmt: skip
async def test_what_may_not_go_at_night_waits_for_the_morning(
    database_url: str, clock: Clock, carrier: Template, policy: Policy, route: str, cost: int
) -> None:
    clock.at = LATE
    channel, library = MeteredChannel(clock), with_template(carrier)
    await wrote(database_url, clock, channel, an=1, em=LONG_AGO)
    await shares_phone(database_url, em="0912345678")
    await approve(database_url, carrier)
    number = await released(database_url, clock, body=TOLD, library=library, policy=policy)
    async with sending(database_url, clock, channel=channel, library=library) as campaign:
        await comes_to(campaign, number, {"an": ("sent", "free", 0), "em": PUT_OFF})
        clock.at = EARLY
        assert await campaign.ends(number) == {"sent": 2}
        assert (await ledger(campaign, number))["em"] == ("sent", route, cost)
        assert [(one.route, one.at) for one in channel.books] == [("free", LATE), (route, EARLY)]
        assert await spent(campaign, number) == channel.charged == cost


async def test_what_a_platform_does_not_take_at_night_is_sent_in_the_morning(database_url: str, clock: Clock) -> None:
    clock.at = LATE
    channel = MeteredChannel(clock)
    channel.fail("an", NotNow("cannot be sent at night"))
    await wrote(database_url, clock, channel, an=1)
    number = await released(database_url, clock)
    async with sending(database_url, clock, channel=channel) as campaign:
        await channel.called()
        await comes_to(campaign, number, {"an": PUT_OFF})
        clock.advance(seconds=8 * 3600)
        await at_rest(campaign)
        assert len(channel.calls) == 1
        clock.at = EARLY
        assert await campaign.ends(number) == {"sent": 1}


async def test_templates_go_by_phone_only_where_officers_chose_that(database_url: str, clock: Clock) -> None:
    channel, library = MeteredChannel(clock), with_template(BY_PHONE)
    await wrote(database_url, clock, channel, em=LONG_AGO)
    await shares_phone(database_url, em="0912345678")
    await approve(database_url, BY_PHONE)
    number = await released(database_url, clock, body=TOLD, library=library, policy=RICH)
    async with sending(database_url, clock, channel=channel, library=library) as campaign:
        await comes_to(campaign, number, {"em": WAITS})


async def test_by_phone_it_goes_to_the_number_that_was_shared(database_url: str, clock: Clock) -> None:
    channel, library = MeteredChannel(clock), with_template(BY_PHONE)
    await wrote(database_url, clock, channel, em=LONG_AGO, giang=LONG_AGO, hoa=LONG_AGO)
    await shares_phone(database_url, em="0912345678", hoa="112")
    await approve(database_url, BY_PHONE)
    policy = Policy(gap=0, budget=1000, phone=True)
    number = await released(database_url, clock, body=TOLD, library=library, policy=policy)
    async with sending(database_url, clock, channel=channel, library=library) as campaign:
        await comes_to(campaign, number, {"em": ("sent", "phone", 300), "giang": WAITS, "hoa": WAITS})
        assert [one.to for one in channel.books] == ["0912345678"]


async def test_who_lacks_what_a_template_says_is_not_reached_by_it(database_url: str, clock: Clock) -> None:
    carrier = replace(CARRIER, text="Chào <ten>.", parameters=(Parameter("ten", "{ten}", 12),))
    channel, library = MeteredChannel(clock), with_template(carrier)
    await people(database_url, clock, "em", name="Lê Thị Em", fields=json.dumps({"dong-y": "co"}))
    await wrote(database_url, clock, channel, giang=LONG_AGO)
    await approve(database_url, carrier)
    number = await released(database_url, clock, body=TOLD, library=library, policy=RICH)
    async with sending(database_url, clock, channel=channel, library=library) as campaign:
        await comes_to(campaign, number, {"em": ("sent", "template", 200), "giang": WAITS})


async def test_a_template_that_is_not_approved_reaches_nobody(database_url: str, clock: Clock) -> None:
    channel, library = MeteredChannel(clock), with_template()
    await wrote(database_url, clock, channel, em=LONG_AGO)
    await approve(database_url, state="pending")
    number = await released(database_url, clock, body=TOLD, library=library, policy=RICH)
    async with sending(database_url, clock, channel=channel, library=library) as campaign:
        await comes_to(campaign, number, {"em": WAITS})


async def test_on_a_channel_without_windows_nothing_is_counted(database_url: str, clock: Clock) -> None:
    await people(database_url, clock, "an", "binh")
    number = await released(database_url, clock, policy=RICH)
    async with sending(database_url, clock, channel=FakeChannel()) as campaign:
        assert await campaign.ends(number) == {"sent": 2}
        assert set((await ledger(campaign, number)).values()) == {("sent", "", 0)}
        assert await spent(campaign, number) == 0

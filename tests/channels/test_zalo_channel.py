"""The channel against a fake Zalo: what is taken, what it costs, what each refusal means, and buttons that aren't."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator, Mapping
from datetime import time, timedelta
from typing import Any

import pytest

from bot.channels.base import (
    Channel,
    Metered,
    Misconfigured,
    NotNow,
    NotSent,
    OutOfReach,
    Payload,
    Reach,
    Rejected,
    Route,
    SendError,
    Sent,
    Throttled,
    Unknown,
    Unreachable,
)
from bot.channels.pretend import Pretend
from bot.channels.zalo.api import ZaloApi
from bot.channels.zalo.channel import BUTTONS_REST, ZaloChannel
from bot.messages import Address, Choice, Outgoing
from tests.conftest import Clock
from tests.fakes.tokens import FakeTokens
from tests.fakes.zalo import FakeZalo
from tests.fakes.zalo.books import Parameter, Template
from tests.fakes.zalo.faults import Fault
from tests.fakes.zalo.rules import Buttons

HERE = Address("zalo", "2512523625412515")
QUESTION = Outgoing("Có **vay** không?", (Choice("3.co", "1. Có"), Choice("3.khong", "2. Không")))
LINES = "Có vay không?\n\n1. Có\n2. Không"
PRICES: Mapping[Route, int] = {"free": 0, "paid": 55, "template": 200, "phone": 200}
REACH = Reach(timedelta(hours=48), timedelta(days=7), PRICES, time(22), time(6, 5), frozenset(("phone",)))
FAULTS: tuple[Fault, ...] = ("hangs", "drops", "crashes")
CS = "/v3.0/oa/message/cs"


class Stage:
    """A channel, its tokens, and the Zalo it talks to, where HERE has just written."""

    def __init__(self, zalo: FakeZalo, *, proof: str = "", buttons: bool = True) -> None:
        self.zalo, self.tokens, self.at = zalo, FakeTokens(zalo), 0.0
        api = ZaloApi(self.tokens, api=zalo.url, template_api=zalo.url, proof_secret=proof, read_seconds=0.3)
        self.channel = ZaloChannel(api, reach=REACH, tries_buttons=buttons, time=lambda: self.at)
        self.person = zalo.user(HERE.id, phone="84912345678")
        self.person.interacted_at = zalo.clock()

    async def say(self, message: Outgoing = QUESTION) -> Sent:
        [payload] = self.channel.encode(HERE, message)
        return await self.channel.send_metered(payload)

    async def refused(self, message: Outgoing = QUESTION) -> SendError:
        with pytest.raises(SendError) as caught:
            await self.say(message)
        return caught.value


@pytest.fixture
async def zalo(clock: Clock) -> AsyncIterator[FakeZalo]:
    async with FakeZalo(clock=clock, rate_per_minute=0, access_ttl=timedelta(days=365)) as server:
        yield server


@pytest.fixture
async def stage(zalo: FakeZalo) -> AsyncIterator[Stage]:
    stage = Stage(zalo)
    await stage.channel.start()
    yield stage
    await stage.channel.close()


async def test_a_message_arrives_and_its_id_is_zalos(stage: Stage) -> None:
    sent = await stage.say()
    [shown] = stage.person.shown
    assert sent == Sent(shown.message_id, is_charged=False)
    assert shown.text == "Có vay không?"
    assert [(button.title, button.payload) for button in shown.buttons] == [
        ("1. Có", "#3.co"),
        ("2. Không", "#3.khong"),
    ]
    assert not stage.zalo.unasserted
    health = stage.channel.health()
    assert (health["ok"], health["state"], health["used_up"], health["buttons"]) == (True, "ready", "", "tried")


async def test_it_is_a_metered_channel_and_one_that_pretends_is_not(stage: Stage) -> None:
    channel: Channel = stage.channel
    assert isinstance(channel, Metered)
    pretended = Pretend(channel)
    assert pretended.capabilities.reach is None
    assert not isinstance(pretended, Metered)
    assert channel.closing(HERE, "1") is None


async def test_after_48_hours_an_answer_costs_what_the_books_say(stage: Stage) -> None:
    await stage.zalo.advance(days=2, seconds=1)
    stage.zalo.sub_quota = 1
    assert [(await stage.say()).is_charged for _ in range(2)] == [False, True]
    assert [charge.price for charge in stage.zalo.books] == [0, 55]


async def test_money_that_is_used_up_keeps_back_what_costs_some_and_free_answers_go_on(stage: Stage) -> None:
    await stage.zalo.advance(days=3)
    stage.zalo.balance = 0
    assert type(await stage.refused()) is NotNow
    assert str(stage.channel.health()["used_up"]).startswith("-321")
    stage.person.interacted_at = stage.zalo.clock()
    await stage.say()
    assert (stage.channel.health()["ok"], bool(stage.channel.health()["used_up"])) == (True, True)
    await stage.zalo.advance(days=3)
    stage.zalo.balance = 1000
    await stage.say()
    assert stage.channel.health()["used_up"] == ""


async def test_after_7_days_nothing_goes_and_who_is_not_there_is_gone(stage: Stage) -> None:
    await stage.zalo.advance(days=7, seconds=1)
    assert type(await stage.refused()) is OutOfReach
    del stage.zalo.users[HERE.id]
    assert type(await stage.refused()) is Unreachable
    assert len(stage.zalo.calls) == 2  # neither is a matter of buttons


@pytest.mark.parametrize("mode", ["-201", "-233"])
async def test_refused_buttons_become_lines_at_once_and_are_left_alone_for_an_hour(stage: Stage, mode: Buttons) -> None:
    stage.zalo.buttons = mode
    await stage.say()
    await stage.say()
    assert stage.person.texts == [LINES, LINES]
    assert stage.zalo.count()[CS] == 3
    assert str(stage.channel.health()["buttons"]).startswith("refused: -2")
    stage.at += BUTTONS_REST
    stage.zalo.buttons = "accept"
    await stage.say()
    assert stage.person.shown[-1].buttons
    assert stage.zalo.count()[CS] == 4


async def test_a_refusal_that_is_not_the_buttons_stays_one_and_they_go_on_being_tried(stage: Stage) -> None:
    stage.zalo.fail(-248, times=2)
    assert type(await stage.refused()) is Rejected
    assert stage.zalo.count()[CS] == 2
    await stage.say()
    assert stage.person.shown[-1].buttons


async def test_where_buttons_are_not_tried_choices_are_lines(zalo: FakeZalo) -> None:
    stage = Stage(zalo, buttons=False)
    await stage.say()
    assert stage.person.texts == [LINES]
    assert stage.channel.health()["buttons"] == "off"
    await stage.channel.close()


@pytest.mark.parametrize("code", [-216, -220])
async def test_an_old_token_is_renewed_once_however_many_meet_it(stage: Stage, code: int) -> None:
    stage.zalo.expired_code = code
    stage.zalo.oauth.expire()
    await asyncio.gather(*(stage.say() for _ in range(20)))
    assert stage.tokens.renewals == 1
    assert len(stage.person.texts) == 20


@pytest.mark.parametrize("code", [-216, -220])
async def test_a_token_refused_twice_stops_the_account_and_nothing_is_tried_a_third_time(
    stage: Stage, code: int
) -> None:
    stage.zalo.fail(code, times=0)
    assert isinstance(await stage.refused(), Misconfigured)
    assert stage.zalo.count()[CS] == 2
    assert stage.channel.health()["ok"] is False
    stage.zalo.heal()
    await stage.say()
    assert stage.channel.health()["ok"] is True


async def test_without_a_token_nothing_is_asked(stage: Stage) -> None:
    stage.tokens.is_lost = True
    assert isinstance(await stage.refused(), Misconfigured)
    assert stage.zalo.calls == []


async def test_an_app_that_must_prove_itself_does(zalo: FakeZalo) -> None:
    zalo.demands_proof = True
    for proof, taken in ((zalo.app_secret, True), ("", False)):
        stage = Stage(zalo, proof=proof)
        if taken:
            await stage.say()
        else:
            assert isinstance(await stage.refused(), Misconfigured)
        await stage.channel.close()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("hangs", Unknown),
        ("drops", Unknown),
        ("loses_answer", Unknown),
        ("crashes", Unknown),
        ("talks_nonsense", Unknown),
        ("is_a_proxy", NotSent),
        (-200, Unknown),
        (-32, Throttled),
        (-224, Misconfigured),
        (-227, Unreachable),
    ],
)
async def test_every_trouble_has_its_meaning(stage: Stage, fault: Any, kind: type[SendError]) -> None:
    stage.zalo.fail(fault)
    assert type(await stage.refused()) is kind
    assert stage.zalo.count()[CS] == 1
    stage.zalo.heal()


async def test_what_never_left_is_known_not_to_have(stage: Stage) -> None:
    await stage.zalo.stop()
    assert type(await stage.refused()) is NotSent


async def test_no_error_shows_the_token(stage: Stage) -> None:
    token = stage.tokens.token.text
    for fault in FAULTS:
        stage.zalo.fail(fault)
        error = await stage.refused()
        assert token not in "".join(traceback.format_exception(error))
        assert error.__context__ is None
        stage.zalo.heal()


@pytest.mark.parametrize("text", ["a\r\nHost: evil", "tiền"])
async def test_a_token_that_no_header_can_hold_is_no_token(stage: Stage, text: str) -> None:
    stage.tokens.token = type(stage.tokens.token)(text, 9)
    error = await stage.refused()
    assert isinstance(error, Misconfigured)


async def test_templates_go_by_id_and_by_phone_and_are_paid_for(stage: Stage) -> None:
    stage.zalo.templates["7"] = Template("7", "Chào <ten>", (Parameter("ten"),))
    await stage.zalo.advance(days=30)
    by_id = await stage.channel.send_metered(stage.channel.by_template(HERE, "7", {"ten": "Hoa"}))
    by_phone = await stage.channel.send_metered(stage.channel.by_phone("0912345678", "7", {"ten": "Hoa"}, "b1-2"))
    assert by_id.is_charged
    assert by_phone.is_charged
    assert [(one.kind, one.to, one.message_id, one.tracking) for one in stage.zalo.books] == [
        ("template", HERE.id, by_id.id, ""),
        ("phone", "84912345678", by_phone.id, "b1-2"),
    ]


async def test_an_account_that_may_not_send_templates_goes_on_answering(stage: Stage) -> None:
    """`Misconfigured` would rest it, and with it everybody who waits for an answer."""
    stage.zalo.templates["7"] = Template("7", "Chào", ())
    stage.zalo.has_zca = False
    with pytest.raises(Rejected):
        await stage.channel.send_metered(stage.channel.by_template(HERE, "7", {}))
    stage.person.interacted_at = stage.zalo.clock() - timedelta(hours=50)
    with pytest.raises(NotNow):
        await stage.say()
    assert stage.channel.health()["ok"]


async def test_an_old_token_is_renewed_for_templates_by_phone_too(stage: Stage) -> None:
    stage.zalo.templates["7"] = Template("7", "Chào <ten>", (Parameter("ten"),))
    stage.zalo.oauth.expire()
    await stage.channel.send_metered(stage.channel.by_phone("0912345678", "7", {"ten": "Hoa"}, "b1-2"))
    assert stage.tokens.renewals == 1


async def test_a_payload_of_the_ledger_goes_out_as_it_stands(stage: Stage) -> None:
    body = b'{"recipient":{"user_id":"2512523625412515"},"message":{"text":"Nguy\xc3\xaan v\xe1\xba\xb9n"}}'
    assert await stage.channel.send(Payload("cs", body)) == stage.person.shown[0].message_id
    assert stage.zalo.calls[-1].body == body


async def test_the_account_can_be_looked_at(stage: Stage) -> None:
    assert stage.zalo.oa_id.encode() in bytes(await stage.channel.api.look("/v2.0/oa/getoa"))
    told = await stage.channel.api.look("/v3.0/oa/user/detail", {"user_id": HERE.id})
    assert HERE.id.encode() in bytes(told)
    quota = await stage.channel.api.ask("/v3.0/oa/quota/message", {"user_id": HERE.id})
    assert b"last_interaction" in bytes(quota)

"""What the Official Account tells of itself, in the shapes in which it does."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.base import Misconfigured, NotNow, NotSent, SendError, Throttled, Unknown
from bot.channels.zalo.account import About, Allowance, Slot, ZaloAccount
from tests.fakes.tokens import FakeTokens
from tests.fakes.zalo.app import FakeZalo
from tests.fakes.zalo.books import Parameter, Template

TEXT = "Chào <ten>, lãi nay là <lai>."


def account_of(zalo: FakeZalo, *, proof_key: str = "") -> ZaloAccount:
    return ZaloAccount(FakeTokens(zalo), api=zalo.url, template_api=zalo.url, proof_key=proof_key)


async def test_an_account_tells_who_it_is_and_what_it_may_still_send() -> None:
    async with FakeZalo(sub_quota=1500) as zalo:
        account = account_of(zalo)
        assert await account.about() == About(zalo.oa_id, "Vươn Lên (thử)", True, "Nâng cao", "31/12/2027", True)
        assert await account.allowances() == [Allowance("sub_quota", 1500, 1500, "31/12/2026")]
        zalo.has_zca, zalo.is_verified, zalo.has_tier, zalo.sub_quota = False, False, False, 0
        assert await account.about() == About(zalo.oa_id, "Vươn Lên (thử)", False, "", "31/12/2027", False)
        assert await account.allowances() == []


async def test_a_template_tells_its_state_its_parameters_and_its_prices() -> None:
    parameters = (Parameter("ten", 30), Parameter("lai", 10, is_required=False))
    async with FakeZalo() as zalo:
        zalo.templates["301"] = Template("301", TEXT, parameters, name="Lãi", price_uid=100, price_phone=250)
        told = await account_of(zalo).template("301")
        assert (told.state, told.name, told.price_by_id, told.price_by_phone) == ("ENABLE", "Lãi", 100, 250)
        assert told.slots == [Slot("ten", True, 30), Slot("lai", False, 10)]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (-220, Misconfigured), (-224, Misconfigured), (-32, Throttled), (-321, NotNow), (-9999, Unknown),
        ("drops", SendError),
    ],
)  # fmt: skip
async def test_what_an_account_refuses_is_of_the_closed_family(fault: Any, error: type[SendError]) -> None:
    async with FakeZalo() as zalo:
        zalo.fail(fault, path="getoa", times=0)
        with pytest.raises(error) as caught:
            await account_of(zalo).about()
        assert str(fault) in caught.value.reason or fault == "drops"


async def test_one_that_cannot_be_reached_was_not_asked() -> None:
    async with FakeZalo() as zalo:
        account = account_of(zalo)
    with pytest.raises(NotSent):
        await account.about()


async def test_calls_are_proved_where_the_app_demands_it() -> None:
    async with FakeZalo(demands_proof=True) as zalo:
        with pytest.raises(Misconfigured, match="-242"):
            await account_of(zalo).about()
        assert (await account_of(zalo, proof_key=zalo.app_secret).about()).id == zalo.oa_id

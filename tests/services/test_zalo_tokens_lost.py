"""When a refresh goes wrong: what may be shown to Zalo again, what never, and that a lost pair is said to be lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import event

from bot.channels.base import Misconfigured
from bot.channels.zalo.oauth import LIFE, Oauth, Pair
from bot.services.zalo_standing import ACCOUNT, HOLDER_GONE, Cause, Standing, State, trouble_of
from bot.services.zalo_tokens import ZaloTokens
from bot.store import grants
from tests.bench.process import free_port
from tests.conftest import Clock
from tests.services.zalo_keys import SEAL, Keys, keys_at, oauth_of

HOUR = 3600.0
PATH = "/v4/oa/access_token"


@pytest.fixture
async def keys(database_url: str, clock: Clock) -> AsyncIterator[Keys]:
    async with keys_at(database_url, clock) as opened:
        await opened.consented()
        yield opened


async def renewed_in_vain(keys: Keys, tokens: ZaloTokens | None = None) -> str:
    """Why a sender whose token was refused gets no other."""
    tokens = tokens or keys.keeper()
    with pytest.raises(Misconfigured) as caught:
        await tokens.renew(await tokens.current())
    return caught.value.reason


async def nothing_shows_it_again(keys: Keys) -> None:
    """However often and from however many processes: what Zalo was shown is not shown again."""
    before = keys.shown()
    for _ in range(3):
        keys.clock.advance(seconds=HOUR)
        tokens = keys.keeper()
        await tokens.look()
        with pytest.raises(Misconfigured):
            await tokens.current()
    assert keys.shown() == before


@pytest.mark.parametrize("fault", ["loses_answer", "drops", "crashes", "talks_nonsense", "is_a_proxy"])
async def test_without_a_usable_answer_the_pair_is_lost_and_never_shown_again(keys: Keys, fault: str) -> None:
    keys.zalo.fail(fault, path=PATH)  # type: ignore[arg-type]
    assert "lost (unanswered" in await renewed_in_vain(keys)
    told = await keys.standing()
    assert (told.state, told.cause, told.can_send) == ("lost", "unanswered", False)
    assert not told.is_ok
    await nothing_shows_it_again(keys)


async def test_a_time_out_is_no_failure_but_a_loss(keys: Keys) -> None:
    keys.zalo.fail("hangs", path=PATH)
    await renewed_in_vain(keys, keys.keeper(oauth=oauth_of(keys.zalo, read_seconds=0.05)))
    assert (await keys.standing()).cause == "unanswered"
    keys.zalo.heal()
    await nothing_shows_it_again(keys)


async def test_what_zalo_refuses_is_lost_with_its_words(keys: Keys) -> None:
    keys.zalo.oauth.revoke()
    token = SEAL.open((await keys.row()).refresh)
    reason = await renewed_in_vain(keys)
    assert "lost (denied -14014 Invalid refresh token)" in reason
    assert (await keys.standing()).detail == "-14014 Invalid refresh token"
    assert token not in f"{await keys.row()}{reason}"
    await nothing_shows_it_again(keys)


async def test_a_lost_pair_serves_until_its_access_token_ends(keys: Keys) -> None:
    keys.clock.advance(seconds=21 * HOUR)
    keys.zalo.fail("drops", path=PATH)  # before anything was done: the access token is as good as it was
    tokens = keys.keeper()
    with pytest.raises(Misconfigured):
        await tokens.look()
    token = await tokens.current()
    assert keys.zalo.oauth.check(token.text) == 0
    told = await keys.standing()
    assert (told.state, told.can_send) == ("lost", True)
    keys.clock.advance(seconds=5 * HOUR)
    with pytest.raises(Misconfigured):
        await tokens.current()
    assert not (await keys.standing()).can_send


async def test_an_access_token_that_is_refused_after_the_loss_is_given_out_no_more(keys: Keys) -> None:
    keys.zalo.fail("loses_answer", path=PATH)
    tokens, other = keys.keeper(), keys.keeper()
    seen = await other.current()
    await renewed_in_vain(keys, tokens)
    for each in (tokens, other):
        with pytest.raises(Misconfigured):
            await each.renew(seen)
        with pytest.raises(Misconfigured):
            await each.current()
    assert len(keys.shown()) == 1


async def test_too_many_calls_lose_nothing(keys: Keys) -> None:
    keys.zalo.fail(-32, path=PATH)
    tokens = keys.keeper()
    await renewed_in_vain(keys, tokens)
    assert (await keys.row()).state == "ready"
    await renewed_in_vain(keys, tokens)  # it is left alone for a while
    assert len(keys.zalo.calls) == 1
    keys.clock.advance(seconds=30)
    assert (await tokens.renew(await tokens.current())).version == 2
    assert await keys.is_good()


async def test_a_server_that_cannot_be_reached_loses_nothing_and_is_tried_less_and_less(keys: Keys) -> None:
    nowhere = Oauth("1", "secret", f"http://127.0.0.1:{free_port()}")
    tokens = keys.keeper(oauth=nowhere)
    for rest in (30, 60, 120, 240, 480, 600, 600):
        assert "no connection" in await renewed_in_vain(keys, tokens)
        keys.clock.advance(seconds=rest - 1)
        assert "tried again soon" in await renewed_in_vain(keys, tokens)
        keys.clock.advance(seconds=1)
    assert (await keys.row()).state == "ready"
    assert tokens.health()["ok"] is True
    seen = await tokens.current()
    keys.clock.advance(days=2)
    assert tokens.health()["ok"] is False, "it is over, and can't be renewed"
    assert (await keys.keeper().renew(seen)).version == 2


async def test_a_secret_that_no_header_can_hold_loses_nothing(keys: Keys) -> None:
    await renewed_in_vain(keys, keys.keeper(oauth=Oauth("1", "bí mật", keys.zalo.url)))
    assert (await keys.row()).state == "ready"
    assert keys.zalo.calls == []


async def taken_up(keys: Keys) -> None:
    """Some process writes that it asks Zalo, and is never heard of again."""
    async with keys.database.begin() as db:
        assert await grants.take_up(db, ACCOUNT, version=1, holder="dead", at=keys.clock())


async def test_within_a_minute_after_its_holder_was_killed_a_pair_is_known_to_be_lost(keys: Keys) -> None:
    await taken_up(keys)
    tokens = keys.keeper()
    keys.clock.advance(seconds=HOLDER_GONE.total_seconds() - 1)
    await tokens.look()
    assert (await keys.standing()).state == "refreshing"
    keys.clock.advance(seconds=1)
    assert timedelta(seconds=5) + HOLDER_GONE < timedelta(minutes=1)
    assert ((await keys.standing()).state, (await keys.standing()).cause) == ("lost", "gone"), "nobody need write it"
    await tokens.look()
    assert ((await keys.row()).state, (await keys.row()).reason) == ("lost", "gone")
    assert tokens.health()["ok"] is False
    keys.clock.advance(days=2)
    await nothing_shows_it_again(keys)
    assert keys.shown() == []


async def test_a_sender_waits_for_a_holder_and_learns_that_it_is_gone(keys: Keys) -> None:
    await taken_up(keys)
    keys.clock.advance(seconds=HOLDER_GONE.total_seconds())
    assert "lost (gone)" in await renewed_in_vain(keys)


async def test_a_holder_who_comes_back_late_still_brings_the_new_pair(keys: Keys) -> None:
    await taken_up(keys)
    keys.clock.advance(seconds=HOLDER_GONE.total_seconds())
    await keys.keeper().look()
    pair, at = keys.zalo.oauth.consent(), keys.clock()
    async with keys.database.begin() as db:
        assert await grants.succeed(
            db, ACCOUNT, version=1, access=SEAL.close(pair.access_token), refresh=SEAL.close(pair.refresh_token),
            issued_at=at, expires_at=at + LIFE,
        )  # fmt: skip
    assert (await keys.keeper().current()).text == pair.access_token


async def test_a_holder_who_never_showed_it_gives_it_back_even_when_others_gave_it_up(keys: Keys) -> None:
    await taken_up(keys)
    keys.clock.advance(seconds=HOLDER_GONE.total_seconds())
    await keys.keeper().look()
    async with keys.database.begin() as db:
        await grants.give_back(db, ACCOUNT, version=1, holder="another")
    assert (await keys.row()).state == "lost"
    async with keys.database.begin() as db:
        await grants.give_back(db, ACCOUNT, version=1, holder="dead")
    assert (await keys.row()).state == "ready"


class Unlucky(Oauth):
    """Zalo, whose new pair comes just when the database goes away."""

    def __init__(self, keys: Keys) -> None:
        super().__init__(keys.zalo.app_id, keys.zalo.app_secret, keys.zalo.url)
        self._keys = keys

    async def refresh(self, token: str) -> Pair:
        pair = await super().refresh(token)
        await rename(self._keys, "grants", "grants_away")
        return pair


async def rename(keys: Keys, old: str, new: str) -> None:
    async with keys.database.begin() as db:
        await db.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")


async def test_a_pair_that_comes_while_the_database_is_away_is_kept_until_it_is_back(keys: Keys) -> None:
    failed = asyncio.Event()
    event.listen(keys.database.sync_engine, "handle_error", lambda _error: failed.set())
    tokens = keys.keeper(oauth=Unlucky(keys))
    asking = asyncio.create_task(tokens.renew(await tokens.current()))
    await failed.wait()
    await rename(keys, "grants_away", "grants")
    assert (await asking).version == 2
    assert await keys.is_good()
    assert keys.outcomes() == ["renewed"]


async def test_a_new_consent_heals_a_lost_pair(keys: Keys) -> None:
    keys.zalo.oauth.revoke()
    tokens = keys.keeper()
    await renewed_in_vain(keys, tokens)
    pair = await keys.consented()
    await tokens.look()
    assert (await tokens.current()).text == pair.access_token
    assert (await keys.standing()).is_ok


def test_every_trouble_says_what_to_do() -> None:
    causes: tuple[Cause, ...] = ("denied", "unanswered", "gone", "single")
    for cause in causes:
        for can_send in (True, False):
            assert "Cấp phép Zalo" in trouble_of(Standing("lost", cause=cause, can_send=can_send))
    assert "Cấp phép Zalo" in trouble_of(Standing("none"))
    assert "BOT_WEB_SECRET" in trouble_of(Standing("sealed"))
    states: tuple[State, ...] = ("ready", "refreshing")
    for state in states:
        assert trouble_of(Standing(state, can_send=True)) == ""
        assert "tự thử lại" in trouble_of(Standing(state))

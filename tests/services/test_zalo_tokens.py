"""Tokens of the Official Account: first pairs, renewal in time, one renewal however many ask, and no loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from bot.channels.base import Misconfigured, NotSent
from bot.channels.zalo.oauth import Oauth, Pair
from bot.services.zalo_standing import seal_of
from bot.services.zalo_tokens import Seed, ZaloTokens
from bot.store.db import open_database
from tests.conftest import Clock
from tests.services.zalo_keys import SEAL, Keys, keys_at, oauth_of, seed_of

HOUR = 3600.0
NOWHERE = "postgresql+asyncpg://postgres@/bot?host=/nowhere"
"""Not a missing SQLite file: the thread that fails to open it may outlive the loop of the test."""


@pytest.fixture
async def keys(database_url: str, clock: Clock) -> AsyncIterator[Keys]:
    async with keys_at(database_url, clock) as opened:
        yield opened


async def begun(tokens: ZaloTokens) -> None:
    """A process that starts, looks once, and ends."""
    with suppress(Misconfigured):
        await tokens.look()
    await tokens.close()


class Gated(Oauth):
    """Zalo, whose answer to a refresh takes until `gate` is set; `asked` is set when it is asked."""

    def __init__(self, keys: Keys) -> None:
        super().__init__(keys.zalo.app_id, keys.zalo.app_secret, keys.zalo.url)
        self.asked, self.gate = asyncio.Event(), asyncio.Event()

    async def refresh(self, token: str) -> Pair:
        self.asked.set()
        await self.gate.wait()
        return await super().refresh(token)


async def test_the_pair_of_the_settings_is_taken_over_and_renewed_at_once(keys: Keys) -> None:
    first = keys.zalo.oauth.consent()
    tokens = keys.keeper(seed_of(first))
    await tokens.look()
    assert keys.shown() == [first.refresh_token]
    assert (await tokens.current()).version == 2
    assert await keys.is_good()
    assert keys.zalo.oauth.pair is not None
    assert (await tokens.current()).text == keys.zalo.oauth.pair.access_token


async def test_settings_never_overwrite_a_pair_that_works(keys: Keys) -> None:
    first = keys.zalo.oauth.consent()
    await keys.keeper(seed_of(first)).look()
    before = await keys.row()
    for stale in (first, keys.zalo.oauth.consent()):
        await keys.keeper(seed_of(stale)).look()
        assert await keys.row() == before
    assert keys.shown() == [first.refresh_token]


async def test_of_the_settings_only_pairs_never_tried_replace_a_lost_one(keys: Keys) -> None:
    pairs = [keys.zalo.oauth.consent() for _ in range(2)]
    keys.zalo.oauth.revoke()
    await begun(keys.keeper(seed_of(pairs[0])))
    assert (await keys.row()).state == "lost"
    for stale in (pairs[0], pairs[1], pairs[0], pairs[1]):
        await begun(keys.keeper(seed_of(stale)))
    assert keys.shown() == [pair.refresh_token for pair in pairs]
    good = keys.zalo.oauth.consent()
    await keys.keeper(seed_of(good)).look()
    assert await keys.is_good()


async def test_settings_with_half_a_pair_serve_as_far_as_they_can(keys: Keys) -> None:
    pair = keys.zalo.oauth.consent()
    tokens = keys.keeper(Seed("", pair.refresh_token))
    assert (await tokens.current()).version == 2
    alone = keys.zalo.oauth.consent()
    async with keys.database.begin() as db:
        await db.exec_driver_sql("DELETE FROM grants")
    tokens = keys.keeper(Seed(alone.access_token, ""))
    await begun(tokens)
    assert (await tokens.current()).text == alone.access_token
    assert ((await keys.standing()).state, (await keys.standing()).cause) == ("lost", "single")


async def test_a_pair_is_renewed_when_a_fifth_of_its_life_is_left(keys: Keys) -> None:
    await keys.consented()
    tokens = keys.keeper()
    await tokens.look()
    keys.clock.advance(seconds=19.9 * HOUR)
    await tokens.look()
    assert keys.outcomes() == []
    keys.clock.advance(seconds=0.2 * HOUR)
    await tokens.look()
    assert keys.outcomes() == ["renewed"]
    await tokens.look()
    assert keys.outcomes() == ["renewed"]
    assert await keys.is_good()


@pytest.mark.parametrize("is_known_to_be_over", [True, False])
async def test_fifty_senders_in_two_processes_cause_one_refresh(keys: Keys, is_known_to_be_over: bool) -> None:
    await keys.consented()
    other = open_database(keys.database.url.render_as_string(hide_password=False))
    here = keys.keeper()
    there = ZaloTokens(other, oauth_of(keys.zalo), SEAL, now=keys.clock)
    seen = [await tokens.current() for tokens in (here, there)]
    if is_known_to_be_over:
        keys.clock.advance(seconds=26 * HOUR)
        asking = [tokens.current() for tokens in (here, there) * 25]
    else:
        keys.zalo.oauth.expire()
        asking = [tokens.renew(old) for tokens, old in zip((here, there) * 25, seen * 25, strict=True)]
    got = await asyncio.gather(*asking)
    await other.dispose()
    assert keys.outcomes() == ["renewed"]
    assert {token.version for token in got} == {2}
    assert {keys.zalo.oauth.check(token.text) for token in got} == {0}


async def test_who_stops_waiting_does_not_stop_the_refresh(keys: Keys) -> None:
    await keys.consented()
    oauth = Gated(keys)
    tokens = keys.keeper(oauth=oauth)
    asking = asyncio.create_task(tokens.renew(await tokens.current()))
    await oauth.asked.wait()
    asking.cancel()
    closing = asyncio.create_task(tokens.close())
    oauth.gate.set()
    await closing
    assert (await keys.row()).version == 2
    assert await keys.is_good()


async def test_a_consent_during_a_refresh_wins(keys: Keys) -> None:
    await keys.consented()
    oauth = Gated(keys)
    tokens = keys.keeper(oauth=oauth)
    asking = asyncio.create_task(tokens.renew(await tokens.current()))
    await oauth.asked.wait()
    pair = await keys.consented()
    oauth.gate.set()
    assert (await asking).text == pair.access_token
    assert ((await keys.row()).version, (await keys.row()).state) == (2, "ready")


async def test_a_new_token_that_is_refused_as_well_is_not_renewed_again(keys: Keys) -> None:
    await keys.consented()
    tokens = keys.keeper()
    newer = await tokens.renew(await tokens.current())
    for _ in range(5):
        keys.clock.advance(seconds=60)
        with pytest.raises(Misconfigured, match="refused as well"):
            await tokens.renew(newer)
    assert keys.outcomes() == ["renewed"]
    keys.clock.advance(seconds=HOUR)
    assert (await tokens.renew(newer)).version == 3


async def test_processes_do_not_take_turns_at_renewing_what_is_refused_again_and_again(keys: Keys) -> None:
    """Each knows only by the row that another has just had a new token, in vain."""
    await keys.consented()
    processes = [keys.keeper() for _ in range(3)]
    for turn in range(9):
        tokens = processes[turn % 3]
        with suppress(Misconfigured):
            await tokens.look()
            await tokens.renew(await tokens.current())
        keys.clock.advance(seconds=30)
    assert keys.outcomes() == ["renewed"]


async def test_a_consent_given_elsewhere_is_used_at_once_where_nothing_works(keys: Keys) -> None:
    tokens = keys.keeper()
    with pytest.raises(Misconfigured, match="authorise"):
        await tokens.current()
    assert tokens.health()["ok"] is False
    pair = await keys.consented()
    assert (await tokens.current()).text == pair.access_token
    assert tokens.health()["ok"] is True


async def test_tokens_sealed_with_another_secret_are_left_alone(keys: Keys) -> None:
    await keys.consented()
    before = await keys.row()
    tokens = keys.keeper(seal=seal_of("another"))
    keys.clock.advance(seconds=24 * HOUR)
    for asking in (tokens.current, tokens.look):
        with pytest.raises(Misconfigured, match="BOT_WEB_SECRET"):
            await asking()
    assert tokens.standing().state == "sealed"
    assert await keys.row() == before
    assert keys.outcomes() == []


async def test_without_a_database_nothing_is_sent_and_nothing_is_shown(keys: Keys) -> None:
    away = open_database(NOWHERE)
    tokens = ZaloTokens(away, oauth_of(keys.zalo), SEAL, now=keys.clock)
    with pytest.raises(NotSent):
        await tokens.current()
    await tokens.start()
    await tokens.close()
    assert keys.outcomes() == []

"""Consent links and pairs of tokens: what is asked, and what each answer means."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.zalo.oauth import (
    LIFE,
    Busy,
    Denied,
    NeverAsked,
    Oauth,
    OauthError,
    Pair,
    Unanswered,
    challenge_of,
    pair_in,
)
from tests.fakes.zalo.app import FakeZalo

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # of RFC 7636, appendix B
BACK = "https://bot.example.vn/console/channels/zalo/callback"


@pytest.fixture
async def zalo() -> AsyncIterator[FakeZalo]:
    async with FakeZalo(redirect_uris={BACK}) as server:
        yield server


def oauth_of(zalo: FakeZalo, secret: str = "") -> Oauth:
    return Oauth(zalo.app_id, secret or zalo.app_secret, zalo.url)


async def code_from(zalo: FakeZalo, link: str) -> str:
    back = await zalo.consent(link)
    return parse_qs(urlsplit(back).query)["code"][0]


def test_the_challenge_is_that_of_the_rfc() -> None:
    assert challenge_of(VERIFIER) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


async def test_a_code_becomes_a_pair_and_that_the_next(zalo: FakeZalo) -> None:
    oauth = oauth_of(zalo)
    code = await code_from(zalo, oauth.consent_url(BACK, verifier=VERIFIER, state="s p?&"))
    first = await oauth.exchange(code, VERIFIER)
    assert first.life == LIFE == timedelta(seconds=90_000)
    second = await oauth.refresh(first.refresh)
    assert (zalo.oauth.check(first.access), zalo.oauth.check(second.access)) == (-220, 0)
    assert first.access not in repr(first)
    assert zalo.unasserted == set()


async def test_what_was_used_is_denied(zalo: FakeZalo) -> None:
    oauth = oauth_of(zalo)
    code = await code_from(zalo, oauth.consent_url(BACK, verifier=VERIFIER, state="s"))
    pair = await oauth.exchange(code, VERIFIER)
    await oauth.refresh(pair.refresh)
    for again in (oauth.exchange(code, VERIFIER), oauth.refresh(pair.refresh), oauth.refresh("made up")):
        with pytest.raises(Denied, match="-14014"):
            await again


@pytest.mark.parametrize("status", [200, 400])
async def test_a_wrong_secret_or_verifier_is_denied(zalo: FakeZalo, status: int) -> None:
    zalo.oauth_status = status
    link = oauth_of(zalo).consent_url(BACK, verifier=VERIFIER, state="s")
    for oauth, verifier in ((oauth_of(zalo, "wrong"), VERIFIER), (oauth_of(zalo), VERIFIER[::-1])):
        with pytest.raises(Denied):
            await oauth.exchange(await code_from(zalo, link), verifier)


async def test_a_verifier_that_is_fixed_at_zalo_serves_too(zalo: FakeZalo) -> None:
    zalo.fixed_challenge = challenge_of(VERIFIER)
    oauth = oauth_of(zalo)
    code = await code_from(zalo, oauth.consent_url(BACK, verifier=VERIFIER, state="s"))
    assert (await oauth.exchange(code, VERIFIER)).access


async def test_whether_it_was_shown_is_told(zalo: FakeZalo) -> None:
    oauth, token = oauth_of(zalo), zalo.oauth.consent().refresh_token
    for fault, error in ((-32, Busy), ("drops", Unanswered), ("crashes", Unanswered), ("talks_nonsense", Unanswered)):
        zalo.fail(fault, path="/access_token")  # type: ignore[arg-type]
        with pytest.raises(error):
            await oauth.refresh(token)
    await zalo.stop()
    with pytest.raises(NeverAsked):
        await oauth.refresh(token)


async def test_no_error_holds_a_secret(zalo: FakeZalo) -> None:
    oauth, token = oauth_of(zalo), zalo.oauth.consent().refresh_token
    for fault in ("drops", -14014):
        zalo.fail(fault, path="/access_token")
        with pytest.raises(OauthError) as caught:
            await oauth.refresh(token)
        assert caught.value.__context__ is None
        assert zalo.app_secret not in str(caught.value)
        assert token not in str(caught.value)


@pytest.mark.parametrize(("told", "life"), [
    ('"90000"', 90_000), ("3600", 3600), ('""', 90_000), ('"soon"', 90_000), ("0", 90_000), ("null", 90_000),
    ("-5", 90_000), ("99999999999999999999", 365 * 86_400), ('"٣"', 90_000),
])  # fmt: skip
def test_how_long_it_lives_is_read_however_it_is_written(told: str, life: int) -> None:
    body = f'{{"access_token":"a","refresh_token":"r","expires_in":{told}}}'.encode()
    assert pair_in(200, body) == Pair("a", "r", timedelta(seconds=life))


@given(st.integers(100, 599), st.binary() | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) |
    st.dictionaries(st.sampled_from(("error", "access_token", "refresh_token", "expires_in", "message")), inner),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_whatever_answers_it_is_a_pair_or_one_of_our_errors(status: int, body: bytes) -> None:
    with suppress(OauthError):
        assert pair_in(status, body).access

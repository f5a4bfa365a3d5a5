"""Consent and tokens: single use, spelled out."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest

from tests.fakes.zalo import FakeZalo
from tests.fakes.zalo.oauth import challenge_of
from tests.fakes.zalo.refusals import Refusal
from tests.fakes_zalo.conftest import Caller

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
BACK = "https://bot.example/console/channels/zalo/callback"


def link(zalo: FakeZalo, **other: str) -> str:
    asked = {"app_id": zalo.app_id, "redirect_uri": BACK, "code_challenge": CHALLENGE, "state": "s1"} | other
    return f"{zalo.url}/v4/oa/permission?{urlencode(asked)}"


async def code_of(zalo: FakeZalo, **other: str) -> str:
    zalo.redirect_uris = {BACK}
    return parse_qs(urlsplit(await zalo.consent(link(zalo, **other))).query)["code"][0]


def exchange(zalo: FakeZalo, code: str, verifier: str = VERIFIER) -> dict[str, str]:
    return {"code": code, "app_id": zalo.app_id, "grant_type": "authorization_code", "code_verifier": verifier}


def test_the_challenge_is_the_published_one() -> None:
    assert challenge_of(VERIFIER) == CHALLENGE
    assert challenge_of(VERIFIER[:42]) == ""


async def test_an_admin_is_sent_back_with_a_code_for_a_pair(zalo: FakeZalo, app: Caller) -> None:
    zalo.redirect_uris = {BACK}
    async with app.client.get(link(zalo), allow_redirects=False) as got:
        assert got.status == 302
        back = urlsplit(got.headers["Location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == BACK
    query = {name: values[0] for name, values in parse_qs(back.query).items()}
    assert (query["oa_id"], query["state"]) == (zalo.oa_id, "s1")
    told = await app.form(exchange(zalo, query["code"]))
    assert told["expires_in"] == "90000"
    assert zalo.oauth.check(told["access_token"]) == 0
    assert told["refresh_token"]


async def test_a_code_is_good_once_and_for_ten_minutes(zalo: FakeZalo, app: Caller) -> None:
    code = await code_of(zalo)
    assert "access_token" in await app.form(exchange(zalo, code))
    refused = await app.form(exchange(zalo, code))
    assert refused["error"] < 0
    assert "access_token" not in refused
    late = await code_of(zalo)
    await zalo.advance(seconds=601)
    assert (await app.form(exchange(zalo, late)))["error"] < 0


async def test_a_code_needs_the_verifier_of_its_challenge(zalo: FakeZalo, app: Caller) -> None:
    assert (await app.form(exchange(zalo, await code_of(zalo), "x" * 43)))["error"] < 0
    assert (await app.form(exchange(zalo, await code_of(zalo), "")))["error"] < 0


async def test_a_challenge_can_be_fixed_whatever_the_link_has(zalo: FakeZalo, app: Caller) -> None:
    zalo.fixed_challenge = CHALLENGE
    code = await code_of(zalo, code_challenge="y" * 43)
    assert "access_token" in await app.form(exchange(zalo, code))


@pytest.mark.parametrize(
    ("other", "error"),
    [({"redirect_uri": "https://evil.example"}, -14003), ({"app_id": "1"}, -14002), ({"code_challenge": ""}, -14014)],
)
async def test_a_wrong_link_is_refused(zalo: FakeZalo, app: Caller, other: dict[str, str], error: int) -> None:
    zalo.redirect_uris = {BACK}
    async with app.client.get(link(zalo, **other), allow_redirects=False) as got:
        assert (await got.json())["error"] == error
    with pytest.raises(Refusal):
        await zalo.consent(link(zalo, **other))


async def test_a_refresh_token_is_good_once_and_the_old_pair_dies(zalo: FakeZalo, app: Caller) -> None:
    first = zalo.oauth.consent()
    told = await app.refresh(first.refresh_token)
    assert zalo.oauth.check(first.access_token) == -220
    assert zalo.oauth.check(told["access_token"]) == 0
    again = await app.refresh(first.refresh_token)
    assert again["error"] == zalo.oauth_code
    assert "refresh_token" not in again
    assert "error_description" in again
    assert "access_token" in await app.refresh(told["refresh_token"])
    assert [refresh.outcome for refresh in zalo.refreshes] == ["renewed", "used", "renewed"]
    assert [refresh.token for refresh in zalo.refreshes[:2]] == [first.refresh_token] * 2


async def test_a_refresh_token_dies_after_ninety_days(zalo: FakeZalo, app: Caller) -> None:
    pair = zalo.oauth.consent()
    await zalo.advance(days=90)
    assert (await app.refresh(pair.refresh_token))["error"] < 0
    assert (await app.refresh("made up"))["error"] < 0
    assert [refresh.outcome for refresh in zalo.refreshes] == ["expired", "unknown"]


async def test_who_asks_for_tokens_shows_the_apps_secret_in_a_form(zalo: FakeZalo, app: Caller) -> None:
    pair = zalo.oauth.consent()
    fields = {"refresh_token": pair.refresh_token, "app_id": zalo.app_id, "grant_type": "refresh_token"}
    assert (await app.form(fields, secret="another"))["error"] < 0
    assert (await app.form(fields | {"app_id": "1"}))["error"] == -14002
    url, headers = f"{zalo.url}/v4/oa/access_token", {"secret_key": zalo.app_secret}
    async with app.client.post(url, json=fields, headers=headers) as got:
        assert (await got.json())["error"] < 0
    assert "access_token" in await app.refresh(pair.refresh_token)  # none of these used it up


async def test_the_answer_of_a_rotation_can_be_lost(zalo: FakeZalo, app: Caller) -> None:
    pair = zalo.oauth.consent()
    zalo.drops_refresh_answers = 1
    with pytest.raises(aiohttp.ClientError):
        await app.refresh(pair.refresh_token)
    assert zalo.oauth.check(pair.access_token) == -220
    assert (await app.refresh(pair.refresh_token))["error"] < 0
    assert [refresh.outcome for refresh in zalo.refreshes] == ["dropped", "used"]


async def test_an_overloaded_server_uses_no_token_up(zalo: FakeZalo, app: Caller) -> None:
    pair = zalo.oauth.consent()
    zalo.fail(-32, path="/access_token")
    assert (await app.refresh(pair.refresh_token))["error"] == -32
    assert "access_token" in await app.refresh(pair.refresh_token)
    assert [refresh.outcome for refresh in zalo.refreshes] == ["throttled", "renewed"]


async def test_a_refusal_can_have_another_status(zalo: FakeZalo, app: Caller) -> None:
    zalo.oauth_status = 400
    async with app.client.post(f"{zalo.url}/v4/oa/access_token", data={}) as got:
        assert got.status == 400


async def test_a_token_can_be_made_to_expire_and_a_consent_be_taken_back(zalo: FakeZalo, app: Caller) -> None:
    pair = zalo.oauth.consent()
    zalo.oauth.expire()
    assert zalo.oauth.check(pair.access_token) == -220
    told = await app.refresh(pair.refresh_token)
    zalo.oauth.revoke()
    assert zalo.oauth.check(told["access_token"]) == -220
    assert (await app.refresh(told["refresh_token"]))["error"] < 0


async def test_an_admin_can_be_asked_first(zalo: FakeZalo, app: Caller) -> None:
    zalo.redirect_uris, zalo.asks_admin = {BACK}, True
    async with app.client.get(link(zalo), allow_redirects=False) as got:
        assert got.status == 200
        page = await got.text()
    assert "Đồng ý" in page
    assert f"{BACK}?code=" in page

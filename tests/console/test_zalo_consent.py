"""An admin consents for the Official Account: to Zalo's page and back, and what can go wrong on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.base import Misconfigured
from bot.channels.zalo.oauth import challenge_of
from bot.console.visit import PREFIX
from bot.services.zalo_consent import CALLBACK, ZaloConsent
from bot.services.zalo_standing import seal_of
from bot.services.zalo_tokens import ZaloTokens
from bot.store import audit, officers
from tests.conftest import Clock
from tests.console.office import SECRET, Console, Page
from tests.fakes.zalo.app import FakeZalo
from tests.services.office import Office
from tests.services.zalo_keys import oauth_of

OURS = f"https://bot.example.vn{PREFIX}{CALLBACK}"
CONSENT = "/channels/zalo/consent"
ADMIN = "dung"


@pytest.fixture
async def zalo(clock: Clock) -> AsyncIterator[FakeZalo]:
    async with FakeZalo(clock=clock, redirect_uris={OURS}) as server:
        yield server


@pytest.fixture
async def console(database: AsyncEngine, clock: Clock, zalo: FakeZalo, tmp_path: Path) -> AsyncIterator[Console]:
    opened = Console(await Office(database, clock).open(), clock, folder=tmp_path, zalo=consent(database, clock, zalo))
    await opened.open()
    yield opened
    await opened.client.close()


def consent(database: AsyncEngine, clock: Clock, zalo: FakeZalo, **more: Any) -> ZaloConsent:
    settings = {"oa_id": zalo.oa_id, "callback": OURS} | more
    return ZaloConsent(database, oauth_of(zalo), SECRET, now=clock, **settings)


async def set_out(console: Console, zalo: FakeZalo, login: str = ADMIN) -> dict[str, str]:
    """What *login* brings back from Zalo's page."""
    away = await console.get(CONSENT, login)
    assert away.status == 303
    assert away.to.startswith(f"{zalo.url}/v4/oa/permission?")
    back = urlsplit(await zalo.consent(away.to))
    assert f"{back.scheme}://{back.netloc}{back.path}" == OURS
    return fields_of(back.geturl())


def fields_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


async def come_back(console: Console, brought: dict[str, str], login: str = ADMIN) -> Page:
    return await console.get(f"{CALLBACK}?{urlencode(brought)}", login)


def tokens_of(console: Console, zalo: FakeZalo) -> ZaloTokens:
    return ZaloTokens(console.database, oauth_of(zalo), seal_of(SECRET), now=console.clock)


async def outcomes(console: Console) -> list[tuple[str, str]]:
    """(actor, outcome) of what the audit log says of consents."""
    async with console.database.connect() as db:
        assert await audit.verify(db) is None
        found = await audit.recent(db, subject="channel:zalo")
    assert {entry.action for entry in found} <= {"zalo.authorise"}
    return [(entry.actor, entry.outcome) for entry in found]


async def test_an_admin_consents_and_the_bot_has_tokens_that_work(console: Console, zalo: FakeZalo) -> None:
    back = await come_back(console, await set_out(console, zalo))
    assert (back.status, back.to) == (303, "/channels")
    token = await tokens_of(console, zalo).current()
    assert zalo.oauth.check(token.text) == 0
    assert await outcomes(console) == [(ADMIN, "done")]
    assert zalo.unasserted == set()


async def test_consenting_again_replaces_a_lost_pair(console: Console, zalo: FakeZalo) -> None:
    await come_back(console, await set_out(console, zalo))
    zalo.oauth.revoke()
    console.clock.advance(days=2)
    tokens = tokens_of(console, zalo)
    for _ in range(2):
        with pytest.raises(Misconfigured, match="authorise again"):
            await tokens.current()
    console.tokens.clear()  # sessions don't last for days
    await come_back(console, await set_out(console, zalo))
    assert zalo.oauth.check((await tokens.current()).text) == 0
    assert await outcomes(console) == [(ADMIN, "done")] * 2


@pytest.mark.parametrize("login", ["an", "binh", "xem"])
async def test_only_an_admin_may(console: Console, zalo: FakeZalo, login: str) -> None:
    assert (await console.get(CONSENT, login)).status == 403
    assert (await come_back(console, await set_out(console, zalo), login)).status == 403
    assert zalo.calls == []


async def test_who_is_not_signed_in_any_more_signs_in_and_comes_back(console: Console, zalo: FakeZalo) -> None:
    brought = await set_out(console, zalo)
    asked = await come_back(console, brought, "")
    assert asked.status == 303
    there = parse_qs(urlsplit(asked.to).query)["next"][0]
    assert (await console.get(there, ADMIN)).to == "/channels"


@pytest.mark.parametrize(("change", "told"), [
    ({"oa_id": "999"}, "999"), ({"code": ""}, "bấm đồng ý"), ({"code": "made-up"}, "Zalo từ chối"),
    ({"state": ""}, "10 phút"), ({"state": "made-up"}, "10 phút"),
])  # fmt: skip
async def test_what_does_not_fit_is_refused_in_words_and_changes_nothing(
    console: Console, zalo: FakeZalo, change: dict[str, str], told: str
) -> None:
    page = await come_back(console, await set_out(console, zalo) | change)
    assert page.status == 422
    assert told in page.text
    assert await outcomes(console) == [(ADMIN, "refused")]
    assert tokens_of(console, zalo).standing().state == "none"


async def test_a_consent_is_of_who_set_out_for_it_and_in_time(console: Console, zalo: FakeZalo) -> None:
    async with console.database.begin() as db:
        await officers.set_role(db, "chi", role="admin")
    brought = await set_out(console, zalo)
    assert (await come_back(console, brought, "chi")).status == 422
    console.clock.advance(seconds=601)
    assert (await come_back(console, brought)).status == 422
    assert zalo.calls == []


async def test_a_code_works_once(console: Console, zalo: FakeZalo) -> None:
    brought = await set_out(console, zalo)
    assert (await come_back(console, brought)).status == 303
    assert (await come_back(console, brought)).status == 422
    assert zalo.oauth.check((await tokens_of(console, zalo).current()).text) == 0


@pytest.mark.parametrize(("fault", "told"), [("drops", "không trả lời"), (-32, "đợi vài phút")])
async def test_a_zalo_that_does_not_answer_is_said_so(
    console: Console, zalo: FakeZalo, fault: int, told: str
) -> None:  # fmt: skip
    brought = await set_out(console, zalo)
    zalo.fail(fault, path="/access_token")
    page = await come_back(console, brought)
    assert (page.status, told in page.text) == (422, True)


async def test_a_verifier_that_is_fixed_at_zalo_is_used(
    database: AsyncEngine, clock: Clock, zalo: FakeZalo, console: Console
) -> None:
    fixed = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    zalo.fixed_challenge = challenge_of(fixed)
    tokens = tokens_of(console, zalo)
    there = consent(database, clock, zalo, verifier=fixed, given=tokens.look)
    brought = fields_of(await zalo.consent(there.link(ADMIN)))
    await there.accept(ADMIN, code=brought["code"], state=brought["state"], oa_id=brought["oa_id"])
    assert await outcomes(console) == [(ADMIN, "done")]
    assert tokens.health()["ok"] is True, "the keeper knows at once"


async def test_without_a_public_address_nobody_is_sent_away(
    database: AsyncEngine, clock: Clock, zalo: FakeZalo
) -> None:  # fmt: skip
    opened = Console(await Office(database, clock).open(), clock, zalo=consent(database, clock, zalo, callback=""))
    await opened.open()
    page = await opened.get(CONSENT, ADMIN)
    assert (page.status, "BOT_PUBLIC_URL" in page.text) == (422, True)
    await opened.client.close()


async def test_where_zalo_is_off_there_is_no_such_page(database: AsyncEngine, clock: Clock) -> None:
    opened = await Console(await Office(database, clock).open(), clock).open()
    for path in (CONSENT, CALLBACK):
        assert (await opened.get(path, ADMIN)).status == 404
    await opened.client.close()

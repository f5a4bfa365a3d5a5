"""Coming in and going out: set-up links, passwords, codes, sessions, forged forms."""

from __future__ import annotations

import re

import pyotp
import pytest

from bot.console.visit import COOKIE
from bot.services.signing_in import SignIn, digest_of
from tests.console.office import SECRET, Console

PASSWORD = "con trâu là đầu cơ nghiệp"


async def enrolled(console: Console, login: str) -> str:
    """*login* set up with PASSWORD through the page of their link; the secret of their phone."""
    token = await console.site.sign_in.invite(login)
    answer = await console.client.get(f"/console/setup/{token}")
    page, cookie = await answer.text(), answer.cookies[COOKIE].value
    [sealed] = re.findall(r'name="phone" value="([^"]+)"', page)
    [shown] = re.findall(r"<code>([A-Z2-7 ]+)</code>", page)
    secret = str(shown).replace(" ", "")
    form = {
        "csrf": console.csrf(cookie), "phone": sealed, "password": PASSWORD, "again": PASSWORD,
        "code": code_of(console, secret),
    }  # fmt: skip
    headers = {"Cookie": f"{COOKIE}={cookie}"}
    done = await console.client.post(f"/console/setup/{token}", data=form, headers=headers, allow_redirects=False)
    assert (done.status, done.headers["Location"]) == (303, "/console/sign-in")
    return secret


def code_of(console: Console, secret: str) -> str:
    return pyotp.TOTP(secret).at(console.clock())


async def come_in(console: Console, login: str, password: str, code: str) -> tuple[int, str, str]:
    """(status, the session's token, the page) of trying to sign in through the form."""
    form = await console.client.get("/console/sign-in", headers={"Cookie": ""})
    before = form.cookies[COOKIE].value if COOKIE in form.cookies else ""
    answer = await console.client.post(
        "/console/sign-in", data={"csrf": console.csrf(before), "login": login, "password": password, "code": code},
        headers={"Cookie": f"{COOKIE}={before}"}, allow_redirects=False,
    )  # fmt: skip
    got = answer.cookies[COOKIE].value if COOKIE in answer.cookies else ""
    assert got != before or not got, "a session must have a token of its own"
    return answer.status, got, await answer.text()


async def test_an_officer_sets_up_signs_in_and_out(console: Console) -> None:
    secret = await enrolled(console, "an")
    console.clock.advance(seconds=60)
    status, token, _page = await come_in(console, "an", PASSWORD, code_of(console, secret))
    assert status == 303
    console.tokens["an"] = token
    assert (await console.get("/account")).status == 200
    assert (await console.post("/sign-out")).to == "/sign-in"
    replayed = await console.get("/account")  # with the same cookie
    assert (replayed.status, replayed.to) == (303, "/sign-in?next=%2Faccount")


async def test_a_code_works_once_and_a_link_works_once(console: Console) -> None:
    secret = await enrolled(console, "an")
    assert (await come_in(console, "an", PASSWORD, code_of(console, secret)))[0] == 422  # taken when setting up
    console.clock.advance(seconds=60)
    assert (await come_in(console, "an", PASSWORD, code_of(console, secret)))[0] == 303
    assert (await come_in(console, "an", PASSWORD, code_of(console, secret)))[0] == 422
    token = await console.site.sign_in.invite("binh")
    console.clock.advance(days=4)
    assert (await console.client.get(f"/console/setup/{token}")).status == 422


@pytest.mark.parametrize(("login", "password", "right"), [
    ("an", "sai mật khẩu rồi", True), ("an", PASSWORD, False), ("khong-co", PASSWORD, True),
])  # fmt: skip
async def test_no_answer_tells_what_was_wrong(console: Console, login: str, password: str, right: bool) -> None:
    secret = await enrolled(console, "an")
    console.clock.advance(seconds=60)
    code = code_of(console, secret) if right else "000000"
    status, token, page = await come_in(console, login, password, code)
    assert (status, token) == (422, "")
    assert "Tên đăng nhập, mật khẩu hoặc mã 6 số không đúng" in page


async def test_guessing_locks_for_longer_and_longer(console: Console) -> None:
    secret = await enrolled(console, "an")
    console.clock.advance(seconds=60)
    for _ in range(5):
        await come_in(console, "an", "đoán mò thôi mà", "000000")
    assert "đợi 30 giây" in (await come_in(console, "an", PASSWORD, code_of(console, secret)))[2]
    console.clock.advance(seconds=31)
    await come_in(console, "an", "đoán mò thôi mà", "000000")
    assert "đợi 60 giây" in (await come_in(console, "an", PASSWORD, code_of(console, secret)))[2]
    console.clock.advance(seconds=61)
    assert (await come_in(console, "an", PASSWORD, code_of(console, secret)))[0] == 303
    await come_in(console, "an", "đoán mò thôi mà", "000000")  # success forgot the failures before


async def test_a_session_ends_when_idle_and_after_a_working_day(console: Console) -> None:
    await console.get("/account")
    console.clock.advance(seconds=3 * 3600)
    assert (await console.get("/account")).status == 303
    del console.tokens["an"]
    for _ in range(7):
        assert (await console.get("/account")).status == 200
        console.clock.advance(seconds=6000)
    console.clock.advance(seconds=6000)
    assert (await console.get("/account")).status == 303


@pytest.mark.parametrize("csrf", ["", "0" * 64, "of another session"])
async def test_a_forged_form_does_nothing(console: Console, csrf: str) -> None:
    await console.sign_in("dung")
    forged = console.csrf("another token") if csrf == "of another session" else csrf
    answer = await console.post("/users", "dung", {"login": "moi", "role": "admin"}, csrf=forged)
    assert answer.status == 403
    assert (await console.get("/users/moi", "dung")).status == 404


async def test_a_form_from_another_site_does_nothing(console: Console) -> None:
    token = await console.sign_in("dung")
    answer = await console.client.post(
        "/console/users", data={"csrf": console.csrf(token), "login": "moi", "role": "admin"},
        headers={"Cookie": f"{COOKIE}={token}", "Origin": "https://evil.example"}, allow_redirects=False,
    )  # fmt: skip
    assert answer.status == 403


async def test_who_is_disabled_is_out_at_once(console: Console) -> None:
    await console.get("/account")
    await console.post("/users/an/active", "dung", {"active": "0"}, csrf=console.csrf(await console.sign_in("dung")))
    assert (await console.get("/account")).status == 303


async def test_the_database_holds_nothing_to_sign_in_with(console: Console) -> None:
    secret = await enrolled(console, "an")
    async with console.database.connect() as db:
        rows = (await db.exec_driver_sql("SELECT password, totp, invitation FROM credentials")).all()
        tokens = [row[0] for row in await db.exec_driver_sql("SELECT token FROM console_sessions")]
    assert secret not in str(rows)
    assert PASSWORD not in str(rows)
    assert rows[0][0].startswith("$argon2id$")
    assert not set(tokens) & set(console.tokens.values())


async def test_another_secret_of_the_server_is_told(console: Console) -> None:
    secret = await enrolled(console, "an")
    console.clock.advance(seconds=60)
    other = SignIn(console.database, console.clock, secret=SECRET + "!")
    with pytest.raises(Exception, match="BOT_WEB_SECRET"):
        await other.sign_in("an", PASSWORD, code_of(console, secret), remote="x", agent="y")
    assert digest_of("a") != digest_of("b")

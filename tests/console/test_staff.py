"""The pages of people and of the audit log."""

from __future__ import annotations

import re
from html import escape

from sqlalchemy import text

from bot.store import officers
from tests.console.office import Console


async def test_an_admin_makes_an_officer_and_hands_over_a_link(console: Console) -> None:
    answer = await console.post("/users", "dung", {"login": "moi", "name": "Mới", "role": "officer", "communes": "1"})
    [link] = re.findall(r"/console(/setup/[\w-]+)", answer.text)
    assert "Chào Mới" in (await console.get(link, "")).text
    assert "Xã Một" in (await console.get("/users", "dung")).text


async def test_bad_input_is_told_in_words_and_kept(console: Console) -> None:
    answer = await console.post("/users", "dung", {"login": "Có Dấu", "name": "Nguyễn <b>Ân</b>", "role": "officer"})
    assert answer.status == 422
    assert "chỉ dùng chữ thường" in answer.text
    assert 'value="Nguyễn &lt;b&gt;Ân&lt;/b&gt;"' in answer.text
    assert 'value="có dấu"' in answer.text or 'value="Có Dấu"' in answer.text


async def test_nobody_locks_themselves_out(console: Console) -> None:
    answer = await console.post("/users/dung/active", "dung", {"active": "0"})
    assert "nhờ một quản trị khác" in answer.text
    assert (await console.get("/users", "dung")).status == 200


async def test_a_new_role_counts_from_the_next_click(console: Console) -> None:
    assert (await console.get("/users", "an")).status == 403
    await console.post("/users/an", "dung", {"role": "admin"})
    assert (await console.get("/users", "an")).status == 200
    await console.post("/users/an", "dung", {"role": "staff", "communes": "1"})
    assert (await console.get("/users", "an")).status == 403


async def test_an_admin_writes_down_where_an_officer_reads_tests(console: Console) -> None:
    assert "Chưa có địa chỉ nhận tin thử" in (await console.get("/account", "an")).text
    assert (await console.post("/users/an/address", "dung", {"address": "telegram:7"})).to == "/users/an"
    assert 'value="telegram:7"' in (await console.get("/users/an", "dung")).text
    assert "Tin thử gửi tới telegram:7." in (await console.get("/account", "an")).text
    assert "ghi địa chỉ nhận tin thử" in (await console.get("/audit", "dung")).text
    for typed, words in (("telegram:7", "đã là địa chỉ của “an”"), ("09 <b>", "ví dụ telegram:100000001")):
        refused = await console.post("/users/binh/address", "dung", {"address": typed})
        assert (refused.status, words in refused.text) == (422, True)
        assert f'value="{escape(typed)}"' in refused.text
    assert (await console.post("/users/an/address", "dung", {"address": ""})).status == 303
    assert "telegram:7" not in (await console.get("/users/an", "dung")).text


async def test_nobody_but_an_admin_writes_an_address_down(console: Console) -> None:
    for login in ("an", "binh", "xem"):
        assert (await console.post(f"/users/{login}/address", login, {"address": "fake:1"})).status == 403
    async with console.database.connect() as db:
        assert await officers.logins_at(db, "fake:1") == []


async def test_what_nobody_has_is_not_found(console: Console) -> None:
    for path in ("/users/khong-co", "/nothing", "/users/an/nothing"):
        answer = await console.get(path, "dung")
        assert (answer.status, "Không có trang này" in answer.text) == (404, True), path


async def test_the_log_says_who_did_what_and_whether_it_is_whole(console: Console) -> None:
    await console.post("/users", "dung", {"login": "moi", "role": "officer"})
    await console.post("/users", "dung", {"login": "moi", "role": "officer"})
    page = (await console.get("/audit?actor=dung", "dung")).text
    assert "thêm cán bộ" in page
    assert "bị từ chối" in page
    assert "nguyên vẹn" in (await console.post("/audit/verify", "dung", piece=True)).text


async def test_a_tampered_entry_is_found(console: Console) -> None:
    for login in ("moi", "nua"):
        await console.post("/users", "dung", {"login": login, "role": "officer"})
    async with console.database.begin() as db:
        if db.dialect.name == "sqlite":
            await db.execute(text("DROP TRIGGER audit_no_update"))
        else:
            await db.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_only_grows"))
        await db.execute(text("UPDATE audit SET actor = 'an' WHERE id = 2"))
    assert "Từ dòng 2 trở đi" in (await console.post("/audit/verify", "dung", piece=True)).text


async def test_pages_speak_english_when_asked(console: Console) -> None:
    answer = await console.post("/look", "dung", {"language": "en", "next": "/users"})
    assert answer.to == "/users"
    assert "vuonlen-look=en." in str(answer.headers.getall("Set-Cookie"))
    assert '<html lang="en"' in (await console.get("/users", "dung", language="en")).text


async def test_one_ends_ones_other_sessions(console: Console) -> None:
    token = await console.sign_in("an")
    del console.tokens["an"]
    await console.sign_in("an")
    await console.post("/account/sessions", "an")
    assert (await console.get("/account", "an")).status == 200
    console.tokens["an"] = token
    assert (await console.get("/account", "an")).status == 303


async def test_signing_in_never_leads_elsewhere(console: Console) -> None:
    for there in ("//evil.example", "https://evil.example", "/\\evil.example"):
        answer = await console.post("/look", "dung", {"language": "vi", "next": there})
        assert answer.to == "/", there

"""The page and the addresses for hands."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from tests.fakes.zalo import FakeZalo
from tests.fakes_zalo.conftest import UID, Caller, Heard

ROOT = Path(__file__).parent.parent.parent


async def do(app: Caller, path: str, answered: int = 200, **asked: object) -> Any:
    async with app.client.post(f"{app.zalo.url}/_fake/{path}", json=asked) as got:
        assert got.status == answered, await got.text()
        return await got.json() if answered == 200 else await got.text()


async def test_a_hand_can_be_a_citizen(zalo: FakeZalo, app: Caller, heard: Heard) -> None:
    zalo.webhook = heard.url
    uid = (await do(app, "join", name="Hoa", phone="84912345678"))["result"]
    assert await do(app, f"users/{uid}/write", text="xin chào") == {"status": 200}
    assert await do(app, f"users/{uid}/follow") == {"status": 200}
    assert heard.names == ["user_send_text", "follow"]
    assert "no button" in await do(app, f"users/{uid}/click", 400, title="Vay vốn")
    assert "a person can" in await do(app, f"users/{uid}/__init__", 404)
    async with app.client.get(f"{zalo.url}/_fake/state", params={"uid": uid}) as got:
        state = await got.json()
    assert state["people"][0] | {"window": "free", "follows": True, "name": "Hoa"} == state["people"][0]
    assert [shown["text"] for shown in state["shown"]] == ["xin chào"]
    assert state["token"] == 0


async def test_a_hand_can_move_time_rules_tokens_and_the_webhook(zalo: FakeZalo, app: Caller, heard: Heard) -> None:
    assert await do(app, "hook", url=heard.url) == {"result": True}
    await do(app, "advance", days=3, seconds=1)
    assert zalo.oauth.check(app.headers["access_token"]) == 0
    await do(app, "set", buttons="-233", rate_per_minute=5, bare_hex=True)
    assert (zalo.buttons, zalo.rate_per_minute, zalo.hook.bare_hex) == ("-233", 5, True)
    await do(app, "set", 400, no_such_rule=1)
    await do(app, "tokens", do="revoke")
    assert (await app.say())["error"] == -220
    await do(app, "template", id="t1", text="Chào")
    await do(app, "template", id="t1", status="DISABLE")
    await do(app, "admin", uid=UID, text="Cán bộ đây")
    assert await do(app, "hook") == {"result": 200}
    assert heard.names == ["change_template_status", "oa_send_text", "oa_send_text"]
    await do(app, "fail", fault=-200)
    await do(app, "heal")
    await do(app, "nothing", 404)


async def test_there_is_a_page(zalo: FakeZalo, app: Caller) -> None:
    async with app.client.get(zalo.url) as got:
        assert got.status == 200
        assert "Zalo giả" in await got.text()


async def test_run_by_hand_it_says_what_to_set() -> None:
    command = (sys.executable, "-m", "tests.fakes.zalo", "--port", "0", "--set", "has_tier=false")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    said = await asyncio.wait_for(process.stdout.readuntil(b"python -m bot run"), 30)
    process.kill()
    await process.communicate()
    assert b"export BOT_ZALO_REFRESH_TOKEN=" in said
    assert b"export BOT_PORT=8080" in said

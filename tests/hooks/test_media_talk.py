"""Somebody asks, and the picture that goes with the answer is on their phone: the whole bot over HTTP."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path

from aiohttp import ClientSession, web

from bot.app import assemble
from bot.config import Settings
from tests.conftest import Clock
from tests.fakes.telegram import FakeTelegram
from tests.library.media import png
from tests.library.packs import LAI, SOUND, changed, write

CARRIES = changed(LAI, "topic: vay-von\n", "topic: vay-von\nmedia: {file: to-roi.png, says: Tờ rơi về vay vốn}\n")


def settings_of(root: Path, database: str, api: str) -> Settings:
    (root / "locales").mkdir()
    (root / "content/media").mkdir(parents=True)
    (root / "content/media/to-roi.png").write_bytes(png(20, 10))
    write(root, SOUND | {"content/messages/vay-von/lai.md": CARRIES})
    folders = {name: root / name for name in ("dialogs", "content", "locales")}
    return Settings.model_validate(
        {
            "database_url": database, "telegram_token": "123:TEST", "telegram_api": api, "telegram_chat_gap": 0,
            "web_secret": "x" * 32, "today": date(2026, 11, 23), **folders,
        }
    )  # fmt: skip


async def test_a_picture_reaches_whoever_asked_on_telegram_and_in_the_browser(
    tmp_path: Path, sqlite_url: str, clock: Clock, unused_tcp_port: int
) -> None:
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(FakeTelegram())
        parts = await assemble(settings_of(tmp_path, sqlite_url, telegram.url), now=clock, stack=stack)
        runner = web.AppRunner(parts.application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()

        await telegram.says(7, "/start vay-von")
        [call] = await telegram.until("sendPhoto")
        assert "Lãi là 6,24% một năm" in str(call.fields["caption"])
        assert call.fields["photo"] == png(20, 10)

        here = f"http://127.0.0.1:{unused_tcp_port}"
        async with ClientSession() as browser:
            page = await (await browser.get(f"{here}/?start=vay-von")).text()
            assert "Vươn Lên" in page
            media = parts.shelf.library.messages["vay-von.lai"].media
            assert media is not None
            picture = await browser.get(f"{here}/media/{media.ref}")
            assert await picture.read() == png(20, 10)

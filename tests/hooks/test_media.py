"""Where browsers and platforms find the pictures and files of the content: under addresses that change with them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from bot.channels.webchat import WebChat
from bot.hooks.media import add_media_routes
from bot.library.media import MediaFiles
from bot.messages import Address, Media, Outgoing
from tests.hooks.webchat_talk import Client
from tests.library.media import PDF, png
from tests.library.packs import LAI, SOUND, changed, load, write


@pytest.fixture
def media(tmp_path: Path) -> Media:
    """A picture that a message of the pack in *tmp_path* carries."""
    (tmp_path / "content/media").mkdir(parents=True)
    (tmp_path / "content/media/to-roi.png").write_bytes(png(20, 10))
    (tmp_path / "content/media/mau-don.pdf").write_bytes(PDF)
    carries = changed(LAI, "topic: vay-von\n", "media: {file: to-roi.png, says: Tờ rơi}\n")
    write(tmp_path, SOUND | {"content/messages/vay-von/lai.md": carries})
    media = load(tmp_path).messages["vay-von.lai"].media
    assert media is not None
    return media


@pytest.fixture
async def client(
    tmp_path: Path, media: Media, aiohttp_client: Callable[[web.Application], Awaitable[Client]]
) -> Client:
    app = web.Application()
    add_media_routes(app, MediaFiles(tmp_path / "content").read)
    return await aiohttp_client(app)


async def test_a_page_finds_its_picture_and_keeps_it(client: Client, media: Media) -> None:
    [payload] = WebChat().encode(Address("webchat", "7"), Outgoing("Mời xem.", media=media))
    address = json.loads(payload.body)["html"].partition('href="')[2].partition('"')[0]
    response = await client.get(address)
    assert response.status == 200
    assert await response.read() == png(20, 10)
    assert response.content_type == "image/png"
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_another_picture_under_the_same_name_has_another_address(
    client: Client, media: Media, tmp_path: Path
) -> None:
    (tmp_path / "content/media/to-roi.png").write_bytes(png(30, 10))
    assert (await client.get(f"/media/{media.ref}")).status == 404


@pytest.mark.parametrize("name", ["khac.png", "..%2Fplan.yaml", "plan.yaml", "", "to-roi.png%00"])
async def test_nothing_else_is_handed_out(client: Client, media: Media, name: str) -> None:
    assert (await client.get(f"/media/{media.digest}/{name}")).status == 404

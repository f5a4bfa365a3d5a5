"""The pictures and files of our content, for the web chat and for platforms that fetch them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Final

from aiohttp import web

from bot.channels.webchat import MEDIA_AT
from bot.web.assets import KEPT
from bot.web.guard import HEADERS

TYPES: Final = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def add_media_routes(application: web.Application, read: Callable[[str], bytes]) -> None:
    """Serve them under addresses that change with the file: browsers keep them for ever. *read* takes a `Media.ref`."""

    async def show(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        try:
            body = read(f"{request.match_info['digest']}/{name}")
        except LookupError:
            raise web.HTTPNotFound from None
        headers = {**HEADERS, "Cache-Control": KEPT}
        return web.Response(body=body, headers=headers, content_type=TYPES[PurePath(name).suffix])

    application.router.add_get(f"{MEDIA_AT}{{digest}}/{{name}}", show)

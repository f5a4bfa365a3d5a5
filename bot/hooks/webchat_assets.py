"""The page's static files: read once, compressed once, kept by browsers until they change."""

from __future__ import annotations

import gzip
from hashlib import sha256
from pathlib import Path
from typing import Final

from aiohttp import web

from bot.hooks.webchat_guard import HEADERS

PATH: Final = "/static/webchat/{version}/{name}"
KEPT: Final = "public, max-age=31536000, immutable"
TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Assets:
    """The files of one folder, under an address that changes with them."""

    def __init__(self, folder: Path) -> None:
        files = [path for path in sorted(folder.iterdir()) if path.suffix in TYPES]
        self._plain = {path.name: path.read_bytes() for path in files}
        self._packed = {name: gzip.compress(body, mtime=0) for name, body in self._plain.items()}
        self._version = sha256(b"".join(self._plain.values())).hexdigest()[:10]

    def url(self, name: str) -> str:
        return PATH.format(version=self._version, name=name)

    async def show(self, request: web.Request) -> web.Response:
        """One file. An address of an older version shows the present one, and is not kept."""
        name = request.match_info["name"]
        if name not in self._plain:
            raise web.HTTPNotFound
        is_present = request.match_info["version"] == self._version
        headers = {**HEADERS, "Cache-Control": KEPT if is_present else "no-cache", "Vary": "Accept-Encoding"}
        body = self._plain[name]
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = self._packed[name]
        return web.Response(body=body, headers=headers, content_type=TYPES[Path(name).suffix], charset="utf-8")

"""Static files of pages: read once, compressed once, kept by browsers until they change."""

from __future__ import annotations

import gzip
from hashlib import sha256
from pathlib import Path
from typing import Final

from aiohttp import web

from bot.web.guard import HEADERS

KEPT: Final = "public, max-age=31536000, immutable"
TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
PACKED: Final = (".css", ".js", ".svg")
"""What is text; fonts and pictures are compressed by themselves."""


class Assets:
    """The files of one folder and its subfolders, under an address of *prefix* that changes with them.

    Style sheets name others by relative addresses, so these change with the folder as well.
    """

    def __init__(self, folder: Path, prefix: str) -> None:
        files = [path for path in sorted(folder.rglob("*")) if path.suffix in TYPES]
        self._plain = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
        self._packed = {
            name: gzip.compress(body, mtime=0) for name, body in self._plain.items() if Path(name).suffix in PACKED
        }
        self._version = sha256(b"".join(self._plain.values())).hexdigest()[:10]
        self._prefix = prefix

    @property
    def path(self) -> str:
        """The route that `show` answers."""
        return f"{self._prefix}/{{version}}/{{name:.+}}"

    def url(self, name: str) -> str:
        """The address of the file *name*."""
        return f"{self._prefix}/{self._version}/{name}"

    async def show(self, request: web.Request) -> web.Response:
        """One file. An address of an older version shows the present one, and is not kept."""
        name = request.match_info["name"]
        if name not in self._plain:
            raise web.HTTPNotFound
        is_present = request.match_info["version"] == self._version
        headers = {**HEADERS, "Cache-Control": KEPT if is_present else "no-cache", "Vary": "Accept-Encoding"}
        body = self._plain[name]
        if name in self._packed and "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = self._packed[name]
        suffix = Path(name).suffix
        charset = "utf-8" if suffix in PACKED else None
        return web.Response(body=body, headers=headers, content_type=TYPES[suffix], charset=charset)

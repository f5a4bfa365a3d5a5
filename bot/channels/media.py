"""Pictures and files on their way to a platform: handed over once, and then called by what the platform calls them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import NamedTuple

from msgspec import Raw

from bot.channels.base import Rejected

Read = Callable[[str], bytes]
"""The bytes of a picture or file by its `Media.ref`. LookupError: it isn't there any more."""


def nothing(ref: str) -> bytes:
    """Stands where there are no pictures and no files."""
    raise LookupError(ref)


class Form(NamedTuple):
    """A body with a file in it."""

    content_type: str
    body: bytes


def form_of(fields: Mapping[str, str], part: str, name: str, content: bytes) -> Form:
    """A multipart/form-data body (RFC 7578): *fields*, and *content* as the file *name* in *part*."""
    boundary = sha256(content).hexdigest()[:32].encode()  # is in nothing that we send
    lines = []
    for key, value in fields.items():
        lines += [b"--" + boundary, b'Content-Disposition: form-data; name="%b"' % key.encode(), b"", value.encode()]
    disposition = f'Content-Disposition: form-data; name="{part}"; filename="{name}"'.encode()
    lines += [b"--" + boundary, disposition, b"Content-Type: application/octet-stream", b"", content]
    body = b"\r\n".join((*lines, b"--" + boundary + b"--", b""))
    return Form(f"multipart/form-data; boundary={boundary.decode()}", body)


class Names:
    """What a platform calls what it was given, by `Media.ref`. Whoever comes while something is handed over waits."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    def get(self, ref: str) -> str:
        """The platform's name; "" when it has none yet."""
        return self._names.get(ref, "")

    def keep(self, ref: str, name: str) -> None:
        """Remember it until we end: it is then handed over again."""
        self._names[ref] = name

    def drop(self, ref: str, name: str) -> None:
        """*name* isn't good any more; a newer one stays."""
        if self._names.get(ref) == name:
            del self._names[ref]

    async def of(self, ref: str, hand_over: Callable[[], Awaitable[str]]) -> str:
        """The platform's name, handed over if need be; raises what *hand_over* does."""
        async with self.handing(ref):
            if not self.get(ref):
                self.keep(ref, await hand_over())
            return self._names[ref]

    def handing(self, ref: str) -> asyncio.Lock:
        """Held while it is handed over."""
        return self._locks.setdefault(ref, asyncio.Lock())


async def carried(told: Awaitable[Raw], in_words: Callable[[], Awaitable[Raw]] | None) -> Raw:
    """What a platform *told* of a message with a picture or file; where that is refused, or gone, of its words alone.

    Raises SendError. Words are what matters, and say everything; *in_words* None: it had none.
    """
    try:
        return await told
    except LookupError as missing:
        refused = Rejected(f"{missing.args[0]} is not in content/media any more")
    except Rejected as error:
        refused = error
    if in_words is None:
        raise refused
    try:
        return await in_words()
    except Rejected:
        raise refused from None  # then it wasn't the picture's fault

"""Pictures and files to Zalo: handed over first, then named in messages by what Zalo calls them, for seven days."""

from __future__ import annotations

from functools import partial
from typing import Final

import msgspec
from msgspec import Raw, Struct

from bot.channels.base import NotSent, Rejected
from bot.channels.media import Names, Read, carried, form_of
from bot.channels.zalo.api import ZaloApi
from bot.channels.zalo.encode import SAY, in_words, media_in, with_media

EXPIRED: Final = "-100 "
"""How the refusal of a name begins whose seven days are over."""


class _Handed(Struct, gc=False):
    """What Zalo calls a picture, or a file."""

    attachment_id: str = ""
    token: str = ""


_handed: Final = msgspec.json.Decoder(_Handed)


class Carrier:
    """Sends what carries something."""

    def __init__(self, api: ZaloApi, read: Read) -> None:
        self._api, self._read = api, read
        self._names = Names()

    async def send(self, body: bytes) -> Raw:
        """What Zalo tells of the message, with what it carries or without. Raises SendError."""
        words = in_words(body)
        return await carried(self._carried(body), partial(self._api.post, SAY, words) if words is not None else None)

    async def _carried(self, body: bytes) -> Raw:
        ref = media_in(body)
        name = await self._name_of(body, ref)
        try:
            return await self._api.post(SAY, with_media(body, ref, name))
        except Rejected as refused:
            if not refused.reason.startswith(EXPIRED):
                raise
        self._names.drop(ref, name)
        return await self._api.post(SAY, with_media(body, ref, await self._name_of(body, ref)))

    async def _name_of(self, body: bytes, ref: str) -> str:
        async def hand_over() -> str:
            kind = "file" if b'"type":"file"' in body else "image"
            form = form_of({}, "file", ref.partition("/")[2], self._read(ref))
            return _name_in(await self._api.upload(kind, form))

        return await self._names.of(ref, hand_over)


def _name_in(data: Raw) -> str:
    """What it is called from now on. NotSent: the answer doesn't tell."""
    try:
        handed = _handed.decode(data)
    except msgspec.MsgspecError:
        handed = _Handed()
    name = handed.attachment_id or handed.token
    if not name:
        raise NotSent("Zalo took a file and did not say what it is called")
    return name

"""Pictures and files to Telegram: the first message brings one along, those after it name it by Telegram's id."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from bot.channels.base import Payload
from bot.channels.bot_api import BotApi
from bot.channels.media import Names, Read, carried, form_of
from bot.channels.telegram.encode import CARRIES, in_words


class _File(Struct, gc=False):
    file_id: str = ""


class _Sent(Struct):
    """A message that was taken: of a picture it has several sizes, the largest last."""

    photo: list[_File] = []
    document: _File | None = None


_sent: Final = msgspec.json.Decoder(_Sent)


class Carrier:
    """Sends what carries something. So no address of ours need be known to the world, and nothing is fetched twice."""

    def __init__(self, api: BotApi, read: Read) -> None:
        self._api, self._read = api, read
        self._names = Names()

    async def send(self, payload: Payload) -> Raw:
        """The call's result, with what it carries or without. Raises SendError."""
        words = in_words(payload.body)
        return await carried(
            self._carried(payload), partial(self._api.call, "sendMessage", words) if words is not None else None
        )

    async def _carried(self, payload: Payload) -> Raw:
        fields = msgspec.json.decode(payload.body)
        part = CARRIES[payload.method]
        ref = fields[part]
        if not self._names.get(ref):
            async with self._names.handing(ref):
                if not self._names.get(ref):
                    return await self._brought(payload.method, fields, part)
        known = {**fields, part: self._names.get(ref)}
        return await self._api.call(payload.method, msgspec.json.encode(known))

    async def _brought(self, method: str, fields: dict[str, Any], part: str) -> Raw:
        ref = fields.pop(part)
        texts = {key: value if isinstance(value, str) else _json(value) for key, value in fields.items()}
        result = await self._api.upload(method, form_of(texts, part, ref.partition("/")[2], self._read(ref)))
        self._names.keep(ref, _id_in(result))
        return result


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _id_in(result: Raw) -> str:
    """Telegram's id of what was sent; "" when the answer doesn't tell: it was taken all the same."""
    try:
        sent = _sent.decode(result)
    except msgspec.MsgspecError:
        return ""
    file = sent.document or (sent.photo[-1] if sent.photo else _File())
    return file.file_id

"""The way that every message takes to Telegram."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Raw, Struct

from bot.channels.base import Payload
from bot.channels.bot_api import BotApi
from bot.channels.telegram.encode import CARRIES, as_new_message
from bot.channels.telegram.errors import NotEditable
from bot.channels.telegram.media import Carrier

PUBLIC_API: Final = "https://api.telegram.org"


class _Sent(Struct, gc=False):
    message_id: int = 0


_sent = msgspec.json.Decoder(_Sent)


async def send(api: BotApi, payload: Payload, carrier: Carrier) -> str:
    """Make the call; return the id of the message it is about, "" where it is about none. Raises SendError."""
    if payload.method in CARRIES:
        return _message_id(await carrier.send(payload), payload)
    try:
        result = await api.call(payload.method, payload.body)
    except NotEditable:
        if payload.method == "editMessageReplyMarkup":
            return ""  # its buttons are gone already, with it
        if payload.method != "editMessageText":
            raise
        result = await api.call("sendMessage", as_new_message(payload.body))
    return _message_id(result, payload)


def _message_id(result: Raw, payload: Payload) -> str:
    # An edit that changed nothing has no result, and answerCallbackQuery's is `true`.
    raw = bytes(result)
    found = _sent.decode(raw if raw.startswith(b"{") else payload.body).message_id
    return str(found) if found else ""

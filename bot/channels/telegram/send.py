"""Calls of the Bot API as prepared bytes: the way that every message takes, and all else that we ask of it."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Raw, Struct

from bot.channels.base import NotSent, Payload, SendError, Unknown
from bot.channels.http import Broken, HttpClient, Refused
from bot.channels.telegram.encode import as_new_message
from bot.channels.telegram.errors import NotEditable, answer_from, error_in, error_of

PUBLIC_API: Final = "https://api.telegram.org"
MAX_CONNECTIONS: Final = 100
CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 20.0
"""Long, because every time-out after the request was written leaves an `Unknown`."""


class _Sent(Struct, gc=False):
    message_id: int = 0


_sent = msgspec.json.Decoder(_Sent)


class BotApi:
    """One bot on one Bot API server. The token is in every URL, so no URL ever reaches a log or an error."""

    def __init__(self, token: str, base: str = PUBLIC_API, *, read_seconds: float = READ_SECONDS) -> None:
        self.base = base.rstrip("/")
        self.read_seconds = read_seconds
        self._root = f"{urlsplit(self.base).path}/bot{token}/"
        self._heads: dict[str, bytes] = {}
        self._http = HttpClient(
            self.base, limit=MAX_CONNECTIONS, connect_seconds=CONNECT_SECONDS, read_seconds=read_seconds
        )

    async def close(self) -> None:
        """Close every connection. Calls made later are `NotSent`."""
        await self._http.close()

    async def call(self, method: str, body: bytes, *, read_seconds: float | None = None) -> Raw:
        """The result of one call as raw JSON; empty for a refusal that amounts to success. Raises SendError."""
        status, answer_body = await self._post(method, body, read_seconds)
        answer = answer_from(answer_body)
        error = error_of(status, answer_body) if answer is None else error_in(status, answer)
        if error is not None:
            raise error
        return Raw() if answer is None else answer.result

    async def send(self, payload: Payload) -> str:
        """Make the call; return the id of the message it is about, "" where it is about none. Raises SendError."""
        try:
            result = await self.call(payload.method, payload.body)
        except NotEditable:
            if payload.method == "editMessageReplyMarkup":
                return ""  # its buttons are gone already, with it
            if payload.method != "editMessageText":
                raise
            result = await self.call("sendMessage", as_new_message(payload.body))
        return _message_id(result, payload)

    async def _post(self, method: str, body: bytes, read_seconds: float | None) -> tuple[int, bytes]:
        error: SendError
        try:
            return await self._http.post(self._head(method), body, read_seconds=read_seconds)
        except Refused as refused:
            error = NotSent(str(refused))
        except Broken as broken:
            error = Unknown(str(broken))
        raise error  # out here it has no context: a traceback through the client would hold the path, and so the token

    def _head(self, method: str) -> bytes:
        head = self._heads.get(method)
        if head is None:
            head = self._heads[method] = self._http.head(self._root + method)
        return head


def _message_id(result: Raw, payload: Payload) -> str:
    # An edit that changed nothing has no result, and answerCallbackQuery's is `true`.
    raw = bytes(result)
    found = _sent.decode(raw if raw.startswith(b"{") else payload.body).message_id
    return str(found) if found else ""

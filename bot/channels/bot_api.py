"""Calls of a Bot API as prepared bytes: Telegram's, and the Zalo Bot Platform's, which copies its manners.

No library for them: python-telegram-bot and its HTTP client cost each process 18 MB, a seventh of all it had.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Raw, Struct

from bot.channels.base import NotSent, SendError, Throttled, Unknown
from bot.channels.http import JSON, Broken, HttpClient, Refused
from bot.channels.media import Form

MAX_CONNECTIONS: Final = 100
CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 20.0
"""Long, because every time-out after the request was written leaves an `Unknown`."""
DEFAULT_PAUSE: Final = 5.0
"""Seconds to pause after a 429 that doesn't say how long."""

T = TypeVar("T")


class Unparsable(ValueError):
    """The bytes are not an update that we can read: keep them for staff, and acknowledge.

    *whose* is the chat they came from, where that could be read: they go when this person is forgotten.
    """

    def __init__(self, reason: str, whose: str = "") -> None:
        super().__init__(reason)
        self.whose = whose


class Parameters(Struct, gc=False):
    retry_after: float = 0
    migrate_to_chat_id: int = 0


class Answer(Struct):
    """What a Bot API wraps every answer in."""

    ok: bool
    result: Raw = Raw()
    error_code: int = 0
    description: str = ""
    parameters: Parameters = msgspec.field(default_factory=Parameters)


Judge = Callable[[int, Answer], SendError | None]
"""What an answer means under its HTTP status; None is success, or a refusal that amounts to it."""

_DECODER: Final = msgspec.json.Decoder(Answer)


def result_of(status: int, body: bytes, judge: Judge) -> Raw:
    """The result in an answer as raw JSON; empty for a refusal that amounts to success. Raises SendError."""
    try:
        answer = _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise _without_answer(status) from None
    error = judge(status, answer)
    if error is not None:
        raise error
    return answer.result


def _without_answer(status: int) -> SendError:
    """Something else has answered: a proxy, a gateway's error page."""
    reason = f"HTTP {status} without an answer of the Bot API"
    if status == 429:
        return Throttled(DEFAULT_PAUSE, reason)
    if 200 <= status < 300 or status >= 500:
        return Unknown(reason)
    # Something between us and the platform refused the request, so the platform has not seen it.
    return NotSent(reason)


class BotApi:
    """One bot on one Bot API server. The token is in every URL, so no URL ever reaches a log or an error."""

    def __init__(self, token: str, base: str, judge: Judge, *, read_seconds: float = READ_SECONDS) -> None:
        self.base = base.rstrip("/")
        self.read_seconds = read_seconds
        self._judge = judge
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
        status, answer = await self._post(method, body, read_seconds)
        return result_of(status, answer, self._judge)

    async def upload(self, method: str, form: Form) -> Raw:
        """The result of one call that brings a file with it. Raises SendError."""
        status, answer = await self._post(method, form.body, None, form.content_type)
        return result_of(status, answer, self._judge)

    async def ask(self, method: str, kind: type[T], **parameters: Any) -> T:
        """The result of one call as *kind*. Raises SendError."""
        result = await self.call(method, msgspec.json.encode(parameters))
        try:
            return msgspec.json.decode(result, type=kind)
        except msgspec.MsgspecError as error:
            reason = str(error)  # names a field of the answer, never the URL
        raise Unknown(f"{method}: {reason}")

    async def _post(
        self, method: str, body: bytes, read_seconds: float | None, content_type: str = JSON
    ) -> tuple[int, bytes]:
        error: SendError
        try:
            return await self._http.post(self._head(method, content_type), body, read_seconds=read_seconds)
        except Refused as refused:
            error = NotSent(str(refused))
        except Broken as broken:
            error = Unknown(str(broken))
        raise error  # out here it has no context: a traceback through the client would hold the path, and so the token

    def _head(self, method: str, content_type: str) -> bytes:
        if content_type != JSON:  # a form's has a boundary of its own
            return self._http.head(self._root + method, content_type=content_type)
        head = self._heads.get(method)
        if head is None:
            head = self._heads[method] = self._http.head(self._root + method)
        return head

"""What an answer of the Bot API, or the lack of one, means for us. Pure."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Raw, Struct

from bot.channels.base import Misconfigured, Moved, NotSent, Rejected, SendError, Throttled, Unknown, Unreachable

DEFAULT_PAUSE: Final = 5.0
"""Seconds to pause after a 429 that doesn't say how long."""


class NotEditable(Rejected):
    """The message to edit is gone or may not be edited. The same content can still be sent as a new message."""


class Parameters(Struct, gc=False):
    retry_after: float = 0
    migrate_to_chat_id: int = 0


class Answer(Struct):
    """What the Bot API wraps every answer in."""

    ok: bool
    result: Raw = Raw()
    error_code: int = 0
    description: str = ""
    parameters: Parameters = msgspec.field(default_factory=Parameters)


_DECODER: Final = msgspec.json.Decoder(Answer)

# Descriptions are matched in lower case: servers may change their case.
_DONE: Final = ("message is not modified", "query is too old")
_NOT_EDITABLE: Final = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "there is no text in the message to edit",
)
_UNREACHABLE: Final = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "user is deactivated",
    "bot was blocked",
    "can't initiate conversation",
    "have no rights to send",
)
_BY_STATUS: Final[dict[int, type[Unreachable | Misconfigured | Rejected]]] = {
    401: Misconfigured,
    403: Unreachable,
    404: Misconfigured,  # a malformed token: the token is part of the path
    409: Misconfigured,  # a second poller, or polling beside a webhook
    413: Rejected,
    421: Misconfigured,
}


def answer_from(body: bytes) -> Answer | None:
    """The Bot API's answer, or None: something else has answered (a proxy, a gateway's error page)."""
    try:
        return _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def error_of(status: int, body: bytes) -> SendError | None:
    """What an answer means; None is success, or a refusal that amounts to it ("message is not modified")."""
    answer = answer_from(body)
    return _without_answer(status) if answer is None else error_in(status, answer)


def error_in(status: int, answer: Answer) -> SendError | None:
    """`error_of` for an answer already read."""
    if answer.ok and 200 <= status < 300:
        return None
    code, reason = answer.error_code or status, answer.description or f"HTTP {status}"
    if answer.parameters.migrate_to_chat_id:
        return Moved(str(answer.parameters.migrate_to_chat_id), reason)
    if answer.parameters.retry_after or code == 429:
        return Throttled(answer.parameters.retry_after or DEFAULT_PAUSE, reason)
    if code == 400:
        return _refusal(reason)
    return _BY_STATUS.get(code, Unknown)(reason)


def _refusal(reason: str) -> SendError | None:
    folded = reason.lower()
    if any(words in folded for words in _DONE):
        return None
    if any(words in folded for words in _UNREACHABLE):
        return Unreachable(reason)
    if any(words in folded for words in _NOT_EDITABLE):
        return NotEditable(reason)
    return Rejected(reason)


def _without_answer(status: int) -> SendError:
    reason = f"HTTP {status} without an answer of the Bot API"
    if status == 429:
        return Throttled(DEFAULT_PAUSE, reason)
    if 200 <= status < 300 or status >= 500:
        return Unknown(reason)
    # Something between us and Telegram refused the request, so Telegram has not seen it.
    return NotSent(reason)

"""What an answer of the Bot API means for us. Pure."""

from __future__ import annotations

from typing import Final

from bot.channels.base import Misconfigured, Moved, Rejected, SendError, Throttled, Unknown, Unreachable
from bot.channels.bot_api import DEFAULT_PAUSE, Answer


class NotEditable(Rejected):
    """The message to edit is gone or may not be edited. The same content can still be sent as a new message."""


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


def error_in(status: int, answer: Answer) -> SendError | None:
    """What an answer means; None is success, or a refusal that amounts to it ("message is not modified")."""
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

"""What an answer of the Zalo Bot Platform means for us. Pure.

Its page names the codes 400, 401, 403, 404, 408 and 429, and says little of when each comes: where two readings are
possible, the one stands here that stops nobody from being written to.
"""

from __future__ import annotations

from typing import Final

from bot.channels.base import Misconfigured, Rejected, SendError, Throttled, Unknown, Unreachable
from bot.channels.bot_api import DEFAULT_PAUSE, Answer

QUOTA_PAUSE: Final = 3600.0
"""Seconds that an account rests whose month's messages are used up, before it is tried again: a new month may have
begun, or the plan been changed. On SQLite a restart tries at once."""


class TimedOut(Unknown):
    """408: a poll that found nothing, and nothing wrong; of a message nobody knows what became."""


class QuotaExceeded(Throttled):
    """The month's messages are used up."""


class WebhookIsSet(Misconfigured):
    """There is a webhook, and so there are no updates to poll for."""


_ABOUT_THEM: Final = ("chat not found", "user not found", "chat_id", "bot was blocked", "blocked by", "blocked the bot")
"""What a refusal says, in lower case, that is about whom we write to and not about us."""


def error_in(status: int, answer: Answer) -> SendError | None:
    """What an answer means; None is success."""
    if answer.ok and 200 <= status < 300:
        return None
    code, reason = answer.error_code or status, answer.description or f"HTTP {status}"
    words = reason.lower()
    if code == 429:
        return _too_many(answer, reason)
    if code == 408:
        return TimedOut(reason)
    if code == 400 and "webhook is set" in words:
        return WebhookIsSet(reason)
    if code == 401 or (code == 404 and not _is_about_them(words)):
        return Misconfigured(reason)  # 404: the token is part of the path
    if 400 <= code < 500:
        return Unreachable(reason) if _is_about_them(words) else Rejected(reason)
    return Unknown(reason)


def _too_many(answer: Answer, reason: str) -> SendError:
    if "quota" in reason.lower():
        return QuotaExceeded(QUOTA_PAUSE, reason)
    return Throttled(answer.parameters.retry_after or DEFAULT_PAUSE, reason)


def _is_about_them(words: str) -> bool:
    return any(one in words for one in _ABOUT_THEM)

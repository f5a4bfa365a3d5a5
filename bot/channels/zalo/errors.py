"""What an answer of Zalo, or the lack of one, means for us. Pure.

Nearly every refusal comes with HTTP 200 and a number in `error`. The numbers are those of the official tables; where
one is unknown it is doubtful whether the person got the message, so it is `Unknown`: a reply is tried again a few
times, a broadcast's message not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

import msgspec
from msgspec import Raw, Struct

from bot.channels.base import (
    Misconfigured,
    NotNow,
    NotSent,
    OutOfReach,
    Rejected,
    SendError,
    Throttled,
    Unknown,
    Unreachable,
)

MINUTE: Final = 60.0
"""The rate limit counts by the minute: at most so long until the next."""
ALLOWANCE: Final = timedelta(hours=1)
"""How often to look whether a used-up allowance, or the money for what costs some, is there again. The account itself
doesn't rest: answers inside 48 hours are free, and must not wait for it."""
CUTTING: Final = 300  # characters of Zalo's words that are kept with a message


class Expired(Misconfigured):
    """The access token is not (or no longer) good: with a newer one the same call works."""


class Answer(Struct):
    """What Zalo wraps every answer in."""

    error: int = 0
    message: str | None = ""
    data: Raw = Raw()


Refusal = Callable[[str], SendError]

_DECODER: Final = msgspec.json.Decoder(Answer)
_INVALID: Final = -201
_OF_A_PERSON: Final = ("user_id", "user id", "recipient")


def _too_fast(reason: str) -> SendError:
    return Throttled(MINUTE, reason)


def _used_up(reason: str) -> SendError:
    return NotNow(reason, ALLOWANCE)


def _refusals(*listed: tuple[Refusal, tuple[int, ...]]) -> Mapping[int, Refusal]:
    return {code: refusal for refusal, codes in listed for code in codes}


OPENAPI: Final = _refusals(
    (Expired, (-216, -220)),
    (_too_fast, (-32,)),
    (Unknown, (-200,)),  # "Send message failed", for whatever reason: it may pass, but not for any number of tries
    (OutOfReach, (-213, -230, -232, -305, -311)),
    (NotNow, (-234, -218)),  # night; what one person may get in a day
    (_used_up, (-211, -320, -321)),  # no money, or no account for any: what is free goes on
    (Unreachable, (-217, -227, -244)),
    (Misconfigured, (-202, -204, -205, -209, -212, -215, -219, -221, -223, -224, -235, -242)),
    (Rejected, (-100, -210, -214, -233, -237, -238, -240, -241, -248, -249, -403)),
)
"""By the number of `openapi.zalo.me`. -202, -215, -305 and -311 are in older tables only."""

BY_ID: Final = {**OPENAPI, **_refusals((Rejected, (-212, -221, -223, -224, -235, -320)))}
"""The same for templates by user id. What the app, the tier or the account lacks for these is no fault of answers: an
account at rest would keep those waiting for as long as the broadcast lives."""

BY_PHONE: Final = _refusals(
    (Expired, (-124,)),
    (_too_fast, (-32,)),
    (Unknown, (-100,)),
    # Not `Unreachable`: that would end the address of the conversation, and it is the number that can't be reached.
    (OutOfReach, (-108, -110, -114, -118, -119, -139, -140, -141, -1471, -1472)),
    (NotNow, (-133, -144, -147, -1441)),
    (_used_up, (-115, -137)),
    # What is wrong with the app or the account here is so for templates by phone only: conversations must go on.
    (Rejected, (-101, -102, -103, -104, -105, -109, -111, -112, -113, -116, -117, -120, -121, -122, -125, -126, -127)),
    (Rejected, (-131, -132, -135, -136, -146, -1121, -1122, -1123, -1124, -1351)),
)
"""By the number of `business.openapi.zalo.me`, where templates go by phone number."""


def answer_from(body: bytes) -> Answer | None:
    """Zalo's answer, or None: something else has answered (a proxy, a gateway's error page)."""
    try:
        return _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def error_of(status: int, answer: Answer | None, table: Mapping[int, Refusal] = OPENAPI) -> SendError | None:
    """What an answer means; None is success."""
    if answer is None or (answer.error == 0 and not 200 <= status < 300):
        return _without_answer(status)
    if answer.error == 0:
        return None
    words = answer.message or ""
    reason = f"{answer.error} {words}"[:CUTTING]
    if answer.error == _INVALID and table is not BY_PHONE:
        is_person = any(name in words.lower() for name in _OF_A_PERSON)
        return Unreachable(reason) if is_person else Rejected(reason)
    return table.get(answer.error, Unknown)(reason)


def _without_answer(status: int) -> SendError:
    reason = f"HTTP {status} without an answer of Zalo"
    if status == 429:
        return Throttled(MINUTE, reason)
    if 200 <= status < 300 or status >= 500:
        return Unknown(reason)
    # Something between us and Zalo refused the request, so Zalo has not seen it.
    return NotSent(reason)

"""Getting tokens of an Official Account: the link that asks its admin for consent, and the call that gives a pair.

How a call failed decides whether a refresh token may be shown again, so the errors say exactly that.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from bot.channels.http import Broken, HttpClient, Refused

PERMISSION: Final = "/v4/oa/permission"
ACCESS: Final = "/v4/oa/access_token"
LIFE: Final = timedelta(hours=25)
"""How long an access token lives (`expires_in` is "90000"); taken where an answer doesn't tell."""
LONGEST: Final = timedelta(days=365)
BUSY: Final = -32
TOO_MANY: Final = 429
CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 20.0
"""Long, because each time-out after the request was written loses the pair."""
SHOWN: Final = 200
"""Letters of Zalo's own words that are kept."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tokens: `access` for calls, for `life` from now; `refresh` for the next pair, once ("": none was given)."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    life: timedelta


class OauthError(Exception):
    """No pair was had. `reason` is in Zalo's words or ours, and holds no secret."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason.replace("\0", "")[:SHOWN]


class Denied(OauthError):
    """Zalo answered, and gave none: what we showed is worth nothing (any more)."""


class Busy(OauthError):
    """Too many calls: what we showed wasn't looked at."""


class NeverAsked(OauthError):
    """No connection could be had: nobody has seen what we meant to show."""


class Unanswered(OauthError):
    """It was shown, and no usable answer came: nobody knows whether it was used up."""


def challenge_of(verifier: str) -> str:
    """What the consent link shows of *verifier* (RFC 7636, S256)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode("ascii")


class Oauth:
    """One app at Zalo's server for tokens. The app's secret is in every request, and in no log or error."""

    def __init__(
        self, app_id: str, app_secret: str, base: str, *, connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:  # fmt: skip
        self._app_id, self._secret, self._base = app_id, app_secret.strip(), base.rstrip("/")
        self._connect_seconds, self._read_seconds = connect_seconds, read_seconds

    def consent_url(self, redirect_uri: str, *, verifier: str, state: str) -> str:
        """Where an admin of the account says yes; from there they come back to *redirect_uri* with a code."""
        asked = {
            "app_id": self._app_id, "redirect_uri": redirect_uri, "code_challenge": challenge_of(verifier),
            "state": state,
        }  # fmt: skip
        return f"{self._base}{PERMISSION}?{urlencode(asked)}"

    async def exchange(self, code: str, verifier: str) -> Pair:
        """The pair for a code, which works once and for ten minutes. Raises OauthError."""
        return await self._ask(grant_type="authorization_code", code=code, code_verifier=verifier)

    async def refresh(self, token: str) -> Pair:
        """The pair that follows; *token* is used up from then on. Raises OauthError: on any but `Busy` and
        `NeverAsked` it must not be shown again."""
        return await self._ask(grant_type="refresh_token", refresh_token=token)

    async def _ask(self, **form: str) -> Pair:
        error: OauthError
        try:
            head, body = self._head(), urlencode({**form, "app_id": self._app_id}).encode("ascii")
        except UnicodeError:
            raise NeverAsked("the app's secret, or a token, holds letters that none of Zalo's has") from None
        try:
            async with HttpClient(
                self._base, limit=1, connect_seconds=self._connect_seconds, read_seconds=self._read_seconds
            ) as http:  # one for each call: there are few a day
                status, answer = await http.post(head, body)
        except Refused as refused:
            error = NeverAsked(str(refused))
        except Broken as broken:
            error = Unanswered(str(broken))
        else:
            return pair_in(status, answer)
        raise error  # out here it has no context: a traceback through the client would hold the secret

    def _head(self) -> bytes:
        parts = urlsplit(self._base)
        lines = (
            f"POST {parts.path}{ACCESS} HTTP/1.1",
            f"Host: {parts.netloc.rpartition('@')[2]}",
            "Content-Type: application/x-www-form-urlencoded",
            f"secret_key: {self._secret}",
            "Content-Length: ",
        )
        return "\r\n".join(lines).encode("ascii")


def pair_in(status: int, body: bytes) -> Pair:
    """The pair in an answer; raises OauthError. Errors come with any status, 200 among them. Pure."""
    answer = _read(body)
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    if isinstance(access, str) and access:
        return Pair(access, refresh if isinstance(refresh, str) else "", _life(answer.get("expires_in")))
    if status == TOO_MANY or str(answer.get("error")) == str(BUSY):
        raise Busy(_told(status, answer))
    if answer.get("error"):
        raise Denied(_told(status, answer))
    raise Unanswered(f"HTTP {status} without tokens")


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _life(seconds: object) -> timedelta:
    text = str(seconds)
    seconds_left = int(text[:12]) if text.isascii() and text.isdigit() else 0
    return min(timedelta(seconds=seconds_left), LONGEST) if seconds_left else LIFE


def _told(status: int, answer: Mapping[str, Any]) -> str:
    words = (answer.get(name) for name in ("error", "error_name", "error_description", "message"))
    return " ".join(dict.fromkeys(str(word) for word in words if word)) or f"HTTP {status}"

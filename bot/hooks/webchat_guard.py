"""What stands between the open web and the chat: whose page it is, and how fast they may write."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from hashlib import sha256

from aiohttp import web
from itsdangerous import BadSignature, Signer

from bot.channels.webchat import NAME
from bot.messages import Address

COOKIE = "vuonlen"
COOKIE_DAYS = 400  # the longest that browsers keep one


class Visitors:
    """Who a page belongs to: a random address id in a signed cookie."""

    def __init__(self, secret: str, *, is_secure: bool) -> None:
        self._signer = Signer(secret, salt="vuon-len.webchat", key_derivation="hmac", digest_method=sha256)
        self._is_secure = is_secure

    def find(self, request: web.Request) -> Address | None:
        """The address that the cookie names, or None: no cookie, or one that we did not sign."""
        try:
            return Address(NAME, self._signer.unsign(request.cookies.get(COOKIE, "")).decode("ascii"))
        except (BadSignature, UnicodeError):
            return None

    def new(self) -> Address:
        return Address(NAME, secrets.token_urlsafe(16))

    def remember(self, response: web.Response, address: Address, *, keeps: bool) -> None:
        """Set the cookie: until the browser closes, or (*keeps*) for `COOKIE_DAYS` from now."""
        response.set_cookie(
            COOKIE,
            self._signer.sign(address.id).decode("ascii"),
            max_age=COOKIE_DAYS * 86400 if keeps else None,
            path="/",
            httponly=True,
            secure=self._is_secure,
            samesite="Lax",
        )

    def forget(self, response: web.Response) -> None:
        response.del_cookie(COOKIE, path="/", httponly=True, secure=self._is_secure, samesite="Lax")


class Buckets:
    """A token bucket for each of many: *burst* at once, then *rate* a second. The longest unused go first."""

    def __init__(self, clock: Callable[[], float], *, burst: int, rate: float, most: int = 20_000) -> None:
        self._clock = clock
        self._burst = burst
        self._rate = rate
        self._most = most
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, who: str) -> float:
        """Take one token of *who*: 0, or the seconds until there is one."""
        now = self._clock()
        level, since = self._levels.pop(who, (float(self._burst), now))
        level = min(self._burst, level + (now - since) * self._rate)
        wait = 0.0 if level >= 1 else (1 - level) / self._rate
        self._levels[who] = (level if wait else level - 1, now)
        if len(self._levels) > self._most:
            del self._levels[next(iter(self._levels))]
        return wait

"""Secrets that have to be read again (of second factors, of platforms), kept so that the database alone shows none."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


class Unsealable(Exception):
    """It was sealed with another secret (`BOT_WEB_SECRET` has changed), is too old, or was tampered with."""


class Seal:
    """Encrypts and authenticates short texts with a key made from the web secret, for one *purpose* alone."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._key = urlsafe_b64encode(sha256(f"vuon-len.{purpose}:{secret}".encode()).digest())

    @cached_property
    def _fernet(self) -> Fernet:
        from cryptography.fernet import Fernet  # 6 MB of memory: only once somebody signs in

        return Fernet(self._key)

    def close(self, text: str) -> str:
        """*text*, sealed."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str, *, within: int | None = None) -> str:
        """What `close` was given; with *within*, only so many seconds after. Raises `Unsealable`."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed.encode(), ttl=within).decode()
        except (InvalidToken, UnicodeError):
            raise Unsealable from None

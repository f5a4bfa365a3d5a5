"""A keeper of Zalo's tokens without a database: a new pair of the fake's whenever it is asked to renew."""

from __future__ import annotations

import asyncio

from bot.channels.base import Misconfigured
from bot.channels.zalo.api import Token
from tests.fakes.zalo.app import FakeZalo


class FakeTokens:
    """`renewals` counts; once `is_lost`, there is no token that works."""

    def __init__(self, zalo: FakeZalo) -> None:
        self.zalo, self.renewals, self.is_lost = zalo, 0, False
        self.token = Token(zalo.oauth.consent().access_token, 1)
        self._lock = asyncio.Lock()

    async def current(self) -> Token:
        if self.is_lost:
            raise Misconfigured("the tokens are lost")
        return self.token

    async def renew(self, seen: Token) -> Token:
        async with self._lock:
            if seen.version == self.token.version:
                self.renewals += 1
                await asyncio.sleep(0)
                self.token = Token(self.zalo.oauth.consent().access_token, seen.version + 1)
            return await self.current()

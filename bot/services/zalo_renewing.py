"""One use of a refresh token: taken up, shown to Zalo, and what became of it written down.

It works once, so it is shown once: by who moved its row to `refreshing` and committed that. Where nobody knows what
became of it the pair is lost, and only a person's new consent helps.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.channels.base import Misconfigured, NotSent
from bot.channels.zalo.oauth import Busy, NeverAsked, Oauth, OauthError, Pair, Unanswered
from bot.services.sealing import Seal, Unsealable
from bot.services.zalo_standing import ACCOUNT
from bot.store import grants
from bot.store.db import FAULTS
from bot.store.grants import Grant

log = structlog.get_logger()
AGAIN = 0.5
"""Seconds until the database is asked again to take down what became of a token."""
T = TypeVar("T")


class Renewing:
    """What a process does with refresh tokens. `put` and `lose` write for as long as it takes."""

    def __init__(self, database: AsyncEngine, oauth: Oauth, seal: Seal, now: Callable[[], datetime]) -> None:
        self._database, self._oauth, self._seal, self._now = database, oauth, seal, now
        self._holder = secrets.token_hex(16)

    async def renew(self, grant: Grant, *, is_refused: bool) -> None:
        """Use the refresh token of *grant*, unless another process does: then nothing is changed. *is_refused*: its
        access token was; the row says so of the next pair, for all processes.

        Raises `Misconfigured` when Zalo could not be asked, and `NotSent` when the database could not: the token is
        as good as it was, and may be shown later.
        """
        refresh = opened(self._seal, grant.refresh)
        if not refresh:
            await self.lose(grant, "single")
            return
        if not await self._take_up(grant):
            return
        try:
            pair = await self._oauth.refresh(refresh)
        except (NeverAsked, Busy) as error:
            await self._give_back(grant)
            raise Misconfigured(f"zalo's server for tokens: {error.reason}") from None
        except OauthError as error:
            await self.lose(grant, f"{'unanswered' if isinstance(error, Unanswered) else 'denied'} {error.reason}")
        else:
            await self._put(grant, pair, self._holder if is_refused else "")

    async def lose(self, grant: Grant, reason: str) -> None:
        """Nothing follows this pair: *reason* is a word of `Cause`, and Zalo's words behind it."""
        await self.write(lambda db: grants.lose(db, ACCOUNT, version=grant.version, reason=reason))

    async def write(self, change: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Commit what became of a token, however long the database is away: nobody else knows it.

        A change may be made twice without harm: each asks for the version that it is about.
        """
        while True:
            try:
                async with self._database.begin() as db:
                    return await change(db)
            except FAULTS as error:
                log.error("what became of zalo's tokens is not written yet", error=type(error).__name__)
                await asyncio.sleep(AGAIN)

    async def _take_up(self, grant: Grant) -> bool:
        at = self._now()
        try:
            async with self._database.begin() as db:
                return await grants.take_up(db, ACCOUNT, version=grant.version, holder=self._holder, at=at)
        except FAULTS as error:  # it may have been committed all the same, and nothing was shown
            await self._give_back(grant)
            raise NotSent(f"no database for zalo's tokens: {type(error).__name__}") from None

    async def _give_back(self, grant: Grant) -> None:
        version, holder = grant.version, self._holder
        await self.write(lambda db: grants.give_back(db, ACCOUNT, version=version, holder=holder))

    async def _put(self, grant: Grant, pair: Pair, holder: str) -> None:
        at, version = self._now(), grant.version
        access, refresh = self._seal.close(pair.access), self._seal.close(pair.refresh)
        is_put = await self.write(lambda db: grants.succeed(
            db, ACCOUNT, version=version, access=access, refresh=refresh, issued_at=at, expires_at=at + pair.life,
            holder=holder,
        ))  # fmt: skip
        log.info("zalo tokens were renewed" if is_put else "zalo tokens were replaced while they were renewed")


def opened(seal: Seal, sealed: str) -> str:
    """A token as Zalo knows it. Raises Misconfigured when it was sealed with another secret."""
    try:
        return seal.open(sealed)
    except Unsealable:
        raise Misconfigured("zalo tokens were sealed with another BOT_WEB_SECRET") from None

"""A fake Zalo, a database, and the processes that keep its tokens there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.zalo.oauth import LIFE, Oauth
from bot.services.sealing import Seal
from bot.services.zalo_standing import ACCOUNT, Standing, seal_of, standing
from bot.services.zalo_tokens import Seed, ZaloTokens
from bot.store import grants
from bot.store.db import open_database
from bot.store.grants import Grant
from tests.conftest import Clock
from tests.fakes.zalo.app import FakeZalo
from tests.fakes.zalo.books import Pair

SECRET = "of the tests"
SEAL = seal_of(SECRET)


def oauth_of(zalo: FakeZalo, *, read_seconds: float = 5.0) -> Oauth:
    """The app's way to *zalo*'s tokens."""
    return Oauth(zalo.app_id, zalo.app_secret, zalo.url, read_seconds=read_seconds)


@dataclass
class Keys:
    """What the tests of tokens stand on. `keeper` makes what one process has."""

    database: AsyncEngine
    clock: Clock
    zalo: FakeZalo

    def keeper(self, seed: Seed | None = None, *, oauth: Oauth | None = None, seal: Seal = SEAL) -> ZaloTokens:
        """The tokens as a process keeps them that has just begun."""
        return ZaloTokens(self.database, oauth or oauth_of(self.zalo), seal, now=self.clock, seed=seed)

    async def consented(self) -> Pair:
        """A new pair in the database, as an admin's consent puts it there."""
        pair, at = self.zalo.oauth.consent(), self.clock()
        access, refresh = SEAL.close(pair.access_token), SEAL.close(pair.refresh_token)
        async with self.database.begin() as db:
            await grants.authorise(
                db, ACCOUNT, access=access, refresh=refresh, issued_at=at, expires_at=at + LIFE
            )  # fmt: skip
        return pair

    async def row(self) -> Grant:
        """The row of the tokens."""
        async with self.database.connect() as db:
            found = await grants.find(db, ACCOUNT)
        assert found is not None
        return found

    async def standing(self) -> Standing:
        """What the console and the doctor are told."""
        async with self.database.connect() as db:
            return await standing(db, now=self.clock())

    async def is_good(self) -> bool:
        """Whether Zalo takes the access token that is in the database."""
        return self.zalo.oauth.check(SEAL.open((await self.row()).access)) == 0

    def shown(self) -> list[str]:
        """Every refresh token that Zalo was shown, in order."""
        return [refresh.token for refresh in self.zalo.refreshes]

    def outcomes(self) -> list[str]:
        """What came of each."""
        return [refresh.outcome for refresh in self.zalo.refreshes]


def seed_of(pair: Pair) -> Seed:
    """A pair as the settings hold it."""
    return Seed(pair.access_token, pair.refresh_token)


@asynccontextmanager
async def keys_at(url: str, clock: Clock) -> AsyncIterator[Keys]:
    """All of it on the database at *url*."""
    database = open_database(url)
    async with FakeZalo(clock=clock) as zalo:
        yield Keys(database, clock, zalo)
    await database.dispose()

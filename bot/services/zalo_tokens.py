"""The Official Account's tokens: handed to senders, renewed in time by one of all processes, and watched.

A pair that is lost still serves until its access token ends; that it is lost is logged, and shown in the console.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.base import Misconfigured, NotSent, SendError
from bot.channels.zalo.api import Token
from bot.channels.zalo.oauth import LIFE, Oauth
from bot.services.sealing import Seal
from bot.services.zalo_renewing import Renewing, opened
from bot.services.zalo_standing import ACCOUNT, Standing, is_abandoned, standing_of
from bot.store import grants
from bot.store.db import FAULTS, reading
from bot.store.grants import Grant
from bot.store.types import NEVER

log = structlog.get_logger()
LOOKS = 5.0
"""Seconds between two looks at the row: so soon a process knows of a consent given in another."""
GLANCE = 0.1
"""Seconds between two looks while another process asks Zalo for a pair."""
PATIENCE = 30.0
"""Seconds that closing waits for Zalo's answer (25 at the most) and until it is written."""
SHARE = 5
"""A pair is renewed when one part in so many of its life is left: 5 hours of 25, enough for a morning of trouble."""
SOONEST = timedelta(minutes=1)
"""Two pairs never follow each other faster by age, however short Zalo says that they live."""
VAIN = timedelta(minutes=10)
"""A token that was made because one was refused, and is refused as well, isn't followed by a third for so long,
whichever process asked for it: they would make one after the other in turn."""
FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=10)
"""How long Zalo's server for tokens is left alone when it could not be asked: twice as long each time."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A first pair, from the settings; either may be "". Its age is not known."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)

    @property
    def digest(self) -> str:
        """What tells it from others: of the refresh token, for that is what must not be used twice."""
        return sha256((self.refresh or self.access).encode()).hexdigest()


class ZaloTokens:
    """Implements `bot.channels.zalo.api.Tokens`. One for each process; they work before `start` as well."""

    def __init__(
        self, database: AsyncEngine, oauth: Oauth, seal: Seal, *, now: Callable[[], datetime], seed: Seed | None = None
    ) -> None:
        self._database, self._seal, self._now, self._seed = database, seal, now, seed
        self._renewing = Renewing(database, oauth, seal, now)
        self._known: Grant | None = None
        self._token: Token | None = None
        self._renewals: dict[int, asyncio.Task[Token]] = {}
        self._refused = 0
        self._failures = 0
        self._rests_until = NEVER
        self._closing = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take over what the settings hold, where nothing better is there, and watch from then on."""
        try:
            await self._settle()
        except SendError as error:  # the watch tries again
            log.warning("zalo tokens could not be read", error=error.reason)
        self._watching = asyncio.create_task(self._watch(), name="zalo tokens")

    async def close(self) -> None:
        """Stop; what is being asked of Zalo is waited for, and written."""
        self._closing.set()
        running = [task for task in (self._watching, *self._renewals.values()) if task is not None]
        if running:
            _done, late = await asyncio.wait(running, timeout=PATIENCE)
            for task in late:
                task.cancel()

    async def current(self) -> Token:
        """See Tokens. The database is asked only where nothing useful is known."""
        grant = self._known
        if grant is None or (grant.state == "lost" and self._is_over(grant)):
            grant = await self._settle()
        if grant is not None and grant.state != "lost" and self._is_over(grant):
            return await self._renewed(grant.version)
        return self._usable(grant)

    async def renew(self, seen: Token) -> Token:
        """See Tokens. One pair at the most is made for a refusal: where that is refused too, age is not the matter."""
        grant = self._known
        if grant is not None and grant.version > seen.version:
            return self._usable(grant)
        if grant is not None and grant.version == seen.version and self._is_vain(grant):
            raise Misconfigured("a new access token was refused as well: see the app's state at Zalo")
        self._refused = seen.version
        try:
            return await self._renewed(seen.version)
        except Misconfigured:
            await self._end(seen.version)
            raise

    async def look(self) -> None:
        """Do what is due: take over a first pair, say that one was lost, renew in time. Raises SendError."""
        grant = await self._settle()
        if grant is not None and self._is_due(grant):
            await self._renewed(grant.version)

    def standing(self) -> Standing:
        """How the tokens stand, as far as this process knows."""
        return Standing("none") if self._known is None else standing_of(self._known, self._now(), self._seal)

    def health(self) -> Mapping[str, object]:
        """For the health page; `ok` is always in it."""
        one = self.standing()
        return {"ok": one.is_ok, "tokens": one.state, "until": one.expires_at.isoformat() if one.expires_at else ""}

    async def _watch(self) -> None:
        while not self._closing.is_set():
            try:
                await self.look()
            except SendError as error:  # the next look tries again
                log.warning("zalo tokens could not be looked after", error=error.reason)
            except Exception:  # the worker's loop: who stops watching lets the tokens end
                log.exception("looking after zalo tokens broke")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOKS):
                    await self._closing.wait()

    async def _settle(self) -> Grant | None:
        """The row, once it says what is true: who held it is gone, or the settings hold a pair in its place."""
        grant = await self._read()
        if grant is not None and is_abandoned(grant, self._now()):
            await self._renewing.lose(grant, "gone")
            grant = await self._read()
        if (grant is None or grant.state == "lost") and await self._take_over_settings(grant):
            grant = await self._read()
        return grant

    async def _take_over_settings(self, lost: Grant | None) -> bool:
        """The settings' pair, once: never one that was taken over before, and never over a pair that works."""
        seed = self._seed
        if seed is None or (lost is not None and seed.digest in lost.seeds.split()):
            return False
        at = self._now()
        access, refresh = self._seal.close(seed.access), self._seal.close(seed.refresh)
        is_taken = await self._renewing.write(lambda db: grants.seed(
            db, ACCOUNT, access=access, refresh=refresh, digest=seed.digest, issued_at=NEVER,
            expires_at=at + LIFE if seed.access else at, lost=lost,
        ))  # fmt: skip
        log.info("zalo tokens of the settings", taken=is_taken)
        return True

    def _is_due(self, grant: Grant) -> bool:
        now = self._now()
        if grant.state != "ready" or now < self._rests_until or now - grant.issued_at < SOONEST:
            return False
        return grant.expires_at - now < (grant.expires_at - grant.issued_at) / SHARE

    def _is_vain(self, grant: Grant) -> bool:
        is_asked_for = grant.state == "ready" and bool(grant.holder)
        return is_asked_for and self._now() < min(grant.issued_at + VAIN, grant.expires_at)

    def _is_over(self, grant: Grant) -> bool:
        return grant.expires_at <= self._now()

    async def _renewed(self, version: int) -> Token:
        """A token newer than *version*, made once however many ask. Whoever stops waiting doesn't stop it."""
        task = self._renewals.get(version)
        if task is None:
            task = self._renewals[version] = asyncio.create_task(self._next(version), name=f"zalo tokens {version}")
            task.add_done_callback(lambda done: self._forget(version, done))
        return await asyncio.shield(task)

    def _forget(self, version: int, done: asyncio.Task[Token]) -> None:
        del self._renewals[version]
        if not done.cancelled():
            done.exception()  # whoever waited has it; perhaps nobody waits any more

    async def _next(self, version: int) -> Token:
        """Renew *version*, or wait until who does so is done or gone."""
        grant = await self._settle()
        while grant is not None and grant.version == version and grant.state != "lost":
            if grant.state == "ready":
                await self._renew_once(grant)
            else:
                await asyncio.sleep(GLANCE)
            grant = await self._settle()
        if grant is not None and grant.version == version:
            raise Misconfigured(f"zalo tokens are lost ({grant.reason}): an admin must authorise again")
        return self._usable(grant)

    async def _renew_once(self, grant: Grant) -> None:
        if self._now() < self._rests_until:
            raise Misconfigured("zalo's server for tokens could not be asked: it is tried again soon")
        try:
            await self._renewing.renew(grant, is_refused=grant.version == self._refused)
        except Misconfigured:
            rest = min(FIRST_REST * 2 ** min(self._failures, 10), LONGEST_REST)
            self._failures, self._rests_until = self._failures + 1, self._now() + rest
            raise
        self._failures = 0

    async def _end(self, version: int) -> None:
        """Zalo refuses the access token of a pair that nothing follows: then it is over, whatever its time."""
        grant = self._known
        if grant is not None and (grant.version, grant.state) == (version, "lost") and not self._is_over(grant):
            await self._renewing.write(lambda db: grants.end(db, ACCOUNT, version=version, at=self._now()))
            await self._read()

    async def _read(self) -> Grant | None:
        """What the row says now. Raises NotSent when the database is away."""
        try:
            async with reading(self._database).connect() as db:
                grant = await grants.find(db, ACCOUNT)
        except FAULTS as error:
            raise NotSent(f"no database for zalo's tokens: {type(error).__name__}") from None
        was, self._known = self._known, grant
        if grant is not None and grant.state == "lost" and (was is None or (was.version, was.state) != (
            grant.version, "lost")):  # fmt: skip
            log.error("zalo tokens are lost: an admin must authorise again in the console", reason=grant.reason)
        return grant

    def _usable(self, grant: Grant | None) -> Token:
        """The access token of *grant*. Raises Misconfigured when there is none, or it is over."""
        if grant is None:
            raise Misconfigured("no zalo tokens yet: an admin must authorise in the console")
        if self._is_over(grant):
            raise Misconfigured(f"zalo tokens are {grant.state} and over: an admin must authorise again")
        if self._token is None or self._token.version != grant.version:
            self._token = Token(opened(self._seal, grant.access), grant.version)
        return self._token

"""The console under test: real pages over real HTTP on a real database, and officers who are signed in."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.base import Channel
from bot.channels.zalo.account import ZaloAccount
from bot.channels.zalo.api import Tokens
from bot.console.app import console_of
from bot.console.site import Site
from bot.console.visit import COOKIE, PREFIX, Visit
from bot.engine.rulings import Rulings, ruled
from bot.engine.state import Library
from bot.services.broadcasting.hours import HANOI
from bot.services.signing_in import digest_of
from bot.services.zalo_consent import ZaloConsent
from bot.store import credentials, officers
from bot.store.ids import Ids
from bot.web.later import Later
from tests.conftest import Clock
from tests.fakes.channel import FakeChannel
from tests.services.office import LIBRARY, Office

SECRET = "of the tests"


@dataclass
class Page:
    """What came back: `to` is where a redirect leads."""

    status: int
    text: str
    to: str
    headers: Any


@dataclass
class Console:
    """The console, and the people of `tests.services.office`: an (officer), binh, chi (approvers), dung (admin), xem
    (staff). `library` may be replaced before or between requests."""

    office: Office
    clock: Clock
    library: Library = LIBRARY
    tokens: dict[str, str] = field(default_factory=dict)
    folder: Path = Path("var/exports")
    zalo: ZaloConsent | None = None
    zalo_account: Callable[[Tokens], ZaloAccount] | None = None
    channels: Mapping[str, Channel] = field(default_factory=lambda: {"fake": FakeChannel()})
    client: TestClient[web.Request, web.Application] = field(init=False)
    site: Site = field(init=False)

    @property
    def database(self) -> AsyncEngine:
        return self.office.database

    async def open(self) -> Console:
        self.site = Site(
            self.database, lambda: self.library, self.channels, self.clock,
            lambda: self.clock().astimezone(HANOI).date(), Ids(9, self.clock), SECRET,
            rule=self.rule, exports_folder=self.folder, zalo=self.zalo,
            zalo_account=self.zalo_account,
            hasher=PasswordHasher(time_cost=1, memory_cost=64, parallelism=1),
        )  # fmt: skip
        application = web.Application()
        pages = Later(PREFIX, lambda: console_of(self.site))
        application.router.register_resource(pages)
        application.on_shutdown.append(pages.close)
        self.client = TestClient(TestServer(application), cookie_jar=DummyCookieJar())
        await self.client.start_server()
        return self

    def rule(self, rulings: Rulings) -> None:
        """What a `Shelf` does with what officers ruled."""
        self.library = ruled(self.library, rulings)

    async def sign_in(self, login: str) -> str:
        """A session of *login*, as if they had come through the door; its token."""
        if login and login not in self.tokens:
            token = self.tokens[login] = secrets.token_urlsafe(16)
            async with self.database.begin() as db:
                officer = await officers.find(db, login)
                assert officer is not None
                await credentials.add_session(
                    db, officer.id, token=digest_of(token), at=self.clock(), remote="192.0.2.1", agent="test"
                )
        return self.tokens.get(login, "")

    async def get(self, path: str, login: str = "an", *, piece: bool = False, language: str = "vi") -> Page:
        """A page below /console, as *login* sees it; *piece*: as htmx asks. login "": nobody signed in."""
        headers = await self._headers(login, language) | ({"HX-Request": "true"} if piece else {})
        return await _page(await self.client.get(PREFIX + path, headers=headers, allow_redirects=False))

    async def post(
        self, path: str, login: str = "an", fields: dict[str, Any] | None = None, *, csrf: str | None = None,
        piece: bool = False, language: str = "vi",
    ) -> Page:  # fmt: skip
        """Send a form with the token that its page would carry, or with *csrf*."""
        headers = await self._headers(login, language) | ({"HX-Request": "true"} if piece else {})
        form = {"csrf": self.csrf(self.tokens.get(login, "")) if csrf is None else csrf, **(fields or {})}
        answer = self.client.post(PREFIX + path, headers=headers, data=form, allow_redirects=False)
        return await _page(await answer)

    def csrf(self, token: str) -> str:
        """What the pages of a session's forms carry."""
        return Visit(self.site, None, token, "vi", "auto").csrf  # type: ignore[arg-type]

    async def _headers(self, login: str, language: str) -> dict[str, str]:
        token = await self.sign_in(login)
        return {"Cookie": f"{COOKIE}={token}; vuonlen-look={language}.auto"}


async def _page(response: ClientResponse) -> Page:
    text = await response.text()
    return Page(response.status, text, response.headers.get("Location", "").removeprefix(PREFIX), response.headers)

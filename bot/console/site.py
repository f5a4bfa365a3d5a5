"""What all pages share, and the web application that they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from aiohttp import web
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.base import Channel
from bot.channels.zalo.account import ZaloAccount
from bot.channels.zalo.api import Tokens
from bot.console.alarm import Alarm
from bot.console.rendering import Pages
from bot.console.streams import Streams
from bot.console.waiting import Waiting
from bot.engine.rulings import Rulings
from bot.engine.state import Library
from bot.messages import Address
from bot.services.broadcasting.drafting import World
from bot.services.broadcasting.release import Desk
from bot.services.exporting.jobs import Exports
from bot.services.fact_checking import FactDesk
from bot.services.handoff import Inbox
from bot.services.office_hours import DEFAULT, OfficeHours, office_hours_in
from bot.services.segmenting.saving import SavedSegments
from bot.services.signing_in import SignIn
from bot.services.staffing import Staff
from bot.services.zalo_consent import ZaloConsent
from bot.store.db import reading
from bot.store.ids import Ids


@dataclass(frozen=True)
class Site:
    """The parts of the bot that pages work with.

    *secret* signs what forms carry; *is_secure* is true where the public address is https. *public_url* is how people
    reach us, for links that are handed over ("" when not set). *ids* makes those of deliveries. *is_synthetic*: the
    people in the database were made up, and every page says so. Files that officers ask for are kept in
    *exports_folder*. *rule* takes over what was ruled about facts; *forget*, of whom a running conversation must read
    anew. *hours* are those in which people are answered. *zalo* is where an admin consents for the
    Official Account; None where that is off; *zalo_account* asks it things, and it *soaks* while events
    count whose signature is wrong.
    """

    database: AsyncEngine
    library: Callable[[], Library]
    channels: Mapping[str, Channel]
    now: Callable[[], datetime]
    today: Callable[[], date]
    ids: Ids
    secret: str
    is_secure: bool = False
    trusts_proxy: bool = False
    public_url: str = ""
    is_synthetic: bool = False
    exports_folder: Path = Path("var/exports")
    rule: Callable[[Rulings], None] = lambda _rulings: None
    forget: Callable[[Address], None] = lambda _address: None
    hours: OfficeHours = field(default_factory=lambda: office_hours_in(DEFAULT))
    zalo: ZaloConsent | None = None
    zalo_account: Callable[[Tokens], ZaloAccount] | None = None
    soaks: bool = False
    pages: Pages = field(default_factory=Pages)
    streams: Streams = field(default_factory=Streams)
    hasher: PasswordHasher = field(default_factory=PasswordHasher)

    @cached_property
    def desk(self) -> Desk:
        """Where broadcasts are released."""
        return Desk(self.database, self.library, self.channels, self.now, today=self.today)

    @cached_property
    def segments(self) -> SavedSegments:
        """Where segments are kept under names."""
        return SavedSegments(self.database, self.library, self.now)

    @cached_property
    def staff(self) -> Staff:
        """Where officers come and go."""
        return Staff(self.database, self.now)

    @cached_property
    def sign_in(self) -> SignIn:
        """The door."""
        return SignIn(self.database, self.now, secret=self.secret, hasher=self.hasher)

    @cached_property
    def inbox(self) -> Inbox:
        """Where people are answered."""
        return Inbox(
            self.database, self.library, self.channels, self.ids, now=self.now, today=self.today, forget=self.forget
        )

    @cached_property
    def waiting(self) -> Waiting:
        """How many wait for an answer."""
        return Waiting(self.reading)

    @cached_property
    def alarm(self) -> Alarm:
        """Whether an account is lost."""
        return Alarm(self.reading, self.now)

    @cached_property
    def facts(self) -> FactDesk:
        """Where facts are vouched for."""
        return FactDesk(self.database, self.library, self.rule, now=self.now, today=self.today)

    @cached_property
    def exports(self) -> Exports:
        """Where files are made."""
        return Exports(self.database, self.now, self.exports_folder)

    @property
    def world(self) -> World:
        """What drafts are held against."""
        return World(self.library(), self.channels, self.now(), self.today())

    @property
    def reading(self) -> AsyncEngine:
        """The database for who only reads: turns don't wait for it."""
        return reading(self.database)

    def translate(self, language: str, text: str) -> str:
        """*text* in *language*; itself where there is no translation."""
        return text if language == "vi" else self.library().translate(language, text)


SITE = web.AppKey("site", Site)

"""People for a broadcast, by the million, and a broadcast that is already released: the planner takes it from there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache

import msgspec
from msgspec import Struct
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.config import ROOT
from bot.engine.state import Library
from bot.library.shelf import Shelf
from bot.services.broadcasting.model import UNKNOWN_POLICY, Body, Policy, Timing, broadcast_from, to_json
from bot.services.broadcasting.targeting import fingerprint
from bot.store import broadcasts as store
from bot.store.db import is_sqlite, migrate, open_database
from bot.store.models import addresses, contacts

MESSAGES = ("phong-trao.dong-long", "phong-trao.giup-gi")
"""Shipped, for everyone, without a fact that could lapse."""
EVERYONE = "tat-ca"
FIRST_CHAT = 7_000_000_000
"""The chat of contact 0: as long as Telegram's are."""
PAGE = 10_000
HOUSEHOLDS = ("ngheo", "ngheo", "can-ngheo", "can-ngheo", "moi-thoat", "khac", "")
COMMUNES = ("00004", "00008", "00025", "00070", "00082", "00091", "00097", "00103", "00118", "00127", "")
LANGUAGES = ("", "vi", "vi", "vi", "en")
AT_ANY_TIME = Timing(opens="00:00", closes="24:00", on_holidays=True)
Row = dict[str, object]


class Plan(Struct, frozen=True):
    """A broadcast to be. Everybody may get several within a run: *gap* is hours, and 0."""

    message: str = MESSAGES[0]
    unknown: UNKNOWN_POLICY = "ask"
    gap: float = 0.0


def opened(url: str) -> AsyncEngine:
    """The database at *url*, which names no driver or ours."""
    kind = "sqlite+aiosqlite" if is_sqlite(url) else "postgresql+asyncpg"
    return open_database(kind + "://" + url.partition("://")[2])


def clock() -> datetime:
    """The time of this machine, which is that of the processes under measurement."""
    return datetime.fromtimestamp(time.time(), UTC)


def on_telegram(contact: int) -> tuple[str, str]:
    """Where the contact is: channel and id there."""
    return "telegram", str(FIRST_CHAT + contact)


def on_the_web(contact: int) -> tuple[str, str]:
    """Likewise, of those who use the web chat."""
    return "webchat", f"bench-{contact}"


async def populate(
    engine: AsyncEngine, count: int, *, where: Callable[[int], tuple[str, str]] = on_telegram, page: int = PAGE
) -> range:
    """Migrate, and add *count* people who agreed to broadcasts, each with one active address; their contact ids."""
    await migrate(engine)
    async with engine.connect() as db:
        first = int((await db.execute(select(func.coalesce(func.max(contacts.c.id), 0)))).scalar_one()) + 1
    people = range(first, first + count)
    at = clock()
    for start in range(0, count, page):
        some = people[start : start + page]
        async with engine.begin() as db:
            await _write(db, [_contact(number, at) for number in some], [_address(n, at, where) for n in some])
    return people


def _contact(number: int, at: datetime) -> Row:
    household, commune = HOUSEHOLDS[number % len(HOUSEHOLDS)], COMMUNES[number % len(COMMUNES)]
    language = LANGUAGES[number % len(LANGUAGES)]
    return {
        "id": number, "created_at": at, "household": household, "commune": commune, "language": language,
        "consent": "co", "fields": _fields(household, commune, language),
    }  # fmt: skip


@cache
def _fields(household: str, commune: str, language: str) -> str:
    told = {"ho": household, "xa": commune, "lang": language, "dong-y": "co"}
    return msgspec.json.encode({key: value for key, value in told.items() if value}).decode()


def _address(number: int, at: datetime, where: Callable[[int], tuple[str, str]]) -> Row:
    channel, external_id = where(number)
    return {
        "channel": channel, "external_id": external_id, "contact_id": number, "status": "active", "changed_at": at
    }  # fmt: skip


async def _write(db: AsyncConnection, people: Sequence[Row], places: Sequence[Row]) -> None:
    if db.dialect.name == "sqlite":
        await db.execute(insert(contacts), people)
        await db.execute(insert(addresses), places)
        return
    driver = (await db.get_raw_connection()).driver_connection
    assert driver is not None
    for table, rows in ((contacts.name, people), (addresses.name, places)):
        await driver.copy_records_to_table(table, columns=list(rows[0]), records=_values(rows))


def _values(rows: Sequence[Row]) -> Iterator[tuple[object, ...]]:
    return (tuple(row.values()) for row in rows)


async def release(engine: AsyncEngine, plan: Plan) -> int:
    """A broadcast to everybody there is now, in state "sending" and with no rows yet; its number.

    Its digest is that of the shipped content: a sender pauses what isn't as it was approved.
    """
    at = clock()
    row = {
        "name": f"bench {plan.message} {plan.unknown}", "state": "draft", "segment": EVERYONE,
        "body": to_json(Body(messages=(plan.message,))), "timing": to_json(AT_ANY_TIME),
        "policy": to_json(Policy(gap=plan.gap, unknown=plan.unknown, confirmed=("everyone",))),
        "authors": to_json(("bench",)), "submitted_by": "bench", "approved_by": "bench-2",
        "created_at": at, "changed_at": at, "due_at": at, "started_at": at,
    }  # fmt: skip
    async with engine.begin() as db:
        last, people = (await db.execute(select(func.max(contacts.c.id), func.count(contacts.c.id)))).one()
        number = await store.insert(db, **row, ceiling=last or 0, audience=people)
        found = await store.find(db, number)
        assert found is not None
        digest = await fingerprint(db, _library(), broadcast_from(found))
        await store.change_state(db, number, from_=("draft",), to="sending", digest=digest)
        return number


@cache
def _library() -> Library:
    return Shelf(*(ROOT / part for part in ("dialogs", "content", "locales"))).library

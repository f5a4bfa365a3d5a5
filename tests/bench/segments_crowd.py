"""People with histories, by the million: a database for segments, filled by statements of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.engine.state import Library
from bot.store.models import broadcasts
from bot.store.types import UtcDateTime

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
"""Ten in the morning in Hà Nội; every query is asked at this moment."""
SPACING = 4096
"""Between the ids of two contacts, about as in life."""
CHANNELS = ("telegram", "webchat")
AT_ONCE = 200_000
"""People in a transaction."""

LONG_AGO = 400
_scratch = MetaData()
_codes = Table(
    "codes", _scratch, Column("place", Integer, primary_key=True), Column("code", String(8)), prefixes=["TEMPORARY"]
)
_days = Table(
    "days", _scratch, Column("ago", Integer, primary_key=True), Column("at", UtcDateTime),
    Column("payload", LargeBinary), prefixes=["TEMPORARY"],
)  # fmt: skip
"""What the two databases write differently is handed over as rows: moments, and no bytes."""

_TOPIC = "INSERT INTO contact_topics (contact_id, topic, since) "
_AGO = "(SELECT at FROM days WHERE ago = n % 101)"
_LOG = "INSERT INTO interactions (contact_id, at, kind, dialog, node, detail) "
_SENT = (
    "INSERT INTO deliveries (id, contact_id, broadcast_id, sent_at, due_at, payload, channel, address, reason, method,"
    " status) "
)
_STATEMENTS = (
    """INSERT INTO contacts (id, created_at, household, commune, consent, stop, fields)
    SELECT {id}, {ago_long}, CASE WHEN n % 20 = 0 THEN 'ngheo' WHEN n % 20 < 3 THEN 'can-ngheo'
      WHEN n % 20 < 10 THEN 'khac' ELSE '' END, (SELECT code FROM codes WHERE place = n / 7 % {communes}),
      CASE WHEN n % 13 = 0 THEN '' ELSE 'co' END, CASE WHEN n % 17 = 0 THEN 'all' ELSE 'none' END, '{{}}'
    FROM people""",
    """INSERT INTO addresses (channel, external_id, contact_id, status, changed_at)
    SELECT CASE WHEN n % 3 = 0 THEN 'webchat' ELSE 'telegram' END, CAST(n AS VARCHAR(64)), {id},
      CASE WHEN n % 19 = 0 THEN 'blocked' ELSE 'active' END, {ago_long} FROM people""",
    _TOPIC + "SELECT {id}, 'vay-von', {ago_long} FROM people WHERE n % 20 = 7",
    _TOPIC + "SELECT {id}, 'hoc-nghe', {ago_long} FROM people WHERE n % 3 = 0",
    _LOG + "SELECT {id}, {ago}, 'entered', 'menu', '', '' FROM people",
    _LOG + "SELECT {id}, {ago}, 'said', 'menu', 'hoi', '' FROM people",
    _LOG + "SELECT {id}, {ago}, 'said', 'vay-von', 'hoi', '' FROM people WHERE n % 3 = 1",
    _LOG + "SELECT {id}, {ago}, 'said', 'nha-o', 'hoi', '' FROM people WHERE n % 200 = 11",
    _LOG + "SELECT {id}, {ago}, 'ended', 'hoc-nghe', '', 'done' FROM people WHERE n % 25 = 3",
    _LOG + "SELECT {id}, {ago}, 'chose', 'hoc-nghe', 'thich-nghe', 'nau-an' FROM people WHERE n % 50 = 3",
    _LOG + "SELECT {id}, {ago}, 'ended', 'nha-o', '', 'done' FROM people WHERE n % 10000 = 11",
    _SENT + "SELECT {id}, {id}, 1, {sent} FROM people WHERE n % 100 = 9",
    _SENT + "SELECT {id} + 1, {id}, 2, {sent} FROM people WHERE n % 3 = 0",
)
QUERIES = (
    "xong nha-o",
    "xong hoc-nghe 3 ngay truoc va khong da-tra-loi hoc-nghe.thich-nghe",
    'xa = "Hoàn Kiếm" va ho = ngheo',
    'xa = "Hoàn Kiếm"',
    "da-nhan 1",
    "da-tra-loi hoc-nghe.thich-nghe = nau-an",
    "chu-de = vay-von va khong xong nha-o",
    "ho trong (ngheo, can-ngheo)",
    "da-toi vay-von.hoi",
    "khong da-gui trong 7 ngay",
    "tat-ca",
)
"""From a ten-thousandth of all people to all of them. Each but the last two has an index that leads to its people."""


async def fill(engine: AsyncEngine, library: Library, first: int, last: int) -> None:
    """Add people number *first* to *last* (both counted), spread over the communes of *library*."""
    for start in range(first, last + 1, AT_ONCE):
        async with engine.begin() as db:
            await _fill(db, sorted(library.communes), start, min(start + AT_ONCE - 1, last))
    if engine.dialect.name == "postgresql":  # as its own housekeeping does; nobody does it on SQLite
        async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as db:
            await db.exec_driver_sql("VACUUM ANALYZE")


async def _fill(db: AsyncConnection, communes: list[str], first: int, last: int) -> None:
    await db.run_sync(_scratch.create_all)
    await db.execute(insert(_codes), [{"place": place, "code": code} for place, code in enumerate(communes)])
    days = [{"ago": ago, "at": AT - timedelta(days=ago), "payload": b""} for ago in range(LONG_AGO)]
    await db.execute(insert(_days), days)
    if first == 1:
        fixed = {"name": "", "body": "{}", "segment": "", "created_at": AT, "changed_at": AT}
        await db.execute(insert(broadcasts), [fixed | {"id": 1}, fixed | {"id": 2}])
    people = f"WITH RECURSIVE people(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM people WHERE n < {last}) SELECT"
    for statement in _STATEMENTS:
        filled = statement.format(
            id=f"CAST(n AS BIGINT) * {SPACING}", communes=len(communes),
            sent=f"{_AGO}, {_AGO}, (SELECT payload FROM days WHERE ago = 0), 'telegram', '1', 'broadcast', '', 'sent'",
            ago=_AGO, ago_long=_AGO.replace("101", "367"),
        )  # fmt: skip
        await db.exec_driver_sql(filled.replace("SELECT", people, 1))
    await db.run_sync(_scratch.drop_all)

"""A bot of one process that broadcasts: people who agreed, a broadcast under way, and all that sends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from bot.engine.state import Library
from bot.services.broadcasting.model import Body, Policy, Timing, broadcast_from, to_json
from bot.services.broadcasting.targeting import fingerprint
from bot.services.pacing import Pace
from bot.services.sending.broadcaster import Broadcaster
from bot.store import broadcasts as store
from bot.store.db import open_database
from bot.store.ids import Ids
from bot.store.models import addresses, broadcasts, contacts, deliveries
from tests.conftest import Clock
from tests.fakes.channel import FakeChannel
from tests.services.bot import TREES, Bot

NEWS = Body(text={"vi": "Lớp nghề mới mở."}, source="Thông báo 12/TB-UBND")
ALWAYS = Timing(opens="00:00", closes="24:00", on_holidays=True)


class Campaign:
    """One process. `sent` is what reached whom, `statuses` what the ledger says of each."""

    def __init__(
        self, url: str, clock: Clock, *, library: Library = TREES, channel: FakeChannel | None = None, worker: int = 1
    ) -> None:
        self.clock, self.library, self.today = clock, library, date(2026, 11, 23)
        self.bot = Bot(url, clock, worker=worker, library=library, channel=channel)
        self.channel, self.database = self.bot.channel, self.bot.database
        self.pace: Pace = Pace(self.channel.capabilities)
        self.broadcaster = Broadcaster(
            self.database, library=lambda: self.library, channels={"fake": self.channel}, paces={"fake": self.pace},
            talks=self.bot.conversation, ids=Ids(worker + 100, clock), now=clock, today=lambda: self.today,
            alone=self.bot.alone, pause=0.02,
        )  # fmt: skip

    async def start(self) -> None:
        await self.bot.start()
        await self.broadcaster.start()

    async def close(self) -> None:
        await self.broadcaster.close()
        await self.bot.close()

    async def status_of(self, number: int) -> str:
        async with self.database.connect() as db:
            return str((await db.execute(select(broadcasts.c.state).where(broadcasts.c.id == number))).scalar_one())

    async def reason_of(self, number: int) -> str:
        async with self.database.connect() as db:
            return str((await db.execute(select(broadcasts.c.reason).where(broadcasts.c.id == number))).scalar_one())

    async def statuses(self, number: int) -> dict[str, str]:
        """By address."""
        async with self.database.connect() as db:
            d = deliveries.c
            rows = await db.execute(select(d.address, d.status).where(d.broadcast_id == number).order_by(d.id))
            return {row[0]: row[1] for row in rows}

    async def set_state(self, number: int, state: str) -> None:
        async with self.database.begin() as db:
            await db.execute(update(broadcasts).where(broadcasts.c.id == number).values(state=state))

    async def passed(self, is_so: Callable[[], bool]) -> None:
        """Wait for what nobody tells of."""
        for _ in range(2000):
            if is_so():
                return
            await asyncio.sleep(0.005)
        raise AssertionError("that never came")

    async def ends(self, number: int, state: str = "done") -> Mapping[str, int]:
        """Wait until the broadcast is in *state*; its counts, which add up to its recipients."""
        for _ in range(2000):
            if await self.status_of(number) == state:
                break
            await asyncio.sleep(0.01)
        async with self.database.connect() as db:
            row = await store.find(db, number)
            assert row is not None
            assert row["state"] == state, (row["state"], row["reason"])
            counts = await store.counts(db, number)
        assert sum(counts.values()) == row["recipients"]
        return counts

    async def comes_to(self, number: int, wanted: Mapping[str, str]) -> None:
        """Wait until the ledger says *wanted* of these addresses."""
        found: Mapping[str, str] = {}
        for _ in range(2000):
            found = await self.statuses(number)
            if {to: found.get(to) for to in wanted} == dict(wanted):
                return
            await asyncio.sleep(0.01)
        raise AssertionError(found)


async def people(url: str, clock: Clock, *names: str, **columns: Any) -> None:
    """Contacts who agreed to broadcasts, each at the address of their name."""
    engine = open_database(url)
    async with engine.begin() as db:
        for name in names:
            number = 10_000 + sum(ord(letter) * 131**at for at, letter in enumerate(name)) % 10**9
            values = {"id": number, "created_at": clock.at - timedelta(days=9), "consent": "co", **columns}
            await db.execute(insert(contacts).values(**values))
            place = {"channel": "fake", "external_id": name, "contact_id": number, "changed_at": clock.at}
            await db.execute(insert(addresses).values(**place))
    await engine.dispose()


async def released(
    url: str, clock: Clock, *, body: Body = NEWS, timing: Timing = ALWAYS, policy: Policy | None = None,
    segment: str = "tat-ca", library: Library = TREES, urgent: bool = False, state: str = "sending",
) -> int:  # fmt: skip
    """A broadcast that begins now, as if two officers had released it; its number."""
    engine = open_database(url)
    async with engine.begin() as db:
        number = await store.insert(
            db, name="Thử", state="draft", body=to_json(body), segment=segment, timing=to_json(timing),
            policy=to_json(policy or Policy(gap=0)), urgent=urgent, created_at=clock.at, changed_at=clock.at,
            started_at=clock.at, audience=10, ceiling=10**18,
        )  # fmt: skip
        row = await store.find(db, number)
        assert row is not None
        digest = await fingerprint(db, library, broadcast_from(row))
        await store.change_state(db, number, from_=("draft",), to=state, digest=digest, due_at=timing.at or clock.at)
    await engine.dispose()
    return number


@asynccontextmanager
async def sending(url: str, clock: Clock, **more: Any) -> AsyncIterator[Campaign]:
    """A process that is started, and closed in order."""
    campaign = Campaign(url, clock, **more)
    await campaign.start()
    try:
        yield campaign
    finally:
        await campaign.close()

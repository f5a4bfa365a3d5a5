"""What a broadcast may cost and has cost, whatever the order of spells, answers, deaths and lost commits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import broadcasts as store
from bot.store import handout, spending
from bot.store.handout import Claim, Mark, Row
from bot.store.models import broadcasts, chunks, deliveries
from bot.store.spending import Bill

LEASE = timedelta(seconds=30)
NOON = datetime(2026, 11, 23, 3, tzinfo=UTC)
OVER = datetime(1970, 1, 1, tzinfo=UTC)
PRICE, ROWS = 55, 8
ANSWERS = ("charged", "for nothing", "refused", "lost", "never made")
"""What becomes of a call: of one that is lost we never hear, and it was charged."""
BROADCASTS = count(1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("spell"), st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=3)),
        st.tuples(st.sampled_from(["settle", "settle twice", "end", "die"]), st.just([])),
    ),
    max_size=14,
)


class Worker:
    """One broadcast in one chunk, the workers that send it one after the other, and the platform's books."""

    def __init__(self, engine: AsyncEngine, budget: int, *, resends: bool) -> None:
        self.engine, self.budget, self.resends = engine, budget, resends
        self.charged, self.number, self.chunk = 0, 0, 0
        self._claim: Claim | None = None
        self._rows: list[Row] = []
        self._marks: list[Mark] = []

    async def prepare(self, base: int) -> None:
        async with self.engine.begin() as db:
            self.number = await store.insert(
                db, name="Thử", state="sending", body="{}", segment="", created_at=NOON, changed_at=NOON
            )
            made = insert(chunks).values(broadcast_id=self.number, channel=f"c{base}").returning(chunks.c.id)
            self.chunk = int((await db.execute(made)).scalar_one())
            common = {"channel": f"c{base}", "reason": "broadcast", "method": "", "payload": b"", "status": "queued"}
            ids = range(base * ROWS, (base + 1) * ROWS)
            await db.execute(insert(deliveries), [
                {**common, "id": n, "contact_id": n, "address": f"a{n}", "broadcast_id": self.number,
                 "chunk_id": self.chunk, "due_at": NOON} for n in ids
            ])  # fmt: skip
        self._channel = f"c{base}"

    async def step(self, what: str, answers: Sequence[str]) -> None:
        match what:
            case "spell":
                await self._spell(answers)
            case "settle":
                await self._settle()
            case "settle twice":
                await self._settle(times=2)
            case "end":
                await self._settle()
                await self._end()
            case "die":
                await self._die()

    async def holds(self, *, exactly: bool = False) -> None:
        """The books are whole, the budget not passed, and nothing that the platform charged is missing; *exactly*: nor
        is there anything else in them."""
        d, b = deliveries.c, broadcasts.c
        async with self.engine.connect() as db:
            costs = select(func.sum(d.cost + d.reserved)).where(d.broadcast_id == self.number)
            costly = (await db.execute(costs)).scalar_one()
            spent = (await db.execute(select(b.spent).where(b.id == self.number))).scalar_one()
        assert spent == costly
        assert self.charged <= spent <= self.budget
        assert spent == self.charged or not exactly

    async def _claimed(self) -> Claim | None:
        if self._claim is None:
            async with self.engine.begin() as db:
                self._claim = await handout.claim(
                    db, channel=self._channel, broadcast_id=self.number, worker=1, lease=LEASE, at=NOON,
                    resends=self.resends,
                )  # fmt: skip
            self._rows = list(self._claim.rows) if self._claim else []
        return self._claim

    async def _spell(self, answers: Sequence[str]) -> None:
        claim = await self._claimed()
        rows, self._rows = self._rows[: len(answers)], self._rows[len(answers) :]
        if claim is None or not rows:
            return
        async with self.engine.begin() as db:
            left = self.budget - await spending.spent_so_far(db, self.number)
            upto = rows[-1].id
            assert await handout.dispatch(db, chunk_id=claim.chunk_id, epoch=claim.epoch, upto=upto, at=NOON)
            going = rows[: left // PRICE]
            ways = {row.id: ("paid", PRICE) for row in going}
            assert not ways or await spending.reserve(db, self.number, ways, budget=self.budget)
        for row, answer in zip(going, answers, strict=False):
            self.charged += PRICE if answer in ("charged", "lost") else 0
            if answer == "never made":
                continue
            if answer != "lost":
                status = "failed" if answer == "refused" else "sent"
                bill = Bill("paid", PRICE if answer == "charged" else 0, PRICE)
                self._marks.append(Mark(row.id, claim.chunk_id, claim.epoch, status, row.attempts + 1, bill=bill))
            else:
                bill = Bill("paid", PRICE, PRICE)
                self._marks.append(Mark(row.id, claim.chunk_id, claim.epoch, "unknown", row.attempts + 1, bill=bill))

    async def _settle(self, times: int = 1) -> None:
        for _ in range(times):
            async with self.engine.begin() as db:
                written = await handout.finish(db, self._marks)
                await spending.settle(db, {one.id: one.bill for one in self._marks if one.bill and one.id in written})
        self._marks = []

    async def _end(self) -> None:
        if self._claim is None:
            return
        async with self.engine.begin() as db:
            assert await handout.release(db, chunk_id=self._claim.chunk_id, epoch=self._claim.epoch)
            await spending.give_back(db, chunk_id=self._claim.chunk_id, broadcast_id=self.number)
        self._claim, self._rows = None, []

    async def _die(self) -> None:
        """What was on its way and not written is lost with the process; the next one finds it in doubt."""
        self._claim, self._rows, self._marks = None, [], []
        async with self.engine.begin() as db:
            mine = chunks.c.id == self.chunk, chunks.c.state == "claimed"
            await db.execute(update(chunks).where(*mine).values(lease_until=OVER))


@example([("spell", ["charged"]), ("settle twice", [])], 500, False)
@example([("spell", ["charged", "never made"]), ("die", []), ("spell", ["lost"])], PRICE * 2, True)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS, st.integers(0, PRICE * (ROWS + 2)), st.booleans())
async def test_the_books_hold_after_every_step_and_the_budget_is_never_passed(
    database: AsyncEngine, steps: list[tuple[str, list[str]]], budget: int, resends: bool
) -> None:
    worker = Worker(database, budget, resends=resends)
    await worker.prepare(next(BROADCASTS))
    for what, answers in steps:
        await worker.step(what, answers)
        await worker.holds()
    await worker.step("end", [])
    await worker.holds(exactly="die" not in [what for what, _answers in steps])


async def test_two_who_reserve_at_once_never_pass_the_budget(database: AsyncEngine) -> None:
    workers = [Worker(database, PRICE * 3, resends=False) for _ in range(2)]
    for worker in workers:
        await worker.prepare(next(BROADCASTS))
    number = workers[0].number

    async def spell(first: int) -> bool:
        async with database.begin() as db:
            left = PRICE * 3 - await spending.spent_so_far(db, number)
            ways = {first + n: ("paid", PRICE) for n in range(min(2, left // PRICE))}
            return bool(ways) and await spending.reserve(db, number, ways, budget=PRICE * 3)

    async with database.connect() as db:
        ids = (await db.execute(select(deliveries.c.id).where(deliveries.c.broadcast_id == number))).scalars().all()
    assert sum(await asyncio.gather(spell(ids[0]), spell(ids[2]), spell(ids[4]))) == 2
    workers[0].budget = PRICE * 3
    await workers[0].holds()


async def test_more_than_the_budget_is_not_reserved_whatever_was_read(database: AsyncEngine) -> None:
    worker = Worker(database, PRICE, resends=False)
    await worker.prepare(base := next(BROADCASTS))
    async with database.begin() as db:
        ways = {base * ROWS + n: ("paid", PRICE) for n in range(2)}
        assert not await spending.reserve(db, worker.number, ways, budget=PRICE)
    await worker.holds()

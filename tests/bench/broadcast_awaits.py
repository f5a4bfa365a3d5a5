"""The sender of a broadcast killed at every await of it: a process for each, which ends itself there with SIGKILL.

The process is a fork of this one, so that the library is loaded once. What reached people is written to a file by the
channel itself, as it happens; the next process then brings the broadcast to its end.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Coroutine, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec import Struct
from sqlalchemy import select, update

from bot.channels.base import Capabilities, Payload, Sent
from bot.services.broadcasting.model import UNKNOWN_POLICY, Policy
from bot.services.sending.window import window_of
from bot.store.db import migrate, open_database
from bot.store.models import addresses, broadcasts, chunks, deliveries
from tests import postgres
from tests.bench.report import Report
from tests.conftest import Clock
from tests.fakes.channel import FAST, FakeChannel
from tests.fakes.metered import REACH, MeteredChannel
from tests.services.campaign import Campaign, people, released

PEOPLE = 12
BUDGET = 5 * REACH.prices["paid"]
"""With windows and prices every second person has to be paid for: one more than that covers."""
NAMES = tuple(f"p{number}" for number in range(PEOPLE))
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
PACE = Capabilities(FAST.edits, FAST.buttons, FAST.max_text, 30.0, FAST.chat_gap)
WITHIN = 60.0
"""Seconds in which a process must have brought the broadcast to its end."""


class Options(Struct, frozen=True):
    """Every *stride*-th await is tried, beginning with number *first*. *metered*: on a channel with prices."""

    stride: int = 1
    first: int = 1
    unknown: UNKNOWN_POLICY = "ask"
    embedded: bool = False
    metered: bool = False


class Found(Struct):
    """What was found over all kills. `most` is the largest number of messages repeated or in doubt after one."""

    kills: int = 0
    lost: int = 0
    repeated: int = 0
    doubtful: int = 0
    most: int = 0
    faults: list[str] = []


class Recorded(FakeChannel):
    """A channel that writes down who was reached before it says so to the sender."""

    def __init__(self, record: Path) -> None:
        super().__init__(capabilities=PACE)
        self._file = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    async def send(self, payload: Payload) -> str:
        await asyncio.sleep(0)
        message_id = await super().send(payload)
        os.write(self._file, f"{self.calls[-1].to}\n".encode())
        await asyncio.sleep(0)
        return message_id


class Charged(MeteredChannel):
    """Likewise, with what each call was charged; the same people wrote as `_prepare` says."""

    def __init__(self, record: Path) -> None:
        super().__init__(lambda: NOW, capabilities=PACE)
        self.opened = {name: NOW - timedelta(hours=_hours(name)) for name in NAMES}
        self._file = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._till = os.open(_till(record), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    async def send_metered(self, payload: Payload) -> Sent:
        await asyncio.sleep(0)
        sent = await super().send_metered(payload)
        os.write(self._till, f"{self.books[-1].cost}\n".encode())
        os.write(self._file, f"{self.books[-1].to}\n".encode())
        await asyncio.sleep(0)
        return sent


def _till(record: Path) -> Path:
    return record.with_suffix(".charges")


def _hours(name: str) -> float:
    """Since when they wrote: every second one has to be paid for."""
    return 60.0 if int(name[1:]) % 2 else 1.0


class Counted(Coroutine[Any, Any, Any]):
    """A coroutine whose every resumption is counted; at the fatal one the process is killed."""

    steps, fatal = 0, 0

    def __init__(self, inner: Coroutine[Any, Any, Any]) -> None:
        self._inner = inner

    def send(self, value: Any) -> Any:
        Counted.steps += 1
        if Counted.steps == Counted.fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return self._inner.send(value)

    def throw(self, *error: Any) -> Any:
        return self._inner.throw(*error)

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._inner.__await__()


def _counting(loop: asyncio.AbstractEventLoop, coroutine: Any, **more: Any) -> asyncio.Task[Any]:
    is_ours = "/bot/services/" in getattr(getattr(coroutine, "cr_code", None), "co_filename", "")
    return asyncio.Task(Counted(coroutine) if is_ours else coroutine, loop=loop, **more)


def _forked(work: Callable[[], Coroutine[Any, Any, None]], fatal: int = 0) -> bool:
    """Run *work* in a process of its own; whether it came to its end rather than to the *fatal* step."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            Counted.steps, Counted.fatal = 0, fatal
            with asyncio.Runner() as runner:
                runner.get_loop().set_task_factory(_counting)
                runner.run(work())
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return False
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError("the process that was to send failed: see above")
    return True


async def _send(url: str, record: Path, metered: bool) -> None:
    """One process, until the broadcast is over."""
    campaign = Campaign(url, Clock(NOW), channel=Charged(record) if metered else Recorded(record))
    async with campaign.database.begin() as db:  # as if the dead one's lease had run out
        await db.execute(update(chunks).where(chunks.c.state == "claimed").values(lease_until=NOW.replace(year=1970)))
    await campaign.start()
    async with asyncio.timeout(WITHIN):
        while await campaign.status_of(1) != "done":  # noqa: ASYNC110 -- the planner has nobody to tell
            await asyncio.sleep(0.005)
    await campaign.close()


async def _prepare(url: str, unknown: UNKNOWN_POLICY) -> None:
    engine = open_database(url)
    await migrate(engine)
    await engine.dispose()
    clock = Clock(NOW)
    await people(url, clock, *NAMES)
    engine = open_database(url)
    async with engine.begin() as db:
        for name in NAMES:
            opened = {"interacted_at": NOW - timedelta(hours=_hours(name))}
            await db.execute(update(addresses).where(addresses.c.external_id == name).values(opened))
    await engine.dispose()
    await released(url, clock, policy=Policy(gap=0, unknown=unknown, budget=BUDGET, waits=False))


async def _rows(url: str) -> tuple[Sequence[Any], int]:
    """What the ledger says of everybody, and what the broadcast says it cost."""
    engine, d = open_database(url), deliveries.c
    async with engine.connect() as db:
        rows = (await db.execute(select(d.address, d.status, d.attempts, d.route, d.cost, d.reserved))).all()
        spent = (await db.execute(select(broadcasts.c.spent))).scalar_one()
    await engine.dispose()
    return rows, spent


def judge_money(found: Found, rows: Sequence[Any], charged: int, spent: int) -> None:
    """Whatever was killed: nothing charged is missing, the budget holds, and the books are whole."""
    if not charged <= spent <= BUDGET or spent != sum(row.cost for row in rows) or any(row.reserved for row in rows):
        found.faults.append(f"kill {found.kills}: charged {charged}, spent {spent} of {BUDGET}, rows {rows}")


def judge(found: Found, rows: Sequence[Any], arrived: Counter[str], *, resends: bool) -> None:
    """Add what became of one kill. *rows* are (address, status, attempts …), *arrived* counts what reached whom."""
    found.kills += 1
    statuses = {row[0]: (row[1], row[2]) for row in rows if row[3:4] != ("unpaid",)}
    for name in (one for one in NAMES if one in statuses or one not in {row[0] for row in rows}):
        status, attempts = statuses.get(name, ("none", 0))
        if status not in ("sent", "unknown") or (status == "sent" and not arrived[name]):
            found.lost += 1
            found.faults.append(f"kill {found.kills}: {name} is {status} and got {arrived[name]}")
        if arrived[name] > 1 and (attempts < arrived[name] or not resends):
            found.faults.append(f"kill {found.kills}: {name} got {arrived[name]}, and the ledger says {attempts}")
    repeated = sum(count - 1 for count in arrived.values())
    doubtful = sum(status == "unknown" or attempts > 1 for status, attempts in statuses.values())
    found.repeated += repeated
    found.doubtful += doubtful
    found.most = max(found.most, repeated, doubtful)
    if max(repeated, doubtful) > window_of(PACE.rate):
        found.faults.append(f"kill {found.kills}: {repeated} repeated, {doubtful} in doubt: beyond the window")


class Databases:
    """Copies of one prepared database."""

    def __init__(self, folder: Path, server: postgres.Server | None, unknown: UNKNOWN_POLICY) -> None:
        self._folder, self._server = folder, server
        self._template = server.create() if server else str(folder / "template.db")
        url = server.url(self._template) if server else f"sqlite+aiosqlite:///{self._template}"
        asyncio.run(_prepare(url, unknown))

    @contextmanager
    def copy(self) -> Iterator[str]:
        if self._server is None:
            yield f"sqlite+aiosqlite:///{shutil.copy(self._template, self._folder / 'bot.db')}"
            for path in self._folder.glob("bot.db*"):
                path.unlink()
            return
        name = self._server.create(self._template)
        yield self._server.url(name)
        self._server.drop(name)


def try_every(options: Options, *, report: Callable[[Found], None] = lambda _found: None) -> Found:
    """Kill at each await in turn, until a process comes to its end before the fatal one."""
    found = Found(faults=[])
    with TemporaryDirectory(prefix="bench-") as name, _server(options.embedded) as server:
        folder = Path(name)
        databases = Databases(folder, server, options.unknown)
        fatal, is_over = options.first, False
        while not is_over:
            record = folder / f"record-{fatal}"
            with databases.copy() as url:
                work = partial(_send, url, record, options.metered)
                is_over = _forked(work, fatal)
                if not is_over:
                    _forked(work)
                arrived = Counter(record.read_text().split() if record.exists() else [])
                rows, spent = asyncio.run(_rows(url))
                judge(found, rows, arrived, resends=options.unknown == "resend")
                if options.metered:
                    judge_money(found, rows, sum(map(int, _till(record).read_text().split())), spent)
            report(found)
            fatal += options.stride
    return found


@contextmanager
def _server(embedded: bool) -> Iterator[postgres.Server | None]:
    if not embedded:
        yield None
        return
    with postgres.running() as server:
        yield server


def awaits(options: Options, report: Report) -> int:
    """The command: prints what was found; the exit status is 1 when anybody was lost or anything went unlisted."""
    found = try_every(options)
    where = ("PostgreSQL" if options.embedded else "SQLite") + (", with prices" if options.metered else "")
    report.line(
        f"{where}, policy {options.unknown}: killed at {found.kills} awaits (step {options.stride}), {PEOPLE} people: "
        f"lost {found.lost}, repeated {found.repeated}, in doubt {found.doubtful} (at most {found.most} after one kill)"
    )
    for fault in found.faults[:10]:
        report.line(f"fault: {fault}")
    report.finish("any core", kills=found.kills, lost=found.lost, repeated=found.repeated, doubtful=found.doubtful,
                  most=found.most, faults=len(found.faults))  # fmt: skip
    return 1 if found.lost or found.faults else 0

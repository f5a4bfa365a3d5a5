"""A server that is killed while an officer releases a broadcast: the release happened once, or not at all."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Coroutine, Generator
from datetime import UTC, datetime
from typing import Any

from aiohttp.test_utils import make_mocked_request
from multidict import MultiDict, MultiDictProxy

from bot.console.pages import broadcasts_one
from bot.console.visit import PREFIX, Visit
from bot.store import officers
from bot.store.db import open_database
from tests.conftest import Clock
from tests.console.office import Console
from tests.services.office import Office

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


class Mortal(Coroutine[Any, Any, Any]):
    """A coroutine at whose *fatal*-th resumption the process is killed."""

    def __init__(self, work: Awaitable[Any], fatal: int) -> None:
        self._inner, self._fatal, self._steps = work.__await__(), fatal, 0

    def send(self, value: Any) -> Any:
        self._steps += 1
        if self._steps == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return next(self._inner) if value is None else self._inner.send(value)

    def throw(self, *error: Any) -> Any:
        return self._inner.throw(*error)

    def close(self) -> None:
        """Nothing: the process is gone, or the work at its end."""

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._inner


async def release(url: str, number: int, fatal: int) -> None:
    """What the server does with the form, until its end or the *fatal* step."""
    database, clock = open_database(url), Clock(NOW)
    console = await Console(Office(database, clock), clock).open()
    async with database.connect() as db:
        officer = await officers.find(db, "an")
    request = make_mocked_request("POST", f"{PREFIX}/broadcasts/{number}/schedule", match_info={"id": str(number)})
    form: MultiDictProxy[str] = MultiDictProxy(MultiDict())
    handled = broadcasts_one.schedule(Visit(console.site, request, "", "vi", "auto", None, officer, form))
    await asyncio.get_running_loop().create_task(Mortal(handled, fatal))


def reaches_its_end(url: str, number: int, fatal: int) -> bool:
    """Whether a process of its own came to the end of the release, rather than to the fatal step."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            asyncio.run(release(url, number, fatal))
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0, "the process failed by itself: see above"
    return not os.WIFSIGNALED(status)


async def approved(url: str, *, is_first: bool) -> int:
    database = open_database(url)
    office = Office(database, Clock(NOW))
    if is_first:
        await office.open()
    one = await office.approved()
    await database.dispose()
    return one.id


async def came_to(url: str, number: int) -> str:
    """The state that it was left in, which the audit log must agree with."""
    database = open_database(url)
    office = Office(database, Clock(NOW))
    one, entries = await office.find(number), await office.entries(number)
    await database.dispose()
    is_released = one.state == "scheduled"
    assert entries.count(("an", "schedule", "done")) == is_released
    assert (one.due_at is not None) == is_released
    return one.state


def test_a_release_that_is_killed_at_any_wait_happened_once_or_not_at_all(database_url: str) -> None:
    states, fatal, is_over = list[str](), 0, False
    while not is_over:
        fatal += 1
        number = asyncio.run(approved(database_url, is_first=fatal == 1))
        is_over = reaches_its_end(database_url, number, fatal)
        states.append(asyncio.run(came_to(database_url, number)))
    assert set(states) == {"approved", "scheduled"}
    assert states == sorted(states), "once released it stays so, however late the end comes"
    assert fatal > 10, "hardly any waits were tried"

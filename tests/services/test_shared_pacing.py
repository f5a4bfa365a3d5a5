"""Several workers that share an account's row: together they keep its rate, and replies go before broadcasts."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.channels.base import Capabilities
from bot.services.pacing import LATE, SharedPace
from tests.virtual import in_virtual_time, passed


class Row:
    """The account's row, as PostgreSQL keeps it, in virtual time. A question takes *slow* seconds."""

    def __init__(self, slow: float = 0.003) -> None:
        self.next_at, self.slow, self.time = 0.0, slow, asyncio.get_running_loop().time

    async def take(self, length: float, ahead: float) -> tuple[bool, float]:
        await asyncio.sleep(self.slow / 2)
        now = self.time()
        if self.next_at > now + ahead:
            found = False, self.next_at - now - ahead
        else:
            starts = self.next_at if self.next_at >= now - LATE / 2 else now
            self.next_at = starts + length
            found = True, starts - now
        await asyncio.sleep(self.slow / 2)
        return found

    async def silence(self, seconds: float) -> None:
        await asyncio.sleep(self.slow)
        self.next_at = max(self.next_at, self.time() + seconds)


def workers(rate: float, count: int = 2) -> list[SharedPace]:
    row = Row()
    return [SharedPace(Capabilities(True, True, 4096, rate, timedelta()), row) for _ in range(count)]


async def broadcast(pace: SharedPace, times: list[float]) -> None:
    while await pace.broadcast_time():
        times.append(asyncio.get_running_loop().time())


def most_in_a_second(times: list[float]) -> int:
    times = sorted(times)
    return max(sum(1 for other in times if at <= other < at + 1) for at in times)


@in_virtual_time
async def test_two_workers_keep_the_rate_between_them_and_use_all_of_it() -> None:
    for rate in (29.0, 480.0):
        paces, times = workers(rate), list[float]()
        tasks = [asyncio.create_task(broadcast(pace, times)) for pace in paces]
        await passed(10)
        for pace in paces:
            pace.end_broadcasts()
        await asyncio.gather(*tasks)
        assert len(times) >= 10 * rate * 0.98
        assert most_in_a_second(times) <= rate * (1 + 2 * LATE) + 1


@in_virtual_time
async def test_a_reply_waits_for_one_message_of_the_broadcast_at_most() -> None:
    first, second = workers(29.0)
    times: list[float] = []
    tasks = [asyncio.create_task(broadcast(pace, times)) for pace in (first, second)]
    loop, waits = asyncio.get_running_loop(), []
    for _ in range(20):
        await passed(0.37)
        asked = loop.time()
        waits.append(max(await first.reply_time(), loop.time()) - asked)
    first.end_broadcasts()
    second.end_broadcasts()
    await asyncio.gather(*tasks)
    assert max(waits) < 0.2  # what both may have taken ahead
    assert sorted(waits)[len(waits) // 2] < 0.1


@in_virtual_time
async def test_an_idle_account_answers_at_once() -> None:
    [pace] = workers(29.0, 1)
    asked = asyncio.get_running_loop().time()
    assert max(await pace.reply_time(), asyncio.get_running_loop().time()) - asked < 0.01


@in_virtual_time
async def test_a_silence_that_one_was_told_holds_for_all() -> None:
    first, second = workers(29.0)
    times: list[float] = []
    tasks = [asyncio.create_task(broadcast(pace, times)) for pace in (first, second)]
    await passed(1)
    first.silence(5)
    began = asyncio.get_running_loop().time()
    await passed(8)
    first.end_broadcasts()
    second.end_broadcasts()
    await asyncio.gather(*tasks)
    late = [at - began for at in times if at > began]
    assert min(at for at in late if at > 0.3) >= 5 - LATE
    assert sum(1 for at in late if at < 5 - LATE) <= 6  # what the other had taken before it was told


@in_virtual_time
async def test_what_was_being_taken_when_a_silence_came_is_not_used_after_it() -> None:
    """Moved to the end of the silence, it would come on top of the times that the row gives from there on."""
    for moment in range(60):
        paces, times = workers(29.0), list[float]()
        tasks = [asyncio.create_task(broadcast(pace, times)) for pace in paces]
        await passed(1 + moment * 0.002)
        for pace in paces:
            pace.silence(2)
        await passed(5)
        for pace in paces:
            pace.end_broadcasts()
        await asyncio.gather(*tasks)
        assert most_in_a_second(times) <= 30, f"a silence after {moment * 2} ms"


@in_virtual_time
async def test_a_row_that_was_not_told_of_a_silence_is_told_before_its_times_are_used() -> None:
    class Deaf(Row):
        told = 0

        async def silence(self, seconds: float) -> None:
            self.told += 1
            if self.told > 1:
                await super().silence(seconds)

    row = Deaf()
    pace = SharedPace(Capabilities(True, True, 4096, 29.0, timedelta()), row)
    pace.silence(600)
    asked = asyncio.get_running_loop().time()
    assert await pace.reply_time() - asked >= 600
    assert row.told == 2

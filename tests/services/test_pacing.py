"""When an account may send: never above its rate, a gap for each chat, silence when it was told to rest."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Capabilities
from bot.services.pacing import LATE, Pace

ASKS = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from([0.0, 0.01, 0.3, 2.0])), min_size=1, max_size=60)


def pace(rate: float, gap: float) -> Pace:
    return Pace(Capabilities(True, True, 4096, rate, timedelta(seconds=gap)), time=lambda: 0.0)


def sent_at(one: Pace, asks: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Who is sent to when: each chat waits for its gap, and then takes its slot, as the courier does."""
    now, waiting, times = 0.0, list[tuple[float, int, str]](), list[tuple[str, float]]()
    for order, (chat, later) in enumerate(asks):
        now += later
        waiting.append((now, order, chat))
    while waiting:
        waiting.sort()
        now, order, chat = waiting.pop(0)
        free = one.gap_ends(chat)
        if free > now:
            waiting.append((free, order, chat))
        else:
            at = one.take(now)
            one.sent_to(chat, at)
            times.append((chat, at))
    return times


@given(asks=ASKS, rate=st.sampled_from([1.0, 7.0, 30.0]), gap=st.sampled_from([0.0, 0.5, 1.0]))
def test_no_window_holds_more_than_the_rate(asks: list[tuple[str, float]], rate: float, gap: float) -> None:
    times = sorted(at for _, at in sent_at(pace(rate, gap), asks))
    for first in range(len(times)):
        for last in range(first + 1, len(times)):
            assert last - first <= (times[last] - times[first] + LATE) * rate + 1e-6


@given(asks=ASKS, rate=st.sampled_from([7.0, 30.0]), gap=st.sampled_from([0.5, 1.0]))
def test_a_chat_has_its_gap(asks: list[tuple[str, float]], rate: float, gap: float) -> None:
    times = sent_at(pace(rate, gap), asks)
    for chat in "abcdef":
        own = [at for other, at in times if other == chat]
        assert all(later - at >= gap - 1e-6 for at, later in pairwise(own))


@given(asks=ASKS, until=st.floats(0, 50))
def test_nothing_goes_out_in_the_silence(asks: list[tuple[str, float]], until: float) -> None:
    one = pace(30, 1)
    one.silence(until)
    one.silence(until / 2)
    assert one.silent_for() == until
    assert all(at >= until for _, at in sent_at(one, asks))


def test_an_idle_account_sends_at_once_and_saves_up_nothing() -> None:
    one = pace(10, 0)
    assert one.take(100) == 100
    assert [round(one.take(200), 2) for _ in range(3)] == [200, 200.1, 200.2]

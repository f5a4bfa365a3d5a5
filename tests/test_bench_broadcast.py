"""The benches of broadcasts can fail: each fault put in is found, and the stand-in holds its limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
import pytest
from msgspec.structs import replace

from tests.bench.broadcast_api import Account, Came, Limits, Turned
from tests.bench.broadcast_rate import Options as RateOptions
from tests.bench.broadcast_rate import Paced, most_in_a_second, silence_of
from tests.bench.broadcast_rate import problems_of as rate_problems
from tests.bench.broadcast_replies import Answers
from tests.bench.broadcast_replies import Options as ReplyOptions
from tests.bench.broadcast_replies import problems_of as reply_problems
from tests.bench.broadcast_speed import Options as SpeedOptions
from tests.bench.broadcast_speed import Round
from tests.bench.broadcast_speed import problems_of as speed_problems
from tests.bench.broadcast_verdict import Key, Left, Row, judge, overdrawn, strays

AUDIENCE = range(1, 11)
STOPS = (10.0, 20.0)
Case = tuple[Left, Mapping[Key, Sequence[float]]]


def key_of(contact: int) -> Key:
    return contact, "sendMessage", b"hello %d" % contact


def all_well(policy: str = "resend") -> Case:
    """Ten people: one is unknown and came before a stop, one was sent again after the other."""
    rows = [Row(100 + contact, contact, contact % 2, "sent", 1, key_of(contact)) for contact in AUDIENCE]
    rows[2] = replace(rows[2], status="unknown")
    rows[5] = replace(rows[5], attempts=2)
    came = {key_of(contact): [9.0] for contact in AUDIENCE}
    came[key_of(6)] = [19.5, 25.0]
    return Left(policy, "done", 10, True, {"sent": 9, "unknown": 1, "failed": 0}, rows), came


def with_row(case: Case, place: int, **changed: object) -> Case:
    """The case with one row changed, and counts that agree."""
    left, came = case
    rows = list(left.rows)
    rows[place] = replace(rows[place], **changed)
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.status] = counts.get(row.status, 0) + 1
    return replace(left, rows=rows, counts=counts), came


def never_came(case: Case) -> Case:
    left, came = case
    return left, {key: times for key, times in came.items() if key != key_of(1)}


def came_twice(case: Case, contact: int, *times: float) -> Case:
    left, came = case
    return left, {**came, key_of(contact): times}


def no_row(case: Case) -> Case:
    left, came = case
    return replace(left, rows=left.rows[1:], counts={"sent": 8, "unknown": 1}), came


def row_twice(case: Case) -> Case:
    left, came = case
    return replace(left, rows=[*left.rows, left.rows[0]], counts={"sent": 10, "unknown": 1}), came


def stranger(case: Case) -> Case:
    left, came = case
    return replace(left, rows=[*left.rows, Row(999, 999, 0, "sent", 1, key_of(1))]), came


def changed(case: Case, **values: object) -> Case:
    left, came = case
    return replace(left, **values), came


FAULTS: Mapping[str, tuple[Callable[[Case], Case], str]] = {
    "called sent, never came": (never_came, "never came"),
    "nobody tried": (lambda case: with_row(case, 0, status="queued"), "neither of"),
    "failed, though nothing was refused": (lambda case: with_row(case, 0, status="failed"), "neither of"),
    "left out": (no_row, "no row"),
    "in the ledger twice": (row_twice, "several rows"),
    "outside of the audience": (stranger, "outside"),
    "nothing to say": (lambda case: with_row(case, 0, key=None), "say nothing"),
    "again, and the row hides it": (lambda case: came_twice(case, 1, 9.5, 12.0), "doesn't say so"),
    "again without a stop": (lambda case: came_twice(case, 6, 12.0, 13.0), "without a stop"),
    "counts of the program": (lambda case: changed(case, counts={"sent": 10}), "the program counts"),
    "counts of the broadcast": (lambda case: changed(case, recipients=9), "add up"),
    "not done": (lambda case: changed(case, state="sending"), "should be done"),
    "not planned": (lambda case: changed(case, is_planned=False), "should be done"),
}


def test_a_broadcast_that_went_well_has_no_problem() -> None:
    left, came = all_well()
    verdict = judge(left, AUDIENCE, came, STOPS)
    assert verdict.problems == []
    assert (verdict.repeated, verdict.resent, verdict.doubtful, verdict.by_stop) == (1, 1, 2, [1, 1])
    assert overdrawn([verdict], len(STOPS), 1) == []
    assert strays([left], came) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(fault: str) -> None:
    put_in, told = FAULTS[fault]
    left, came = put_in(all_well())
    assert any(told in problem for problem in judge(left, AUDIENCE, came, STOPS).problems)


def test_whoever_asks_first_may_repeat_to_nobody() -> None:
    left, came = all_well("ask")
    [problem] = judge(left, AUDIENCE, came, STOPS).problems
    assert "asked first" in problem


def test_no_stop_may_leave_more_in_doubt_than_the_window() -> None:
    left, came = with_row(with_row(all_well(), 0, status="unknown"), 1, status="unknown")
    verdict = judge(left, AUDIENCE, came, STOPS)
    assert verdict.by_stop == [3, 1]
    assert len(overdrawn([verdict], 2, 2)) == 1  # four are in doubt in all: as many as may be, but three at once
    assert len(overdrawn([verdict], 2, 1)) == 2
    assert overdrawn([verdict], 2, 3) == []
    assert len(overdrawn([verdict, verdict], 2, 3)) == 2  # the worker has one window for all that it sends


def test_messages_that_nobody_owes_are_found() -> None:
    left, came = all_well()
    assert len(strays([left], {**came, (1, "sendMessage", b"hello 2"): [9.0]})) == 1


def send(account: Account, chat: int) -> int:
    """The status of the answer; 429 comes with the seconds to wait."""
    body = msgspec.json.encode({"chat_id": chat, "text": "hello"})
    answer = account.through(0, "/bot1:A/sendMessage", body)
    status = int(answer[9:12])
    told = msgspec.json.decode(answer.partition(b"\r\n\r\n")[2])
    assert told["ok"] == (status == 200)
    return int(told["parameters"]["retry_after"]) if status == 429 else 0


def test_the_stand_in_refuses_one_more_than_the_rate() -> None:
    account = Account(limits=Limits(rate=30))
    assert [send(account, chat) for chat in range(31)] == [0] * 30 + [1]
    assert (len(account.came), len(account.turned)) == (30, 1)


def test_the_stand_in_refuses_a_second_message_to_a_chat() -> None:
    account = Account(limits=Limits(chat_gap=1.0))
    assert [send(account, 7), send(account, 8), send(account, 7)] == [0, 0, 1]


def test_the_stand_in_rests_when_told_to() -> None:
    account = Account()
    account.throttle(5)
    assert [send(account, 7), send(account, 8)] == [5, 5]
    assert account.came == []


def test_the_most_within_a_second_is_counted_over_any_window() -> None:
    assert most_in_a_second([0.0, 0.5, 0.9, 1.0, 1.4, 3.0]) == 4
    assert most_in_a_second([]) == 0


def test_a_rate_below_the_bar_and_a_refusal_are_problems() -> None:
    options, turned = RateOptions(limit=30, recipients=300), [Turned(1.0, 7, 0)]
    good = Paced(300, 28.6, 30, 0.0, {})
    assert rate_problems(options, good, [], None) == []
    assert len(rate_problems(options, replace(good, rate=28.4), turned, None)) == 2
    assert len(rate_problems(options, replace(good, messages=299), [], None)) == 1


def test_a_silence_is_as_long_as_asked_and_of_one_account_only() -> None:
    options = RateOptions(limit=30, recipients=2, unprovoked=5)
    came = [Came(at, 7, "sendMessage", b"", 0) for at in (9.0, 10.1, 15.3)]
    paced = Paced(2, 1.0, 1, 0.0, {})
    silence = silence_of(5, 10.0, came, [Turned(10.0, 7, 0), Turned(10.2, 7, 1)], others=40)
    assert (silence.stragglers, round(silence.settled, 3), round(silence.lasted, 3)) == (2, 0.2, 5.3)
    assert rate_problems(options, paced, [], silence) == []
    for worse in (replace(silence, lasted=4.9), replace(silence, lasted=6.5), replace(silence, others=0)):
        assert len(rate_problems(options, paced, [], worse)) == 1
    too_fast = [Turned(at, 7, 0) for at in (3.0, 10.0, 10.1, 10.2)]
    assert len(rate_problems(options, paced, too_fast[1:], silence)) == 0
    assert len(rate_problems(options, paced, too_fast, silence)) == 1


def test_answers_under_load_are_held_to_both_bars() -> None:
    idle = Answers("idle", 100, 40, 60, 80, 90, 0, 0, 0, 60.0)
    loaded = Answers("broadcast", 100, 60, 100, 200, 300, 0, 0, 1650, 60.0)
    options = ReplyOptions()
    assert reply_problems(options, idle, loaded) == []
    worse = [replace(loaded, p99=1001.0), replace(loaded, p99=241.0), replace(loaded, broadcast=900)]
    assert [len(reply_problems(options, idle, one)) for one in worse] == [2, 1, 1]
    assert len(reply_problems(options, replace(idle, unanswered=1), loaded)) == 1


def test_speed_and_memory_are_held_to_their_bars() -> None:
    options = SpeedOptions(recipients=100)
    pair = (Round("floor", 1000, 100, 0.1, 0.0, 100), Round("ours", 600, 200, 0.1, 0.5, 100))
    assert speed_problems(options, [pair], 0.60, "postgresql", 100.0) == []
    assert len(speed_problems(options, [pair], 0.59, "postgresql", 121.0)) == 2
    assert speed_problems(options, [pair], 0.59, "sqlite", 0.0) == []
    assert len(speed_problems(options, [(pair[0], replace(pair[1], sent=99))], 0.60, "sqlite", 0.0)) == 1

"""The only sender: order for each person, side by side for many, what follows from each failure. In virtual time."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.channels.base import (
    Capabilities,
    Misconfigured,
    NotSent,
    Payload,
    Rejected,
    SendError,
    Throttled,
    Unknown,
    Unreachable,
)
from bot.messages import Address
from bot.services.courier import MARKED_WITHIN, Courier
from bot.services.outcomes import AWAY, DOUBTS, TRIES
from bot.services.pacing import LATE, Pace
from bot.services.turn_values import Owed
from tests.fakes.channel import FAST, FakeChannel
from tests.virtual import in_virtual_time, passed

MAI, LAN = Address("fake", "mai"), Address("fake", "lan")


class Book:
    """A ledger on paper: what was marked, and when it was asked to write it down."""

    def __init__(self) -> None:
        self.status: dict[int, str] = {}
        self.attempts: dict[int, int] = {}
        self.farewells: list[int] = []
        self.addresses: list[tuple[str, str]] = []
        self.questions: list[tuple[str, int, str]] = []
        self.flushed: list[float] = []

    def mark(self, statement: str, *row: object) -> None:
        delivery = int(str(row[-1]))
        if statement == "farewell":
            self.farewells.append(delivery)
        else:
            assert delivery not in self.status, "marked once only"
            self.status[delivery], self.attempts[delivery] = str(row[0]), int(str(row[1]))

    def flush(self) -> None:
        self.flushed.append(asyncio.get_running_loop().time())

    def stamp(self) -> object:
        return asyncio.get_running_loop().time()

    def address_changed(self, to: Address, status: str) -> None:
        self.addresses.append((to.id, status))

    def question_sent(self, to: Address, delivery: int, message_id: str) -> None:
        self.questions.append((to.id, delivery, message_id))


class Post:
    """A courier at work, its channel and its ledger. `start` is when it all began."""

    def __init__(self, capabilities: Capabilities = FAST, latency: float = 1.0) -> None:
        self.channel, self.book = FakeChannel(capabilities=capabilities, latency=latency), Book()
        self.courier = Courier({"fake": self.channel}, {"fake": Pace(self.channel.capabilities)})
        self.courier.start(self.book)
        self.start, self._ids = asyncio.get_running_loop().time(), 0

    def owe(self, to: Address, *texts: str, question: bool = False, farewell: bool = False) -> list[int]:
        """Owe *texts* to somebody; their ids."""
        ids = list(range(self._ids + 1, self._ids + 1 + len(texts)))
        self._ids += len(texts)
        payloads = [Payload("send", json.dumps({"to": to.id, "text": text}).encode()) for text in texts]
        owed = [Owed(i, to, p, 1, question, farewell) for i, p in zip(ids, payloads, strict=True)]
        self.courier.owe(owed)
        return ids

    def times(self, to: Address) -> list[float]:
        """When each call to somebody was made, in seconds from the start."""
        return [round(call.at - self.start, 2) for call in self.channel.calls if call.to == to.id]


@in_virtual_time
async def test_one_person_is_sent_to_in_order_and_many_side_by_side() -> None:
    post = Post()
    post.owe(MAI, "1", "2")
    post.owe(LAN, "a")
    post.owe(MAI, "3")
    await passed(2.5)
    assert post.channel.texts("mai") == ["1", "2"]
    assert (post.times(MAI), post.times(LAN)) == ([0, 1, 2], [0])
    await passed(1)
    assert post.courier.waiting() == 0
    assert set(post.book.status.values()) == {"sent"}


@in_virtual_time
async def test_what_was_owed_before_the_start_goes_out_then() -> None:
    channel, book = FakeChannel(), Book()
    courier = Courier({"fake": channel}, {"fake": Pace(channel.capabilities)})
    courier.owe([Owed(1, MAI, Payload("send", b'{"to":"mai","text":"x"}'))])
    await passed(1)
    assert channel.calls == []
    courier.start(book)
    await passed(1)
    assert book.status == {1: "sent"}


@in_virtual_time
async def test_the_account_keeps_its_rate_and_each_chat_its_gap() -> None:
    post = Post(Capabilities(True, True, 4096, 10, timedelta(seconds=1)), latency=0.01)
    people = [Address("fake", str(n)) for n in range(30)]
    for person in people:
        post.owe(person, "một", "hai")
    await passed(10)
    times = sorted(call.at for call in post.channel.calls)
    assert len(times) == 60
    assert all(later - at > 0.099 - LATE for at, later in pairwise(times))
    assert times[-1] - times[0] > 58 * 0.1
    assert times[-1] - times[0] < 7.1
    for person in people:
        first, second = post.times(person)
        assert second - first > 0.99


@pytest.mark.parametrize(("error", "rest"), [(Throttled(30), 30), (Misconfigured("401"), AWAY.total_seconds())])
def test_an_account_that_must_rest_sends_to_nobody_and_then_the_same_again(error: SendError, rest: float) -> None:
    @in_virtual_time
    async def test() -> None:
        post = Post(Capabilities(True, True, 4096, 2, timedelta()), latency=0.1)
        post.channel.fail("mai", error)
        [first] = post.owe(MAI, "xin chào")
        others = [Address("fake", str(n)) for n in range(20)]
        for other in others:  # their slots are taken already when the account is told to rest
            post.owe(other, "chào")
        await passed(rest - 0.5)
        assert len(post.channel.calls) == 1
        await passed(15)
        assert post.channel.texts("mai") == ["xin chào"]
        assert all(post.times(other)[0] >= rest for other in others)
        assert post.book.attempts[first] == 1, "an account at rest is no fault of the message"

    test()


@in_virtual_time
async def test_what_never_left_is_tried_again_ever_later_until_it_is_given_up() -> None:
    post = Post(latency=0)
    post.channel.fail("mai", *[NotSent("refused")] * TRIES)
    first, second = post.owe(MAI, "1", "2")
    await passed(1000)
    assert post.times(MAI)[:TRIES] == [2.0**n - 2 for n in range(1, TRIES + 1)]
    assert post.book.status == {first: "failed", second: "sent"}
    assert post.book.attempts[first] == TRIES


@in_virtual_time
async def test_nobody_else_waits_for_what_is_tried_again() -> None:
    post = Post(latency=0)
    post.channel.fail("mai", NotSent("refused"))
    post.owe(MAI, "1")
    post.owe(LAN, "a")
    await passed(1)
    assert post.channel.texts("lan") == ["a"]


@in_virtual_time
async def test_a_doubtful_reply_is_sent_again_but_not_for_ever() -> None:
    post = Post(latency=0)
    post.channel.fail("mai", *[Unknown("timed out")] * 99)
    [first] = post.owe(MAI, "1")
    await passed(1000)
    assert len(post.times(MAI)) == DOUBTS
    assert post.book.status == {first: "unknown"}


@in_virtual_time
async def test_who_cannot_be_reached_gets_nothing_more_of_what_is_queued() -> None:
    post = Post()
    post.channel.fail("mai", Unreachable("blocked by the user"))
    ids = post.owe(MAI, "1", "2", "3")
    post.owe(LAN, "a")
    await passed(5)
    assert {post.book.status[i] for i in ids} == {"blocked"}
    assert len(post.times(MAI)) == 1
    assert post.book.addresses == [("mai", "blocked")]
    assert post.channel.texts("lan") == ["a"]
    post.owe(MAI, "4")
    await passed(5)
    assert post.channel.texts("mai") == ["4"], "they wrote again"


@in_virtual_time
async def test_what_is_refused_or_breaks_does_not_hold_up_the_next() -> None:
    post = Post()
    post.channel.fail("mai", Rejected("bad"), ValueError("a fault of ours"))
    ids = post.owe(MAI, "1", "2", "3")
    await passed(5)
    assert [post.book.status[i] for i in ids] == ["failed", "failed", "sent"]


@in_virtual_time
async def test_a_channel_that_was_switched_off_fails_what_is_owed_there() -> None:
    post = Post()
    post.courier.owe([Owed(7, Address("gone", "1"), Payload("send", b"{}"))])
    await passed(1)
    assert post.book.status == {7: "failed"}


@in_virtual_time
async def test_marks_are_written_within_a_moment_many_at_once() -> None:
    post = Post(latency=0)
    for n in range(50):
        post.owe(Address("fake", str(n)), "x")
    await passed(1)
    assert len(post.book.flushed) == 1
    assert post.book.flushed[0] - post.start <= MARKED_WITHIN + 0.001
    post.owe(MAI, "y")
    await passed(1)
    assert len(post.book.flushed) == 2


@in_virtual_time
async def test_the_ledger_learns_which_message_bears_the_question() -> None:
    post = Post()
    [first] = post.owe(MAI, "?", question=True)
    await passed(2)
    assert post.book.questions == [("mai", first, "1")]


@in_virtual_time
async def test_a_goodbye_is_emptied_once_it_is_settled() -> None:
    post = Post()
    post.channel.fail("lan", Unreachable(""))
    ids = post.owe(MAI, "tạm biệt", farewell=True) + post.owe(LAN, "tạm biệt", farewell=True)
    await passed(2)
    assert post.book.farewells == ids


@in_virtual_time
async def test_taking_buttons_off_is_tried_once_and_kept_in_no_ledger() -> None:
    post = Post()
    post.channel.fail("mai", NotSent("refused"))
    post.courier.owe([Owed(0, MAI, Payload("close", b'{"to":"mai"}'))])
    post.owe(MAI, "1")
    await passed(5)
    assert post.book.status == {1: "sent"}
    assert [call.method for call in post.channel.calls] == ["close", "send"]


@in_virtual_time
async def test_closing_waits_for_what_is_in_flight_and_sends_nothing_new() -> None:
    post = Post()
    first, second = post.owe(MAI, "1", "2")
    post.channel.fail("lan", NotSent("refused"))
    [waits] = post.owe(LAN, "a")
    await passed(0.5)
    await post.courier.close()
    assert post.book.status == {first: "sent", second: "queued", waits: "queued"}, "taken up at the next start"
    assert post.book.attempts == {first: 1, second: 0, waits: 1}, "tries that were made"


@in_virtual_time
async def test_closing_does_not_wait_for_ever() -> None:
    post = Post()
    post.channel.hang("mai")
    post.owe(MAI, "1")
    await passed(0.5)
    await post.courier.close()
    assert post.book.status == {}
    assert asyncio.get_running_loop().time() - post.start < 30

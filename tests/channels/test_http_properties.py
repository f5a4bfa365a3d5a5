"""Whatever happens in whatever order: the HTTP client loses no slot and gives nobody another's answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.http import Broken, HttpClient, Refused
from tests.channels.http_origin import Line, Origin, Stage, answer, ask, chunked, is_whole, rounds

NOW = 1e-9
"""Seconds to wait for an answer that cannot come in time."""


class Storm:
    """Posts, cancellations and faults of the server, in the order that they are called for."""

    def __init__(self, origin: Origin, client: HttpClient) -> None:
        self.origin, self.client = origin, client
        self.posts: list[asyncio.Task[tuple[int, bytes]]] = []
        origin.behave = origin.hold

    def post(self, _: int) -> None:
        self.posts.append(ask(self.client, b"post %d" % len(self.posts)))

    def post_in_haste(self, _: int) -> None:
        self.posts.append(ask(self.client, b"post %d" % len(self.posts), read_seconds=NOW))

    def cancel(self, which: int) -> None:
        if self.posts:
            self.posts[which % len(self.posts)].cancel()

    def hand_on(self, which: int) -> None:
        """One is cancelled in the very step in which another ends."""
        if self.posts:
            other = self.posts[which // 7 % len(self.posts)]
            self.posts[which % len(self.posts)].add_done_callback(lambda _: other.cancel())

    def _held(self, which: int) -> tuple[Line, bytes]:
        """Of the requests that wait for an answer, one; of those on the same connection the first."""
        return self.origin.held.pop(which % len(self.origin.held))

    def reply(self, which: int) -> None:
        if self.origin.held:
            line, body = self._held(which)
            wires = (answer(b"=" + body), chunked(b"=", body), answer(b"", status=100) + answer(b"=" + body))
            line.write(wires[which % 3])

    def reply_and_close(self, which: int) -> None:
        if self.origin.held:
            line, body = self._held(which)
            line.write(answer(b"=" + body, *([b"Connection: close"] * (which % 2))))
            line.hang_up()

    def reply_twice(self, which: int) -> None:
        if self.origin.held:
            line, body = self._held(which)
            line.write(answer(b"=" + body) + answer(b"poison")[: 1 + which * 5])

    def babble(self, which: int) -> None:
        if self.origin.held:
            self._held(which)[0].write(b"\x00garbage"[which % 2 :])

    def hang_up(self, which: int) -> None:
        if self.origin.lines:
            self.origin.lines[which % len(self.origin.lines)].hang_up()

    def turn_cross(self, which: int) -> None:
        self.origin.is_cross = which % 3 == 0

    async def speak_unasked(self, which: int) -> None:
        await rounds()  # what is on its way arrives: an answer before its request can't be told from the true one
        busy = {line for line, _ in self.origin.held}
        idle = [line for line in self.origin.lines if line not in busy]
        if idle:
            idle[which % len(idle)].write(answer(b"poison"))
        await rounds()

    async def pass_time(self, which: int) -> None:
        await rounds(which % 6)

    async def calm(self) -> None:
        """The server is good from now on. Every post has its own answer, or an error that says what is known."""
        self.origin.is_cross = False
        self.origin.release()
        for n, end in enumerate(await asyncio.gather(*self.posts, return_exceptions=True)):
            assert end == (200, b"=post %d" % n) or isinstance(end, Refused | Broken | asyncio.CancelledError), (n, end)
        assert len(self.origin.seen) == len(set(self.origin.seen)), "one was sent twice"


STEPS: list[Callable[[Storm, int], object]] = [
    Storm.post, Storm.post, Storm.post, Storm.post_in_haste, Storm.cancel, Storm.hand_on, Storm.reply, Storm.reply,
    Storm.reply_and_close, Storm.reply_twice, Storm.babble, Storm.hang_up, Storm.turn_cross, Storm.speak_unasked,
    Storm.pass_time, Storm.pass_time,
]  # fmt: skip
steps = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 20)), max_size=40)


async def endure(origin: Origin, limit: int, storm_steps: list[tuple[Callable[[Storm, int], object], int]]) -> None:
    async with origin.client(limit=limit) as client:
        storm = Storm(origin, client)
        for step, which in storm_steps:
            waits = step(storm, which)
            if asyncio.iscoroutine(waits):
                await waits
        await storm.calm()
        await rounds()
        await is_whole(client, origin, limit)
        assert len(origin.lines) <= limit


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
@settings(max_examples=100, deadline=None)
@given(limit=st.integers(1, 3), storm_steps=steps)
def test_no_slot_is_lost_and_no_answer_crosses(
    loop: Callable[[], asyncio.AbstractEventLoop],
    limit: int,
    storm_steps: list[tuple[Callable[[Storm, int], object], int]],
) -> None:
    Stage(loop, None).play(lambda origin: endure(origin, limit, storm_steps))


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
@settings(max_examples=30, deadline=None)
@given(limit=st.integers(1, 3), storm_steps=steps)
def test_nor_over_tls(
    certificate: Path,
    loop: Callable[[], asyncio.AbstractEventLoop],
    limit: int,
    storm_steps: list[tuple[Callable[[Storm, int], object], int]],
) -> None:
    Stage(loop, certificate).play(lambda origin: endure(origin, limit, storm_steps))

"""What the lean HTTP client takes for an answer, and what it doesn't."""

from __future__ import annotations

import pytest

from bot.channels.http import MAX_ANSWER, Broken
from tests.channels.http_origin import Line, Origin, Stage, answer, ask, chunked, is_whole, rounds

ANSWERS = {
    "in chunks": (chunked(b"xin ", b"chao"), (200, b"xin chao"), True),
    "after 100": (b"HTTP/1.1 100 Continue\r\n\r\n" + answer(b"a"), (200, b"a"), True),
    "after 103 and 102": (answer(b"", status=103) + answer(b"", status=102) + answer(b"a"), (200, b"a"), True),
    "empty": (answer(b""), (200, b""), True),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", (204, b""), True),
    "an error": (answer(b"{}", b"Retry-After: 5", status=429), (429, b"{}"), True),
    "offers an upgrade": (answer(b"a", b"Connection: Upgrade, keep-alive", b"Upgrade: h2c"), (200, b"a"), True),
    "Connection: close": (answer(b"a", b"Connection: close"), (200, b"a"), False),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", (200, b"a"), False),
    "two at once": (answer(b"a") + answer(b"poison"), (200, b"a"), False),
    "one and a half": (answer(b"a") + answer(b"poison")[:40], (200, b"a"), False),
    "and a letter": (answer(b"a") + b"H", (200, b"a"), False),
    "and garbage": (answer(b"a") + b"\x00\xff", (200, b"a"), False),
}


@pytest.mark.parametrize("case", ANSWERS)
@pytest.mark.parametrize("in_bytes", [False, True], ids=["at once", "byte by byte"])
def test_answer(stage: Stage, case: str, in_bytes: bool) -> None:
    wire, expected, is_kept = ANSWERS[case]

    async def story(origin: Origin) -> None:
        async with origin.client() as client:
            origin.behave = origin.hold
            task, waiting = ask(client, b"a"), ask(client, b"b")
            await origin.until(lambda: len(origin.held) == 1)
            line, _ = origin.held.pop()
            if not in_bytes:
                line.write(wire)
            elif is_kept:
                await line.dribble(wire)
            else:  # what comes apart from the answer could be the next one's
                line.write(wire[: wire.index(b"\r\n\r\n") + 4])
                await rounds()
                line.write(wire[wire.index(b"\r\n\r\n") + 4 :])
            assert await task == expected
            await origin.until(lambda: len(origin.held) == 1)
            origin.release()
            assert await waiting == (200, b"=b")
            assert origin.made == (1 if is_kept else 2)

    stage.play(story)


ENDLESS = b"x" * (MAX_ANSWER // 2)
FAULTS = {
    "garbage": b"\x16\x03\x01\x02\x00\xff" * 9,
    "HTML": b"<html>502 Bad Gateway</html>",
    "a request": b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\naa",
    "length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"1\r\na\r\n0\r\n\r\n",
    "bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\na\r\n0\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
    "too big": answer(b"x" * (MAX_ANSWER + 1)),
    "too big in chunks": chunked(ENDLESS, ENDLESS, b"x"),
    "endless headers": b"HTTP/1.1 200 OK\r\nServer: " + ENDLESS + ENDLESS + b"\r\n",
    "endless 100": b"HTTP/1.1 100 Continue\r\n\r\n" * (MAX_ANSWER // 20),
}


@pytest.mark.parametrize("case", FAULTS)
def test_no_answer_of_ours(stage: Stage, case: str) -> None:
    async def story(origin: Origin) -> None:
        async with origin.client() as client:
            origin.behave = lambda line, body: line.write(FAULTS[case])
            with pytest.raises(Broken):
                await ask(client, b"a")
            await is_whole(client, origin, 1)

    stage.play(story)


@pytest.mark.parametrize("wire", [b"", answer(b"abc")[:-1], b"HTTP/1.1 200 OK\r\n\r\nabc", chunked(b"abc")[:-3]])
def test_half_an_answer_is_none(stage: Stage, wire: bytes) -> None:
    def cut_off(line: Line, body: bytes) -> None:
        line.write(wire)
        line.hang_up()

    async def story(origin: Origin) -> None:
        async with origin.client() as client:
            origin.behave = cut_off
            with pytest.raises(Broken):
                await ask(client, b"a")
            await is_whole(client, origin, 1)

    stage.play(story)


@pytest.mark.parametrize("wire", [b"\r\n", b"H", answer(b"poison"), answer(b"", status=408)])
def test_what_nobody_asked_for_ends_the_connection(stage: Stage, wire: bytes) -> None:
    async def story(origin: Origin) -> None:
        async with origin.client() as client:
            await ask(client, b"a")
            origin.lines[0].write(wire)
            await rounds()
            assert await ask(client, b"b") == (200, b"=b")
            assert origin.made == 2
            await is_whole(client, origin, 1)

    stage.play(story)

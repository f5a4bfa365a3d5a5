"""The lean HTTP client's connections: who gets one, in which order, and what becomes of it."""

from __future__ import annotations

import asyncio

import psutil
import pytest

from bot.channels.http import Broken, HttpClient, Refused
from tests.channels.http_origin import Line, Origin, answer, ask, echo, is_whole, jammed_port, rounds, staged


@staged
async def test_many_at_once_share_few_connections_and_get_their_own_answers(origin: Origin) -> None:
    async with origin.client(limit=3) as client:
        answers = await asyncio.gather(*(ask(client, b"%d" % n) for n in range(60)))
        assert answers == [(200, b"=%d" % n) for n in range(60)]
        assert origin.made == origin.most == 3


@staged
async def test_who_waits_is_served_in_turn(origin: Origin) -> None:
    async with origin.client(limit=2) as client:
        tasks = [ask(client, b"%02d" % n) for n in range(20)]
        await asyncio.gather(*tasks)
        assert origin.seen[2:] == [b"%02d" % n for n in range(2, 20)]


@staged
async def test_one_that_asks_again_and_again_starves_nobody(origin: Origin) -> None:
    async with origin.client() as client:

        async def insist() -> None:
            for _ in range(10):
                await client.post(client.head("/"), b"greedy")

        await asyncio.gather(asyncio.create_task(insist()), ask(client, b"patient"))
        assert origin.seen.index(b"patient") == 1


@staged
async def test_connection_closed_while_idle_is_replaced_unseen(origin: Origin) -> None:
    async with origin.client() as client:
        for n in range(3):
            assert await ask(client, b"%d" % n) == (200, b"=%d" % n)
            origin.lines[0].hang_up()
            await rounds()
        assert (origin.made, origin.seen) == (3, [b"0", b"1", b"2"])
        await is_whole(client, origin, 1)


@staged
async def test_connection_closed_instead_of_an_answer_leaves_doubt(origin: Origin) -> None:
    async with origin.client() as client:
        for is_warm in (False, True):
            if is_warm:
                origin.behave = echo
                await ask(client, b"warm")
            origin.behave = lambda line, body: line.hang_up()
            with pytest.raises(Broken):
                await ask(client, b"a")
        assert origin.seen == [b"a", b"warm", b"a"]  # and nothing was sent twice
        await is_whole(client, origin, 1)


@staged
async def test_refused_until_the_server_is_back(origin: Origin) -> None:
    async with origin.client(limit=2) as client:
        await origin.stop()
        for error in await asyncio.gather(*(ask(client, b"a") for _ in range(7)), return_exceptions=True):
            assert isinstance(error, Refused)
        await origin.start()
        await is_whole(client, origin, 2)


@staged
async def test_no_connection_in_time_is_refused(origin: Origin) -> None:
    with jammed_port() as port:
        async with origin.client_of(port, connect_seconds=0.03) as client:
            tasks = [ask(client, b"a") for _ in range(3)]
            for error in await asyncio.gather(*tasks, return_exceptions=True):
                assert isinstance(error, Refused)


@staged
async def test_cancelled_while_connecting_leaves_its_place_to_the_next(origin: Origin) -> None:
    with jammed_port() as port:
        async with origin.client_of(port, connect_seconds=0.03) as client:
            first, second = ask(client, b"a"), ask(client, b"b")
            await rounds(3)
            first.cancel()
            with pytest.raises(Refused):
                await second


@staged
async def test_certificate_of_somebody_else_is_refused(origin: Origin) -> None:
    async with HttpClient(f"https://127.0.0.1:{origin.port}", connect_seconds=0.3) as client:
        with pytest.raises(Refused):
            await ask(client, b"a")
    assert origin.seen == []


@staged
async def test_late_answer_is_nobodys(origin: Origin) -> None:
    async with origin.client() as client:
        origin.behave = origin.hold
        with pytest.raises(Broken, match="in time"):
            await ask(client, b"late", read_seconds=0.01)
        next_one = ask(client, b"next")
        await origin.until(lambda: len(origin.held) == 2)
        origin.release()
        assert await next_one == (200, b"=next")


@staged
async def test_time_of_one_answered_is_no_limit_for_the_next(origin: Origin) -> None:
    async with origin.client() as client:
        await ask(client, b"first", read_seconds=0.05)
        origin.behave = origin.hold
        second = ask(client, b"second")
        assert not (await asyncio.wait([second], timeout=0.1))[0]
        origin.release()
        assert await second == (200, b"=second")


@staged
async def test_server_that_hangs_keeps_no_connection_of_ours(origin: Origin) -> None:
    async with origin.client() as client:
        await ask(client, b"warm")
        origin.lines[0].hang()  # so that over TLS it takes no leave either
        before = psutil.Process().num_fds()
        with pytest.raises(Broken):
            await ask(client, b"a", read_seconds=0.01)
        await rounds()
        assert psutil.Process().num_fds() < before
        assert await ask(client, b"b") == (200, b"=b")
    origin.abort()


@staged
async def test_cancelled_in_flight_takes_its_connection_with_it(origin: Origin) -> None:
    async with origin.client() as client:
        await ask(client, b"warm")
        origin.behave = origin.hold
        first = ask(client, b"first")
        await origin.until(lambda: len(origin.held) == 1)
        first.cancel()
        second = ask(client, b"second")
        await origin.until(lambda: len(origin.held) == 2)
        origin.release()
        assert await second == (200, b"=second")
        assert origin.made == 2
        await is_whole(client, origin, 1)


@staged
async def test_who_is_cancelled_as_its_turn_comes_passes_it_on(origin: Origin) -> None:
    async with origin.client() as client:

        async def first() -> None:
            await client.post(client.head("/"), b"first")
            second.cancel()  # its turn has come, but it has not run since

        holder = asyncio.create_task(first())
        await rounds(1)
        second, third = ask(client, b"second"), ask(client, b"third")
        async with asyncio.timeout(5):
            await holder
            assert await third == (200, b"=third")
        assert second.cancelled()
        assert origin.seen == [b"first", b"third"]
        await is_whole(client, origin, 1)


@staged
async def test_cancelled_while_waiting_is_passed_over(origin: Origin) -> None:
    async with origin.client() as client:
        tasks = [ask(client, b"%d" % n) for n in range(4)]
        await rounds(1)
        tasks[1].cancel()
        tasks[2].cancel()
        assert await tasks[3] == (200, b"=3")
        assert origin.seen == [b"0", b"3"]
        await is_whole(client, origin, 1)


@staged
async def test_hung_up_right_after_the_answer(origin: Origin) -> None:
    # The next one may have been written by then: it is answered elsewhere, or in doubt; and later ones aren't.
    def answer_and_leave(line: Line, body: bytes) -> None:
        echo(line, body)
        line.hang_up()
        origin.behave = echo

    async with origin.client() as client:
        origin.behave = answer_and_leave
        tasks = [ask(client, b"%d" % n) for n in range(3)]
        first, second, third = await asyncio.gather(*tasks, return_exceptions=True)
        assert first == (200, b"=0")
        assert second == (200, b"=1") or isinstance(second, Broken)
        assert third == (200, b"=2")
        await is_whole(client, origin, 1)


@staged
async def test_hung_up_at_once_is_refused_or_in_doubt(origin: Origin) -> None:
    async with origin.client(limit=2) as client:
        origin.is_cross = True
        for error in await asyncio.gather(*(ask(client, b"a") for _ in range(5)), return_exceptions=True):
            assert isinstance(error, Refused | Broken)
        origin.is_cross = False
        await is_whole(client, origin, 2)


@staged
async def test_cold_connection_is_not_used_again(origin: Origin) -> None:
    async with origin.client(keep_seconds=0) as client:
        for n in range(3):
            assert await ask(client, b"%d" % n) == (200, b"=%d" % n)
        assert origin.made == 3
        await origin.until(lambda: len(origin.lines) == 1)


@staged
async def test_warm_connection_goes_before_a_new_one(origin: Origin) -> None:
    async with origin.client(limit=2) as client:
        await is_whole(client, origin, 2)
        origin.behave = lambda line, body: line.write(answer(b"", b"Connection: close"))
        await ask(client, b"a")
        origin.behave = echo
        await ask(client, b"b")
        assert origin.made == 2
        await is_whole(client, origin, 2)


@staged
async def test_closing_ends_what_is_in_flight_and_what_waits(origin: Origin) -> None:
    client = origin.client()
    origin.behave = origin.hold
    in_flight, waiting, cancelled = ask(client, b"a"), ask(client, b"b"), ask(client, b"c")
    await origin.until(lambda: len(origin.held) == 1)
    cancelled.cancel()
    await client.close()
    with pytest.raises(Broken):
        await in_flight
    for late in (waiting, ask(client, b"d")):
        with pytest.raises(Refused):
            await late
    await client.close()
    assert (origin.seen, origin.made) == ([b"a"], 1)


@staged
async def test_closing_does_not_leave_waiting_who_waits_for_one_that_connects(origin: Origin) -> None:
    with jammed_port() as port:
        client = origin.client_of(port)
        connecting, waiting = ask(client, b"a"), ask(client, b"b")
        await rounds(3)
        await client.close()
        with pytest.raises(Refused):
            await waiting
        assert not connecting.done()
        connecting.cancel()
        await asyncio.wait([connecting])


@staged
async def test_closing_while_a_connection_is_made(origin: Origin) -> None:
    client = origin.client(limit=2)
    tasks = [ask(client, b"%d" % n) for n in range(4)]
    await rounds(1)
    await client.close()
    for error in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(error, Refused)
    assert origin.seen == []


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.telegram.org", b"api.telegram.org"),
        ("http://a:b@127.0.0.1:81", b"127.0.0.1:81"),
        ("http://[::1]:81", b"[::1]:81"),
    ],
)
def test_head_names_the_host(url: str, host: bytes) -> None:
    assert b"\r\nHost: %b\r\n" % host in HttpClient(url).head("/x")

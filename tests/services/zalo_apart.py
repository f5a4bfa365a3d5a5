"""A fake Zalo in a thread of its own, for processes that are forked, and killed; and the forking of them."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Self, TypeVar

from tests.fakes.zalo.app import FakeZalo
from tests.fakes.zalo.clock import Time

T = TypeVar("T")


class Apart:
    """Serves from entering until leaving."""

    def __init__(self, clock: Time) -> None:
        self.zalo = FakeZalo(clock=clock)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="zalo")

    def __enter__(self) -> Self:
        self._thread.start()
        self.run(self.zalo.start())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self.zalo.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Let the fake's loop do *work*, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def do(self, act: Callable[[FakeZalo], T]) -> T:
        """Call *act* in the fake's thread."""

        async def work() -> T:
            return act(self.zalo)

        return self.run(work())


class Mortal(Coroutine[Any, Any, Any]):
    """A coroutine every resumption of which is counted, with those of all others: at the fatal one the process is
    killed."""

    steps, fatal = 0, 0

    def __init__(self, work: Awaitable[Any]) -> None:
        self._inner = work.__await__()

    def send(self, value: Any) -> Any:
        Mortal.steps += 1
        if Mortal.steps == Mortal.fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return next(self._inner) if value is None else self._inner.send(value)

    def throw(self, *error: Any) -> Any:
        return self._inner.throw(*error)

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._inner


def _mortal(loop: asyncio.AbstractEventLoop, coroutine: Any, **more: Any) -> asyncio.Task[Any]:
    is_ours = "/bot/services/" in getattr(getattr(coroutine, "cr_code", None), "co_filename", "")
    return asyncio.Task(Mortal(coroutine) if is_ours else coroutine, loop=loop, **more)


def forked(work: Callable[[], Coroutine[Any, Any, None]], fatal: int = 0) -> int:
    """The process that runs *work*, and is killed at the *fatal* resumption of what our services do in it."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        Mortal.steps, Mortal.fatal = 0, fatal
        with asyncio.Runner() as runner:
            runner.get_loop().set_task_factory(_mortal)
            runner.run(work())
        code = 0
    finally:
        os._exit(code)


def reached_its_end(child: int) -> bool:
    """Whether the process *child* came to its end rather than to its fatal step."""
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0, "it failed by itself: see above"
    return not os.WIFSIGNALED(status)

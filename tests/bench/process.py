"""Bots as real processes: started, waited for, killed, and brought back on the same port."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.bench.delivery import SECRET

ROOT = Path(__file__).parent.parent.parent
TOKEN = "123456789:BENCH"
STARTS_WITHIN = 60.0


class Process:
    """One command that says *sign* on its standard output once it serves. Its stderr goes to a file in *folder*."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path, *, sign: str,
        core: int | None = None,
    ) -> None:  # fmt: skip
        self._command, self._folder, self._sign, self._core = command, folder, sign, core
        self._environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **environment}
        self._process: asyncio.subprocess.Process | None = None
        self._is_ready = False
        self.errors = folder / "stderr"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def spawn(self) -> None:
        """Start it, without waiting."""
        self._is_ready = False
        errors = os.open(self.errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, cwd=self._folder, env=self._environment, stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE, stderr=errors,
            )  # fmt: skip
        finally:
            os.close(errors)
        if self._core is not None:
            os.sched_setaffinity(self._process.pid, {self._core})

    async def ready(self) -> None:
        """Wait until it serves. RuntimeError with what it said when it ends instead."""
        assert self._process is not None
        assert self._process.stdout is not None
        if self._is_ready:
            return
        async with asyncio.timeout(STARTS_WITHIN):
            async for line in self._process.stdout:
                if self._sign.encode() in line:
                    self._is_ready = True
                    return
        raise RuntimeError(f"it did not start:\n{self.errors.read_text(errors='replace')[-2000:]}")

    async def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """As `systemctl stop` does, and wait until it is gone."""
        await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.send_signal(number)
        await self._process.wait()


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def our_bot(
    folder: Path, *, port: int, api: str, database: str = "", core: int | None = None, only: str = "",
    **variables: str,
) -> Process:  # fmt: skip
    """`bot run` with a webhook at *port*, unpaced, on a file in *folder* unless *database* names another.

    *only* is the part of it that runs ("courier"; "": all); *variables* (BOT_…) go before what is set here.
    """
    environment = {
        "BOT_HOST": "127.0.0.1",
        "BOT_PORT": str(port),
        "BOT_DATABASE_URL": database or f"sqlite:///{folder}/bot.db",
        "BOT_LOG": "warning",
    }
    if api:
        environment |= {
            "BOT_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "BOT_TELEGRAM_API": api,
            "BOT_TELEGRAM_TOKEN": TOKEN,
            "BOT_TELEGRAM_SECRET": SECRET,
            "BOT_TELEGRAM_RATE": "1000000",
            "BOT_TELEGRAM_CHAT_GAP": "0",
        }
    command = (sys.executable, "-m", "bot", "run", *(("--only", only) if only else ()))
    return Process(command, environment | variables, folder, sign="/health", core=core)

"""The machine under measurement: its cores and load, and what a process used of it (Linux: from /proc)."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from msgspec import Struct


class Usage(Struct, frozen=True):
    """Seconds that a process's threads ran, and that they could have run but had no core."""

    ran: float
    waited: float

    def since(self, before: Usage) -> Usage:
        return Usage(self.ran - before.ran, self.waited - before.waited)


class Cores(Struct, frozen=True):
    """Where the driver and the bot are: different cores if there are two."""

    driver: int
    bot: int

    def __str__(self) -> str:
        if self.driver == self.bot:
            return f"all on core {self.bot}: this machine has but one, so rates say little"
        return f"bot on core {self.bot}, driver and Bot API on core {self.driver}"


def cores() -> Cores:
    """The first two cores that we may use."""
    first = allowed()
    return Cores(first[0], first[1] if len(first) > 1 else first[0])


def allowed() -> list[int]:
    """The numbers of the cores that we may use."""
    return sorted(os.sched_getaffinity(0))


def load() -> str:
    """The load average of 1, 5 and 15 minutes."""
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def usage(pid: int) -> Usage:
    """Over all threads that live, to the nanosecond; (0, 0) for a process that is gone."""
    ran = waited = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):
            fields = task.read_text(encoding="ascii").split()
            ran, waited = ran + int(fields[0]), waited + int(fields[1])
    return Usage(ran / 1e9, waited / 1e9)


def peak_memory(pid: int) -> float:
    """The most MiB that the process ever held."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0

"""The bot as a process of its own, with a fresh database, as anybody would start it."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Bot:
    """`address` is where it listens, while it runs."""

    folder: Path
    address: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """Its own database, and a port that is free."""
        return {
            "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "BOT_PORT": "0", "BOT_LOG": "warning",
            "BOT_DATABASE_URL": f"sqlite:///{self.folder / 'bot.db'}", "PYTHONIOENCODING": "utf-8",
        }  # fmt: skip

    def command(self, *arguments: str) -> str:
        """What `bot ARGUMENTS` prints; it must end well."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments], cwd=self.folder, env=self.environment, capture_output=True,
            text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def quarter_of_an_hour_later(self) -> None:
        """Everybody was heard that much longer ago: who has just written isn't disturbed by a broadcast."""
        with closing(sqlite3.connect(self.folder / "bot.db")) as database, database:
            database.execute("UPDATE sessions SET seen_at = datetime(seen_at, '-15 minutes') || '.000000'")

    @contextmanager
    def running(self) -> Iterator[Bot]:
        """Run it, until the block ends."""
        log = (self.folder / "log.txt").open("w", encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE,
            stderr=log, text=True,
        )  # fmt: skip
        try:
            self.address = _address_told(process)
            yield self
        finally:
            process.terminate()
            process.communicate(timeout=30)
            log.close()


def _address_told(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://\S+(?=/health)", line):
            return found[0]
    raise AssertionError("the bot did not start")

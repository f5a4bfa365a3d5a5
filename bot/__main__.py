"""`python -m bot`: the only place that reads the clock and the environment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.cli.commands import commands
from bot.cli.shell import Shell

if TYPE_CHECKING:
    from bot.config import Settings


def _now() -> datetime:
    return datetime.now(UTC)


def _load_settings() -> Settings:
    from bot.config import load_settings

    return load_settings()


def main() -> None:
    """Run the command that the arguments name."""
    commands(prog_name="bot", obj=Shell(_now, _load_settings))


if __name__ == "__main__":
    main()

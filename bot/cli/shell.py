"""What every command is handed: the clock and the settings; and how faults are told: one line, exit code 1."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TextIO

import typer

from bot.speech import _

if TYPE_CHECKING:
    from bot.config import Settings


@dataclass(frozen=True, slots=True)
class Shell:
    """The world outside: the time, and the settings, read when a command asks for them (`SettingsError`)."""

    now: Callable[[], datetime]
    load_settings: Callable[[], Settings]


def now_of(context: typer.Context) -> Callable[[], datetime]:
    """The clock."""
    shell: Shell = context.obj
    return shell.now


def settings_of(context: typer.Context) -> Settings:
    """The settings; faults in them are printed, and the command ends."""
    from bot.config import SettingsError

    shell: Shell = context.obj
    with told_plainly(SettingsError):
        return shell.load_settings()


def today_of(context: typer.Context, settings: Settings, day: str = "") -> date:
    """The day asked for (*day*, ISO), else that of BOT_TODAY, else today in Hà Nội."""
    from zoneinfo import ZoneInfo

    if day:
        with told_plainly(ValueError):
            return _day(day)
    return settings.today or now_of(context)().astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("{text}: phải là một ngày, ví dụ 2027-01-01.").format(text=text)) from None


@contextmanager
def told_plainly(*faults: type[Exception]) -> Iterator[None]:
    """Print *faults* as what they say, without a traceback, and end the command with code 1."""
    try:
        yield
    except faults as fault:
        print(fault, file=sys.stderr)
        raise typer.Exit(1) from None


def print_json(value: Any, out: TextIO | None = None) -> None:
    """One line of JSON, letters as they are; to standard output unless told where."""
    import json

    print(json.dumps(value, ensure_ascii=False, default=str), file=out)

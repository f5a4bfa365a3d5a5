"""Reads what belongs to no dialog: the fixed phrases, and the commands that work everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.library.source import LibraryError, Problem, Source, load_yaml, source_of
from bot.library.table import Table


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A command: `words` are what people type for it, `slash` its names in channels that have such ("/menu").

    The first slash name is the one shown in a menu of commands, with `description`.
    """

    name: str
    words: tuple[str, ...]
    slash: tuple[str, ...] = ()
    description: str = ""
    line: int = 0


def load_phrases(dialogs: Path, problems: list[Problem]) -> dict[str, str]:
    """The phrases of `phrases.yaml` by key; none when there is no such file."""
    table = phrases_table(dialogs, problems)
    return table.named_texts() if table else {}


def phrase_lines(dialogs: Path) -> dict[str, int]:
    """Where each phrase stands in `phrases.yaml`."""
    table = phrases_table(dialogs, [])
    return {key: table.line_of(key) for key in table.keys()} if table else {}  # noqa: SIM118 - a Table is no dict


def phrases_table(dialogs: Path, problems: list[Problem]) -> Table | None:
    """The mapping of key to phrase, which knows their lines."""
    return _table_at(dialogs, "phrases", problems)


def load_commands(dialogs: Path) -> tuple[CommandSpec, ...]:
    """The commands of `commands.yaml`, in its order; LibraryError when something is wrong with it."""
    problems: list[Problem] = []
    commands = read_commands(dialogs, problems)
    if problems:
        raise LibraryError(problems)
    return commands


def read_commands(dialogs: Path, problems: list[Problem]) -> tuple[CommandSpec, ...]:
    """As `load_commands`, with the problems noted."""
    table = _table_at(dialogs, "commands", problems)
    return tuple(_command_from(name, entry) for name, entry in table.named_tables()) if table else ()


def _command_from(name: str, table: Table) -> CommandSpec:
    command = CommandSpec(
        name=name, words=table.texts("words"), slash=table.texts("slash"), description=table.text("description", ""),
        line=table.line,
    )  # fmt: skip
    table.finish()
    return command


def _table_at(dialogs: Path, name: str, problems: list[Problem]) -> Table | None:
    """The one mapping that the file *name* holds under its own name."""
    file = dialogs / f"{name}.yaml"
    if not file.exists():
        return None
    source: Source = source_of(file, dialogs, problems)
    spot = load_yaml(file, source)
    if spot is None:
        return None
    table = Table(source, spot)
    listed = table.table(name) if table.need(name) else None
    table.finish()
    return listed

"""What every command tells: its figures, and on what machine under which load they were taken."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.bench import machine

WIDE = 140
"""Columns of a table that goes into a file."""


class Report:
    """Prints to standard output, shows progress on stderr, and writes JSON to *file* if there is one."""

    def __init__(self, command: str, file: Path | None) -> None:
        self._file = file
        self._console = Console(highlight=False)
        if not self._console.is_terminal:
            self._console.width = WIDE
        self._result: dict[str, Any] = {"command": command, "load_before": machine.load()}

    @contextmanager
    def progress(self, label: str, total: int) -> Iterator[Progress]:
        """A bar of *total* steps; `advance(progress.task_ids[0])` moves it."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            progress.add_task(label, total=total)
            yield progress

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        shown = Table(title=title, title_justify="left")
        for index, column in enumerate(columns):
            shown.add_column(column, justify="right" if index else "left", no_wrap=True)
        for row in rows:
            shown.add_row(*(f"{value:.2f}" if isinstance(value, float) else str(value) for value in row))
        self._console.print(shown)

    def line(self, text: str) -> None:
        self._console.print(text, soft_wrap=True, markup=False)

    def finish(self, where: str, **result: Any) -> None:
        """Say where it was measured, and write the file."""
        after = machine.load()
        python = f"{platform.python_implementation()} {platform.python_version()}"
        self.line(f"load before {self._result['load_before']} · after {after} · {where} · {python}")
        self._result |= {"load_after": after, "cores": where, "python": python, **result}
        if self._file is not None:
            self._file.write_text(json.dumps(self._result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

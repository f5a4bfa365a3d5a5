"""`python -m tests.bench`: how fast it is, what a kill loses, what it makes of real questions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from tests.bench import convert as converting
from tests.bench.report import Report

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
Json = Annotated[Path | None, typer.Option("--json", help="Also write the result to this file.")]
Database = Annotated[str, typer.Option(help="An empty database in place of a new SQLite file.")]
Embedded = Annotated[bool, typer.Option("--postgres", help="Start the embedded PostgreSQL and use that.")]


@app.command()
def prepare(tree: Path, folder: Path) -> None:
    """Write the menu in TREE (JSON) as dialogs of ours into FOLDER."""
    converting.convert(tree, folder)


@app.command()
def turns(
    people: int = 200, turns: int = 10_000, warmup: int = 5_000, rounds: int = 3, database: Database = "",
    embedded: Embedded = False, shipped: Annotated[bool, typer.Option(help="Ours on the shipped dialogs.")] = False,
    json: Json = None,
) -> None:  # fmt: skip
    """Durable turns a second and CPU per turn, beside a bare handler that records nothing."""
    from tests.bench.turns import Options, measure

    with _database(embedded, database) as url:
        options = Options(people, turns, warmup, rounds, url, shipped)
        raise typer.Exit(uvloop.run(measure(options, Report("turns", json))))


@app.command()
def crash(
    people: int = 200, kills: int = 20, seed: int = 1, database: Database = "", embedded: Embedded = False,
    smoke: Annotated[bool, typer.Option(help="20 people, 2 kills.")] = False, json: Json = None,
) -> None:  # fmt: skip
    """kill -9 under people who talk, again and again: is every update answered, and none acted on twice?"""
    from tests.bench.crash import Options, crash

    with _database(embedded, database) as url:
        options = Options(20, 2, seed, url) if smoke else Options(people, kills, seed, url)
        raise typer.Exit(uvloop.run(crash(options, Report("crash", json))))


@app.command()
def questions(file: Path, json: Json = None) -> None:
    """Ask the questions in FILE (JSON lines with "text") through the web chat, and tell what became of them."""
    from tests.bench.questions import ask

    raise typer.Exit(uvloop.run(ask(file, Report("questions", json))))


@contextmanager
def _database(embedded: bool, url: str) -> Iterator[str]:
    """*url*, or that of a PostgreSQL started for the purpose."""
    if not embedded:
        yield url
        return
    from tests import postgres

    with postgres.running() as server:
        yield server.url(server.create())


if __name__ == "__main__":
    app(prog_name="tests.bench")

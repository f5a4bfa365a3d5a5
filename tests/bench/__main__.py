"""`python -m tests.bench`: how fast it is, what a kill loses, what it makes of real questions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
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


@app.command("crash-broadcast")
def crash_broadcast(
    recipients: int = 5000, kills: int = 20, seed: int = 1, rate: float = 500.0, database: Database = "",
    embedded: Embedded = False,
    smoke: Annotated[bool, typer.Option(help="400 people, 3 kills.")] = False,
    sigterm: Annotated[bool, typer.Option(help="Ask it to stop instead of killing it.")] = False,
    takeover: Annotated[bool, typer.Option(help="Of two workers, kill one for good (PostgreSQL).")] = False,
    zombie: Annotated[bool, typer.Option(help="Suspend one of two past its lease (PostgreSQL).")] = False,
    json: Json = None,
) -> None:  # fmt: skip
    """Stop the sender of two broadcasts at random moments: is anybody lost, told twice, or called sent untruly?"""
    from tests.bench.broadcast_crash import How, Options, crash

    how: How = "sigterm" if sigterm else "takeover" if takeover else "zombie" if zombie else "kill"
    size = (400, 3) if smoke else (recipients, kills)
    with _database(embedded or takeover or zombie, database) as url:
        options = Options(*size, seed, rate, how, url)
        raise typer.Exit(uvloop.run(crash(options, Report("crash-broadcast", json))))


@app.command("crash-awaits")
def crash_awaits(
    stride: Annotated[int, typer.Option(help="Only every so manieth await.")] = 1, first: int = 1,
    embedded: Embedded = False, resend: Annotated[bool, typer.Option(help="With the policy of sending again.")] = False,
    metered: Annotated[bool, typer.Option(help="On a channel with prices, with too small a budget.")] = False,
    json: Json = None,
) -> None:  # fmt: skip
    """Kill the sender of a small broadcast at every await of it, one process after the other."""
    from tests.bench.broadcast_awaits import Options, awaits

    options = Options(stride, first, "resend" if resend else "ask", embedded, metered)
    raise typer.Exit(awaits(options, Report("crash-awaits", json)))


@app.command()
def rate(
    limit: int = 30, recipients: int = 10_000,
    asked: Annotated[float, typer.Option("--rate", help="BOT_TELEGRAM_RATE; 0: 96 % of the limit.")] = 0.0,
    unprovoked: Annotated[int, typer.Option(help="Also answer one message with 429, to wait so many seconds.")] = 0,
    json: Json = None,
) -> None:  # fmt: skip
    """Two workers on one account of a strict stand-in: how near to its limit, and never above?"""
    from tests.bench.broadcast_rate import Options, measure

    with _database(embedded=True, url="") as url:
        options = Options(limit, recipients, asked, unprovoked, url)
        raise typer.Exit(uvloop.run(measure(options, Report("rate", json))))


@app.command()
def replies(
    recipients: int = 50_000, rate: float = 30.0, seconds: float = 60.0, people: int = 20, database: Database = "",
    embedded: Embedded = False, json: Json = None,
) -> None:  # fmt: skip
    """How soon people are answered while a broadcast runs, beside how soon they are when idle."""
    from tests.bench.broadcast_replies import Options, measure

    with _database(embedded, database) as url:
        options = Options(recipients, rate, seconds, people, url)
        raise typer.Exit(uvloop.run(measure(options, Report("replies", json))))


@app.command()
def broadcast(
    recipients: int = 20_000, rounds: int = 3,
    pending: Annotated[int, typer.Option(help="Recipients while memory is measured; 0: not.")] = 1_000_000,
    embedded: Embedded = False, json: Json = None,
) -> None:  # fmt: skip
    """Durable messages a second of one courier, beside a bare aiohttp loop that records nothing; and its memory."""
    from tests.bench.broadcast_speed import Options, measure

    with _databases(2, is_durable=True) if embedded else nullcontext(("", "")) as urls:
        options = Options(recipients, rounds, pending, *urls)
        raise typer.Exit(uvloop.run(measure(options, Report("broadcast", json))))


@app.command("zalo-broadcast")
def zalo_broadcast(
    recipients: int = 10_000, database: Database = "", embedded: Embedded = False,
    smoke: Annotated[bool, typer.Option(help="400 people.")] = False, json: Json = None,
) -> None:  # fmt: skip
    """Everybody's route, outcome and cost over all of Zalo's windows: do plan, ledger and Zalo's own books agree?"""
    from tests.bench.zalo_broadcast import Options, measure

    with _database(embedded, database) as url:
        options = Options(400 if smoke else recipients, url)
        raise typer.Exit(uvloop.run(measure(options, Report("zalo-broadcast", json))))


@app.command("crash-zalo")
def crash_zalo(
    recipients: int = 2_000, kills: int = 10, seed: int = 1, database: Database = "", embedded: Embedded = False,
    smoke: Annotated[bool, typer.Option(help="300 people, 3 kills.")] = False, json: Json = None,
) -> None:  # fmt: skip
    """kill -9 under two broadcasts that cost money: is a charge forgotten, a budget passed, anybody lost?"""
    from tests.bench.zalo_crash import Options, crash

    size = (300, 3) if smoke else (recipients, kills)
    with _database(embedded, database) as url:
        raise typer.Exit(uvloop.run(crash(Options(*size, seed, url), Report("crash-zalo", json))))


@app.command()
def segments(
    contacts: int = 1_000_000, database: Database = "", embedded: Embedded = False,
    smoke: Annotated[bool, typer.Option(help="20,000 contacts.")] = False, json: Json = None,
) -> None:  # fmt: skip
    """Counting and freezing audiences of every size: does the cost follow the audience?"""
    from tests.bench.segments import Options, measure

    with _database(embedded, database) as url:
        options = Options(20_000 if smoke else contacts, url)
        raise typer.Exit(uvloop.run(measure(options, Report("segments", json))))


@app.command()
def console(
    interactions: int = 10_000_000, beside: Annotated[int, typer.Option(help="The short log.")] = 100_000,
    embedded: Embedded = False, smoke: Annotated[bool, typer.Option(help="20,000 beside 4,000.")] = False,
    json: Json = None,
) -> None:  # fmt: skip
    """Every page of the console with a long log, beside the same page with a short one."""
    from tests.bench.console import Options, measure

    sizes = (20_000, 4_000) if smoke else (interactions, beside)
    with _databases(2) if embedded else nullcontext(("", "")) as urls:
        raise typer.Exit(uvloop.run(measure(Options(*sizes, (urls[0], urls[1])), Report("console", json))))


@app.command()
def questions(file: Path, json: Json = None) -> None:
    """Ask the questions in FILE (JSON lines with "text") through the web chat, and tell what became of them."""
    from tests.bench.questions import ask

    raise typer.Exit(uvloop.run(ask(file, Report("questions", json))))


@app.command()
def understand(processes: int = 5, crowded: bool = False, json: Json = None) -> None:
    """What it costs to understand a sentence, to load what that needs, and to hold it in memory.

    --crowded: others work on this machine, so that times may be twice what they may be alone.
    """
    from tests.bench.understanding import Options, measure

    raise typer.Exit(measure(Options(processes, crowded), Report("understand", json)))


@contextmanager
def _database(embedded: bool, url: str) -> Iterator[str]:
    """*url*, or that of a PostgreSQL started for the purpose."""
    if not embedded:
        yield url
        return
    with _databases(1) as [made]:
        yield made


@contextmanager
def _databases(count: int, *, is_durable: bool = False) -> Iterator[list[str]]:
    """Empty databases of a PostgreSQL started for the purpose; *is_durable*: with nothing turned off."""
    from tests import postgres

    with postgres.running(is_durable=is_durable) as server:
        yield [server.url(server.create()) for _ in range(count)]


if __name__ == "__main__":
    app(prog_name="tests.bench")

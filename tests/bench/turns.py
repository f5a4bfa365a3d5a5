"""Turns per second and CPU per turn of our bot, beside a floor that records nothing, in alternating rounds."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from msgspec import Struct

from tests.bench import floor, machine, tree
from tests.bench.botapi import BotApi
from tests.bench.convert import convert
from tests.bench.crowd import Crowd, Window
from tests.bench.delivery import SECRET, Delivery
from tests.bench.machine import Usage
from tests.bench.people import Person, Walker, Wanderer
from tests.bench.process import TOKEN, Process, free_port, our_bot
from tests.bench.report import Report

THINK = 0.02
"""Seconds between an answer and the next act, plus or minus a half."""
PATIENCE = (1.0,)
"""Seconds after which a wanderer takes silence for an answer."""
FLOOR, OURS = "floor", "ours"
HOOK = "/hooks/telegram"


class Options(Struct, frozen=True):
    """What `turns` is asked to do. `shipped`: ours serves the dialogs as shipped instead of the floor's menu."""

    people: int = 200
    turns: int = 10_000
    warmup: int = 5_000
    rounds: int = 3
    database: str = ""
    shipped: bool = False


class Peer(Struct):
    """A bot under measurement."""

    name: str
    process: Process
    crowd: Crowd
    api: BotApi


class Round(Struct):
    """One window of one peer: CPU in microseconds, latencies in milliseconds, shares of a core."""

    peer: str
    rate: float
    cpu: float
    p50: float
    p95: float
    p99: float
    calls: float
    waited: float
    driver: float
    wrong: int
    lost: int


async def measure(options: Options, report: Report) -> int:
    """Play all rounds and print them; the exit status: 1 when an answer was wrong or lost."""
    where = machine.cores()
    os.sched_setaffinity(0, {where.driver})
    rounds: list[tuple[Round, Round]] = []
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        peers = [await make(folder, options, where.bot, stack) for make in (_floor, _ours)]
        progress = stack.enter_context(report.progress("rounds", 2 * options.rounds + 2))
        for peer in peers:
            if options.warmup:
                await _play(peer, options.warmup)
            progress.advance(progress.task_ids[0])
        for number in range(options.rounds):
            order = peers if number % 2 == 0 else peers[::-1]
            found = {}
            for peer in order:
                found[peer.name] = await _play(peer, options.turns)
                progress.advance(progress.task_ids[0])
            rounds.append((found[FLOOR], found[OURS]))
        memory = {peer.name: machine.peak_memory(peer.process.pid) for peer in peers}
        faults = [fault for peer in peers for fault in peer.crowd.faults[:3]]
    return _tell(report, options, rounds, memory, faults, str(where))


async def _play(peer: Peer, turns: int) -> Round:
    own = psutil.Process()
    edges: list[tuple[float, Usage, float, int]] = []

    def at_edge() -> None:
        used = sum(own.cpu_times()[:2])
        edges.append((time.perf_counter(), machine.usage(peer.process.pid), used, peer.api.calls))

    window = await peer.crowd.window(turns, at_edge, limit=60 + turns / 20)
    (_, before, drove, calls), (_, after, drives, called) = edges
    return _round_of(peer.name, window, after.since(before), drives - drove, called - calls)


def _round_of(name: str, window: Window, used: Usage, drove: float, calls: int) -> Round:
    cuts = quantiles([latency * 1000 for latency in window.latencies] or [0.0, 0.0], n=100)
    turns, seconds = window.turns, window.seconds
    return Round(
        name, turns / seconds, used.ran / turns * 1e6, cuts[49], cuts[94], cuts[98], calls / turns,
        used.waited / seconds, drove / seconds, len(window.faults), window.unanswered,
    )  # fmt: skip


async def _floor(folder: Path, options: Options, core: int, stack: AsyncExitStack) -> Peer:
    menu, port, api = tree.build(), free_port(), await _api(stack)
    path = folder / "tree.json"
    path.write_text(json.dumps(menu, ensure_ascii=False), encoding="utf-8")
    (folder / FLOOR).mkdir()
    command = (sys.executable, "-m", floor.__name__, str(path), str(port), f"{api.url}/bot{TOKEN}", SECRET)
    process = Process(command, {}, folder / FLOOR, sign=floor.SERVING, core=core)
    people = _crowd_of(options.people, lambda chat, seed: Walker(chat, seed, menu))
    return await _serve(FLOOR, process, people, api, Delivery(port, floor.PATH, _new_id()), stack)


async def _ours(folder: Path, options: Options, core: int, stack: AsyncExitStack) -> Peer:
    menu, port, api = tree.build(), free_port(), await _api(stack)
    home = folder / OURS
    home.mkdir()
    variables = {}
    if not options.shipped:
        convert(folder / "tree.json", home)
        variables = {f"BOT_{part.upper()}": str(home / part) for part in ("dialogs", "content", "locales")}
    process = our_bot(home, port=port, api=api.url, database=options.database, core=core, **variables)

    def make(chat: int, seed: int) -> Person:
        return Wanderer(chat, seed, PATIENCE) if options.shipped else Walker(chat, seed, menu)

    people = _crowd_of(options.people, make)
    return await _serve(OURS, process, people, api, Delivery(port, HOOK, _new_id()), stack)


async def _api(stack: AsyncExitStack) -> BotApi:
    api = BotApi()
    await api.start()
    stack.callback(api.close)
    return api


async def _serve(
    name: str, process: Process, people: Sequence[Person], api: BotApi, delivery: Delivery, stack: AsyncExitStack
) -> Peer:
    stack.push_async_callback(process.kill)
    await process.spawn()
    await process.ready()
    stack.callback(delivery.close)
    return Peer(name, process, Crowd(people, api, delivery, THINK), api)


def _crowd_of(count: int, make: Callable[[int, int], Person]) -> list[Person]:
    first = _new_id()
    return [make(first + number, number) for number in range(count)]


def _new_id() -> int:
    """An id from which on none was given before: the database may be one that was used already."""
    return time.time_ns() // 1000


def _tell(
    report: Report, options: Options, rounds: Sequence[tuple[Round, Round]], memory: dict[str, float],
    faults: Sequence[str], where: str,
) -> int:  # fmt: skip
    report.table(f"{options.turns} turns a round, {options.people} people", COLUMNS, _rows(rounds, memory))
    ratios = {
        "cpu_ratio": median(ours.cpu / base.cpu for base, ours in rounds),
        "rate_ratio": median(ours.rate / base.rate for base, ours in rounds),
    }
    told = "the shipped dialogs" if options.shipped else "the same menu, durably"
    report.line(
        f"ours ({told}) / floor, medians of the rounds' ratios: "
        f"CPU {ratios['cpu_ratio']:.3f} · turns/s {ratios['rate_ratio']:.3f}"
    )
    if options.shipped:
        report.line(f"lost of ours: no answer within {PATIENCE[0]:.0f} s, as to a second tap: a silence on purpose")
    both = [one for pair in rounds for one in pair]
    bad = sum(one.wrong + one.lost for one in both if one.peer == FLOOR or not options.shipped)
    for fault in faults if bad else ():
        report.line(f"wrong: {fault}")
    played: list[dict[str, Any]] = [{f: getattr(one, f) for f in one.__struct_fields__} for one in both]
    settings = {f: getattr(options, f) for f in options.__struct_fields__ if f != "database"}
    report.finish(where, **ratios, **settings, memory=memory, windows=played, wrong_or_lost=bad)
    return 1 if bad else 0


COLUMNS = (
    "peer", "turns/s", "CPU µs/turn", "p50 ms", "p95 ms", "p99 ms", "calls/turn", "no core", "driver", "RSS MiB",
    "wrong", "lost",
)  # fmt: skip


def _rows(rounds: Sequence[tuple[Round, Round]], memory: dict[str, float]) -> list[list[object]]:
    """Each round as it was, then the medians."""
    rows: list[list[object]] = []
    for index, name in enumerate((FLOOR, OURS)):
        own = [pair[index] for pair in rounds]
        rows += [_row(f"{name} {number}", one, "") for number, one in enumerate(own, 1)]
        middle = {f: median(getattr(one, f) for one in own) for f in Round.__struct_fields__ if f != "peer"}
        middle |= {"wrong": sum(one.wrong for one in own), "lost": sum(one.lost for one in own)}
        rows.append(_row(f"{name}, median", Round(peer=name, **middle), f"{memory[name]:.0f}"))
    return rows


def _row(name: str, one: Round, memory: str) -> list[object]:
    return [
        name, f"{one.rate:.0f}", f"{one.cpu:.0f}", f"{one.p50:.1f}", f"{one.p95:.1f}", f"{one.p99:.1f}", one.calls,
        f"{one.waited:.0%}", f"{one.driver:.0%}", memory, one.wrong, one.lost,
    ]  # fmt: skip

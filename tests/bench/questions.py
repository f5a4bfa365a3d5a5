"""Real questions through the web chat over HTTP, each by a visitor of its own; what the log says became of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import msgspec
from msgspec import Struct
from rich.progress import Progress
from sqlalchemy import select

from bot.hooks.webchat_guard import COOKIE
from bot.store.db import open_database
from bot.store.models import addresses, interactions
from tests.bench import machine
from tests.bench.process import free_port, our_bot
from tests.bench.report import Report
from tests.bench.verdict import Heard, add_to

AT_ONCE = 8
REACHED = ("routed", "chose", "typed")
"""What was heard was taken for a topic, or for an answer that leads on."""
BEFORE = ("", "menu")
"""What a visitor says before the question: the opening, and past the first contact into the menu."""


class Question(Struct):
    """A line of the file."""

    text: str


class Asked(Struct):
    """A question that was sent. `visitor` is the address its cookie names, `fault` what went wrong over HTTP."""

    text: str
    visitor: str = ""
    fault: str = ""


class Fate(Struct, frozen=True):
    """What became of a question: the kind under which it was heard, and where it led."""

    text: str
    kind: str
    topic: str
    is_answered: bool
    is_handed_on: bool
    fault: str


async def ask(file: Path, report: Report) -> int:
    """Ask all of *file* (JSON lines with `text`) and tell; the exit status: 1 when one had an error or no answer."""
    lines = file.read_bytes().splitlines()  # noqa: ASYNC240 -- nothing else runs yet
    questions = [msgspec.json.decode(line, type=Question).text for line in lines if line.strip()]
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        port = free_port()
        bot = our_bot(folder, port=port, api="", BOT_TRUSTED_PROXY="true")
        stack.push_async_callback(bot.kill)
        await bot.spawn()
        await bot.ready()
        room = asyncio.Semaphore(AT_ONCE)
        with report.progress("questions", len(questions)) as progress:
            asking = [_ask_one(port, number, text, room, progress) for number, text in enumerate(questions)]
            asked = await asyncio.gather(*asking)
        await bot.stop()
        heard = await _heard(f"sqlite+aiosqlite:///{folder}/bot.db")
        log = bot.errors.read_text(encoding="utf-8", errors="replace")
    return _tell(report, [_fate(one, heard.get(one.visitor, [])) for one in asked], log)


async def _ask_one(port: int, number: int, text: str, room: asyncio.Semaphore, progress: Progress) -> Asked:
    """A visitor from an address of their own, as a proxy would tell it: the limits hold for each machine."""
    machine_of = {"X-Forwarded-For": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"}
    asked, base, jar = Asked(text), f"http://127.0.0.1:{port}", aiohttp.CookieJar(unsafe=True)
    async with room, aiohttp.ClientSession(base, headers=machine_of, cookie_jar=jar) as client:
        await _send(client, "GET", "/", {}, asked)
        for words in (*BEFORE, text):
            await _send(client, "POST", "/chat" if words else "/chat/start", {"text": words}, asked)
        for cookie in client.cookie_jar:
            asked.visitor = cookie.value.partition(".")[0] if cookie.key == COOKIE else asked.visitor
    progress.advance(progress.task_ids[0])
    return asked


async def _send(client: aiohttp.ClientSession, method: str, path: str, form: Mapping[str, str], asked: Asked) -> None:
    try:
        async with client.request(method, path, data=form or None) as response:
            await response.read()
            if response.status != 200:
                asked.fault = f"{path}: status {response.status}"
    except (aiohttp.ClientError, OSError) as error:
        asked.fault = f"{path}: {type(error).__name__}"


async def _heard(database: str) -> Mapping[str, list[Heard]]:
    """Every visitor's turns, in order."""
    engine = open_database(database)
    turns: dict[str, list[Heard]] = {}
    log = (
        select(
            addresses.c.external_id, interactions.c.kind, interactions.c.text, interactions.c.delivery_id,
            interactions.c.detail,
        )
        .join(addresses, addresses.c.contact_id == interactions.c.contact_id)
        .order_by(interactions.c.id)
    )  # fmt: skip
    async with engine.connect() as db:
        for row in await db.execute(log):
            add_to(turns.setdefault(row.external_id, []), row.kind, row.text, row.delivery_id, row.detail)
    await engine.dispose()
    return turns


def _fate(asked: Asked, turns: Sequence[Heard]) -> Fate:
    if len(turns) != len(BEFORE) + 1:
        return Fate(asked.text, "nothing", "", False, False, asked.fault or f"{len(turns)} turns in the log")
    last = turns[-1]
    is_handed_on = "handoff" in last.led_to
    return Fate(asked.text, last.kind, last.detail, bool(last.said), is_handed_on, asked.fault)


def _tell(report: Report, fates: Sequence[Fate], log: str) -> int:
    errors = [fate for fate in fates if fate.fault]
    unanswered = [fate for fate in fates if not (fate.is_answered or fate.is_handed_on)]
    counts = {
        "answered": sum(fate.is_answered for fate in fates),
        "errors": len(errors),
        "reached a topic": sum(fate.kind in REACHED for fate in fates),
        "asked which topic was meant": sum(fate.kind == "offered" for fate in fates),
        "taken for a command": sum(fate.kind == "command" for fate in fates),
        "told the number to call": sum(fate.kind == "alarmed" for fate in fates),
        "not understood: asked again, with ways on": sum(fate.kind == "missed" for fate in fates),
        "handed on to an officer": sum(fate.is_handed_on for fate in fates),
    }
    rows = [(name, count, f"{count / max(1, len(fates)):.1%}") for name, count in counts.items()]
    report.table(f"{len(fates)} questions", ("", "count", "share"), rows)
    topics = Counter(fate.topic for fate in fates if fate.kind == "routed")
    report.line("topics: " + ", ".join(f"{topic} {count}" for topic, count in topics.most_common()))
    for fate in [*errors, *unanswered][:10]:
        report.line(f"problem: {fate.text[:80]!r}: {fate.fault or 'no answer'}")
    for line in log.splitlines()[:5]:
        report.line(f"logged: {line[:300]}")
    where = f"any of {len(machine.allowed())} cores"
    found = [msgspec.to_builtins(fate) for fate in fates]
    report.finish(where, questions=len(fates), counts=counts, topics=dict(topics), fates=found)
    return 1 if errors or unanswered else 0

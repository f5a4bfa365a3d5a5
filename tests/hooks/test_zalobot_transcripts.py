"""Every golden conversation over a fake Zalo Bot Platform, by both ways in: people choose by number or by words.

What must arrive is what the engine says to the same person, which tests/engine holds equal to the transcripts.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path
from typing import Final, Literal

import pytest
from aiohttp import web

from bot.app import Parts, assemble
from bot.config import Settings
from bot.engine.events import Said
from bot.engine.state import Sprint
from bot.engine.transcript import Player
from bot.messages import Address, Choice
from tests.conftest import Clock
from tests.fakes.zalo.botapi import FakeBot
from tests.hooks.known import make_true
from tests.hooks.zalo_script import Bubble, Move, moves_in

ROOT = Path(__file__).parent.parent
SCRIPTS = {path.stem: moves_in(path) for path in (ROOT / "transcripts").glob("*.txt")}
Way = Literal["number", "label"]
KINDS: Final = {"photo": "image", "sticker": "sticker", "voice": "voice", "reaction": "reaction"}
UNSUPPORTED: Final = ("video", "file", "location", "other")
"""What comes as an event that says no more than that it can't be shown."""
_BUTTON: Final = re.compile(r"\[(\d+)\]")
_ASIDE: Final = re.compile(r"\((\w+)\) ?(.*)")


def day_of(moves: Sequence[Move]) -> date:
    """The first day of a transcript."""
    return date.fromisoformat(dict(moves[0].headers).get("today", "2026-11-23"))


class Stage:
    """A fake platform, the whole bot, and one clock for both."""

    def __init__(self, server: FakeBot, parts: Parts, clock: Clock, way: Way) -> None:
        self.server, self.parts, self.clock, self.way = server, parts, clock, way

    async def play(self, name: str, number: int) -> None:
        """One transcript with a person of its own; what arrives is compared after every move."""
        player, offered = Player(self.parts.shelf.library, day_of(SCRIPTS[name])), tuple[Choice, ...]()
        expected: list[str] = []
        for move in SCRIPTS[name]:
            await make_true(move.headers, player, self.parts, self.clock, Address("zalobot", name), number)
            sprint = await self._move(name, move.line, player, offered)
            if sprint is None:
                continue
            said = [event for event in sprint.events if isinstance(event, Said)]
            offered = next((one.choices for one in reversed(said) if one.choices), offered)
            expected += [_seen(one) for one in said]
            await self._reached(name, len(expected))
            assert self.server.texts(name) == expected, (name, move.line)

    async def _move(self, name: str, line: str, player: Player, offered: Sequence[Choice]) -> Sprint | None:
        """Have the person do what *line* says; what the engine then says. None: nobody can do that here."""
        if button := _BUTTON.fullmatch(line):
            await self.server.writes(name, self._typed(offered[int(button[1]) - 1]))
            return player.hear(line)
        if line.startswith("["):  # a button of an earlier question: here it is only its number, for the question now
            return None
        aside = _ASIDE.fullmatch(line)
        if aside is None:
            await self.server.writes(name, line)
            return player.hear(line)
        if aside[1] in KINDS:
            await self.server.sends(name, KINDS[aside[1]], **({"caption": aside[2]} if aside[2] else {}))
            return player.hear(line)
        if aside[1] in UNSUPPORTED:
            await self.server.sends(name, "unsupported")
            return player.hear("(other)")
        return None

    async def _reached(self, name: str, count: int) -> None:
        await self.server.when(lambda: len(self.server.texts(name)) >= count)

    def _typed(self, choice: Choice) -> str:
        number, dot, words = choice.label.partition(". ")
        if not dot:
            return choice.label
        return number if self.way == "number" else words


def _seen(said: Said) -> str:
    bubble = Bubble(said.text.split("\n"), [choice.label for choice in said.choices])
    [(text, _)] = bubble.seen(has_buttons=False)
    return text


@pytest.fixture(params=["number by webhook", "label by polling"])
async def stage(
    request: pytest.FixtureRequest, sqlite_url: str, unused_tcp_port: int, clock: Clock
) -> AsyncIterator[Stage]:
    way, _, entrance = str(request.param).partition(" by ")
    here = f"http://127.0.0.1:{unused_tcp_port}"
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(FakeBot(clock, name="", quota=10**6, takes_local=True))
        settings = Settings.model_validate(
            {
                "database_url": sqlite_url,
                "public_url": here if entrance == "webhook" else None,
                "zalobot_token": server.token,
                "zalobot_api": server.url,
                "zalobot_rate": 1000,
                "web_secret": "x" * 32,
                "office_hours": "T2-CN 00:00-23:59",
            }
        )
        parts = await assemble(settings, now=clock, stack=stack)
        runner = web.AppRunner(parts.application, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
        await server.until("setWebhook" if entrance == "webhook" else "getUpdates")
        yield Stage(server, parts, clock, "number" if way == "number" else "label")


async def test_the_golden_conversations_go_as_they_did(stage: Stage) -> None:
    order = sorted(SCRIPTS, key=lambda name: (day_of(SCRIPTS[name]), name))
    for number, name in enumerate(order, start=1):
        await stage.play(name, number)
    assert stage.server.unasserted == set()
    assert stage.parts.channels["zalobot"].health()["ok"] is True
    assert len(stage.server.sent) == stage.server.count()["sendMessage"], "some were refused"

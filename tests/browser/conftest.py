"""A real browser: Debian's Chromium. Where there is none the tests are skipped, but for CI, which installs it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.process import Bot
from tests.browser.seat import LAPTOP, Seat, Theme

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
"""Nothing but the pages that are tested is asked for; inside a container there is no sandbox to be had."""
ARTEFACTS = "BROWSER_ARTEFACTS"
"""The variable that names the folder where screenshots are kept."""
OpenSeat = Callable[..., Seat]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed before other tests begin: while Playwright is open, its loop runs in this thread and no other can."""
    if not CHROMIUM.exists():
        assert not os.environ.get("CI"), f"{CHROMIUM} is missing: .ci/run installs it"
        pytest.skip(f"no browser at {CHROMIUM}: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots are kept."""
    named = os.environ.get(ARTEFACTS)
    folder = Path(named) if named else tmp_path_factory.mktemp("shots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """One that nobody has talked to yet, for the tests of a module."""
    started = Bot(tmp_path_factory.mktemp("bot"))
    started.command("migrate")
    with started.running():
        yield started


@pytest.fixture
def seat(browser: Browser, shots: Path, request: pytest.FixtureRequest) -> Iterator[OpenSeat]:
    """Sit somebody down: `seat(bot)`, with a width, a theme, and who they are signed in as."""
    seats: list[Seat] = []

    def sit(bot: Bot, width: int = LAPTOP, theme: Theme = "light", state: object = None) -> Seat:
        seats.append(Seat(browser, bot.address, shots, width, theme, state))
        return seats[-1]

    yield sit
    for number, one in enumerate(seats):
        one.shoots(f"end-of-{request.node.originalname}-{number}")  # what a failing test was looking at
        one.leaves()
    assert not [fault for one in seats for fault in one.faults]

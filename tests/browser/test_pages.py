"""Every page of the console on a made-up city: open to people who see, hear or type with difficulty, on a phone too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from bot.console.app import ROUTES
from bot.console.visit import PREFIX
from tests.browser.conftest import OpenSeat
from tests.browser.process import Bot
from tests.browser.seat import LAPTOP, PHONE, THEMES, Seat, Theme

UNSEEN = re.compile(r"/(events|progress|file|canned)$|^/(setup|exports|channels/zalo)/")
"""Streams, files, parts of pages, and ways to a platform and back; a link that works once and a file that takes long
are pages of the story."""
EACH = 2
"""Pages of one route that are looked at: other rows, other states."""
EACH_OF = {"/broadcasts/{id}": 10}
"""A broadcast has another page in each state."""
LINKS = "a[href^='/console/']"
STARTS = ("/console/", "/console/account", "/console/sign-in", "/console/compare", "/console/inbox?on=closed")


@dataclass
class Town:
    """The bot on a made-up city, the cookies of its admin, and what pages complained of while they were found."""

    bot: Bot
    state: object
    faults: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, browser: Browser, shots: Path) -> Iterator[Town]:
    bot = Bot(tmp_path_factory.mktemp("town"))
    told = json.loads(bot.command("demo", "--people", "500", "--days", "45", "--json"))
    with bot.running():
        seat = Seat(browser, bot.address, shots)
        seat.signs_in("quan-tri", told["secrets"]["quan-tri"], told["password"])
        yield Town(bot, seat.context.storage_state())
        seat.leaves()


def pattern_of(path: str) -> str:
    """The route that *path* (below /console) is of; "" for none."""
    for route in ROUTES:
        if route.method == "GET" and re.fullmatch(re.sub(r"{[^}]+}", "[^/]+", route.path), path):
            return route.path
    return ""


def pages_of(seat: Seat) -> dict[str, list[str]]:
    """Addresses of pages by their route, found by following links from the overview."""
    found: dict[str, list[str]] = {}
    waiting, seen = list(STARTS), set()
    while waiting:
        address = waiting.pop(0)
        path = address.partition("?")[0].removeprefix(PREFIX)
        route = pattern_of(path)
        pages = found.setdefault(route, [])
        if not route or UNSEEN.search(path) or path in seen or len(pages) >= EACH_OF.get(route, EACH):
            continue
        seen.add(path)
        pages.append(address)
        seat.goes_to(address)
        links = seat.page.eval_on_selector_all(LINKS, "all => all.map(one => one.getAttribute('href'))")
        waiting += [link.partition("#")[0] for link in links]
    return {route: pages for route, pages in found.items() if route and pages}


@pytest.fixture(scope="module")
def pages(town: Town, browser: Browser, shots: Path) -> dict[str, list[str]]:
    seat = Seat(browser, town.bot.address, shots, state=town.state)
    found = pages_of(seat)
    seat.leaves()
    town.faults += seat.faults
    return found


def test_every_page_is_reached_by_following_links(town: Town, pages: dict[str, list[str]]) -> None:
    wanted = {route.path for route in ROUTES if route.method == "GET" and not UNSEEN.search(route.path)}
    assert wanted - set(pages) == set()
    assert not town.faults


@pytest.mark.parametrize("theme", THEMES)
def test_no_page_keeps_anybody_out(town: Town, pages: dict[str, list[str]], seat: OpenSeat, theme: Theme) -> None:
    one = seat(town.bot, LAPTOP, theme, town.state)
    barriers = {}
    for route, addresses in pages.items():
        for number, address in enumerate(addresses):
            one.goes_to(address)
            if found := one.barriers():
                barriers[address] = found
            if not number:
                one.shoots(_name(route))
    assert not barriers, json.dumps(barriers, indent=1, ensure_ascii=False)


@pytest.mark.parametrize("theme", THEMES)
def test_every_page_fits_a_phone(town: Town, pages: dict[str, list[str]], seat: OpenSeat, theme: Theme) -> None:
    one = seat(town.bot, PHONE, theme, town.state)
    wide = {}
    for route, addresses in pages.items():
        one.goes_to(addresses[0])
        if pixels := one.overflow():
            wide[addresses[0]] = pixels
        one.shoots(_name(route))
    assert not wide


def test_every_page_says_that_its_people_are_made_up(town: Town, pages: dict[str, list[str]], seat: OpenSeat) -> None:
    one = seat(town.bot, LAPTOP, "light", town.state)
    for addresses in pages.values():
        one.goes_to(addresses[0])
        assert one.page.get_by_text("bịa ra").count(), addresses[0]
    one.goes_to("/")
    assert one.page.get_by_text("bịa ra").count()


def _name(route: str) -> str:
    return re.sub(r"[^a-z]+", "-", route).strip("-") or "overview"

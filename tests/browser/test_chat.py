"""The web chat on a slow line: what somebody does while a message is on its way."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenSeat
from tests.browser.process import Bot
from tests.browser.seat import PHONE


def tap_that_hangs(page: Page) -> list[Route]:
    """Begin a conversation and tap the first choice, which doesn't arrive before it is let go."""
    held: list[Route] = []
    page.get_by_role("button", name="Bắt đầu").click()
    page.locator(".offers button").first.wait_for()
    page.route("**/chat", lambda route: held.append(route), times=1)  # Playwright marks what it is given: no builtin
    with page.expect_request("**/chat"):
        page.locator(".offers button").first.click()
    return held


def test_what_is_sent_while_a_tap_is_on_its_way_goes_out_behind_it(bot: Bot, seat: OpenSeat) -> None:
    page = seat(bot, PHONE).goes_to("/")
    [tap] = tap_that_hangs(page)
    page.locator("#text").fill("vay vốn")
    page.locator("#text").press("Enter")
    expect(page.locator("#text")).to_have_value("vay vốn")
    tap.continue_()
    expect(page.locator(".turn.mine .bubble").last).to_have_text("vay vốn")
    expect(page.locator("#text")).to_have_value("")


def test_what_is_sent_while_a_tap_fails_stays_in_the_box(bot: Bot, seat: OpenSeat) -> None:
    one = seat(bot, PHONE)
    page = one.goes_to("/")
    [tap] = tap_that_hangs(page)
    page.locator("#text").fill("vay vốn")
    page.locator("#text").press("Enter")
    tap.abort()
    expect(page.locator("#problem")).to_be_visible()
    expect(page.locator("#text")).to_have_value("vay vốn")
    one.faults.clear()  # the browser tells of the line that broke


def test_who_types_on_after_all_has_not_sent_yet(bot: Bot, seat: OpenSeat) -> None:
    page = seat(bot, PHONE).goes_to("/")
    [tap] = tap_that_hangs(page)
    page.locator("#text").fill("vay")
    page.locator("#text").press("Enter")
    page.locator("#text").press_sequentially(" vốn")
    tap.continue_()
    expect(page.locator(".turn.mine.pending")).to_have_count(0)
    expect(page.locator("#text")).to_have_value("vay vốn")

"""Windows, routes and nights: a pure reckoning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Route
from bot.engine.content import Template
from bot.services.broadcasting.hours import HANOI
from bot.services.routing import SLACK, Offer, Window, edges, morning_after, price_of, routes_in, wakes_at, window_at
from tests.fakes.metered import REACH
from tests.services.reaching import CARRIER

NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)
BOTH = Offer(CARRIER, CARRIER)


@pytest.mark.parametrize(("ago", "window"), [
    (timedelta(0), "free"), (timedelta(hours=47), "free"), (timedelta(hours=48) - SLACK, "paid"),
    (timedelta(hours=48), "paid"), (timedelta(days=6, hours=23), "paid"), (timedelta(days=7), "closed"),
    (timedelta(days=400), "closed"), (None, "closed"),
])  # fmt: skip
def test_the_window_is_that_of_the_last_thing_somebody_did(ago: timedelta | None, window: Window) -> None:
    assert window_at(REACH, NOON - ago if ago is not None else None, NOON) == window


@pytest.mark.parametrize(("window", "offer", "has_phone", "routes"), [
    ("free", BOTH, True, ("free",)), ("paid", Offer(), True, ["paid"]),
    ("paid", BOTH, True, ["paid", "template", "phone"]), ("closed", Offer(), True, []),
    ("closed", BOTH, False, ["template"]), ("closed", Offer(phone=CARRIER), True, ["phone"]),
    ("closed", Offer(phone=CARRIER), False, []),
    ("closed", Offer(CARRIER, CARRIER, {"template": 900}), True, ["phone", "template"]),
])  # fmt: skip
def test_routes_are_told_the_cheapest_first(window: Window, offer: Offer, has_phone: bool, routes: list[Route]) -> None:
    assert routes_in(REACH, window, offer, has_phone=has_phone) == routes


def test_what_the_platform_told_of_a_price_goes_before_the_settings() -> None:
    assert price_of(REACH, "template", Offer(CARRIER)) == 200
    assert price_of(REACH, "template", Offer(CARRIER, prices={"template": 120})) == 120
    assert price_of(REACH, "free", Offer()) == 0


@given(st.timedeltas(timedelta(0), timedelta(days=365)))
def test_nothing_that_sleeps_leaves_at_night_and_it_wakes_by_day(later: timedelta) -> None:
    at = (NOON + later).astimezone(HANOI)
    morning = morning_after(REACH, at)
    is_night = at.hour >= 22 or at.hour < 6
    assert morning is not None or not is_night
    if morning is not None:
        assert at < morning <= at + timedelta(hours=9)
        assert (morning.hour, morning.minute) == (6, 5)
        assert morning_after(REACH, morning) is None


def test_only_what_may_not_go_at_night_waits_for_the_morning() -> None:
    night = datetime(2026, 11, 23, 23, tzinfo=HANOI)
    promotion = Template("78", "fake", "x", "promotion", frozenset({"template"}), "…")
    assert wakes_at(REACH, "free", None, night) is None
    assert wakes_at(REACH, "template", CARRIER, night) is None
    assert wakes_at(REACH, "phone", CARRIER, night) is not None
    assert wakes_at(REACH, "template", promotion, night) is not None
    assert wakes_at(REACH, "phone", CARRIER, NOON) is None


@given(st.timedeltas(timedelta(0), timedelta(days=10)))
def test_the_edges_part_people_as_the_window_does(ago: timedelta) -> None:
    free, paid = edges(REACH, NOON)
    wrote = NOON - ago
    assert window_at(REACH, wrote, NOON) == ("free" if wrote > free else "paid" if wrote > paid else "closed")

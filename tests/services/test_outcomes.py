"""What a failed send means."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.channels.base import (
    Misconfigured,
    Moved,
    NotNow,
    NotSent,
    OutOfReach,
    Rejected,
    SendError,
    Throttled,
    Unknown,
    Unreachable,
)
from bot.services.outcomes import (
    AWAY,
    DOUBTS,
    LATER,
    TRIES,
    Outcome,
    broadcast_outcome_of,
    counts_as_try,
    outcome_of,
)


@pytest.mark.parametrize(
    ("error", "attempts", "outcome"),
    [
        (Unreachable("blocked by the user"), 1, Outcome("blocked", "blocked by the user", address_status="blocked")),
        (Rejected("bad entity"), 1, Outcome("failed", "bad entity")),
        (Moved("42", "upgraded"), 1, Outcome("failed", "upgraded")),
        (OutOfReach("-230"), 1, Outcome("failed", "-230")),
        (NotNow("-234"), 999, Outcome("queued", "-234", LATER)),
        (NotNow("-211", timedelta(hours=1)), 1, Outcome("queued", "-211", timedelta(hours=1))),
        (Throttled(30, "429"), 1, Outcome("queued", "429", timedelta(seconds=30), rests_account=True)),
        (Throttled(30, "429"), 999, Outcome("queued", "429", timedelta(seconds=30), rests_account=True)),
        (Misconfigured("401"), 999, Outcome("queued", "401", AWAY, rests_account=True)),
        (Unknown("timed out"), 1, Outcome("queued", "timed out", timedelta(seconds=2))),
        (Unknown("timed out"), DOUBTS - 1, Outcome("queued", "timed out", timedelta(seconds=4))),
        (Unknown("timed out"), DOUBTS, Outcome("unknown", "timed out")),
        (NotSent("refused"), 1, Outcome("queued", "refused", timedelta(seconds=2))),
        (NotSent("refused"), TRIES - 1, Outcome("queued", "refused", timedelta(seconds=128))),
        (NotSent("refused"), TRIES, Outcome("failed", "refused")),
    ],
)
def test_the_error_decides(error: SendError, attempts: int, outcome: Outcome) -> None:
    assert outcome_of(error, attempts) == outcome


def test_every_error_of_the_family_has_an_outcome() -> None:
    known = {Unreachable, Rejected, Moved, OutOfReach, NotNow, Throttled, Misconfigured, Unknown, NotSent}
    assert set(SendError.__subclasses__()) == known


@pytest.mark.parametrize("attempts", range(1, 20))
def test_what_is_not_waited_for_ends(attempts: int) -> None:
    for error in (NotSent(), Unknown()):
        assert outcome_of(error, attempts).status == "queued" or attempts >= min(TRIES, DOUBTS)


def test_only_what_tried_the_message_itself_counts() -> None:
    assert [counts_as_try(error) for error in (NotSent(), Unknown())] == [True, True]
    assert [counts_as_try(error) for error in (Throttled(1), Misconfigured(), NotNow())] == [False] * 3


def test_who_is_out_of_reach_is_no_sign_that_a_broadcasts_words_are_refused() -> None:
    assert broadcast_outcome_of(OutOfReach("-230"), 1, 0, resends=True) == Outcome("failed", "-230")
    assert broadcast_outcome_of(Rejected("-248"), 1, 0, resends=True).is_rejected


def test_what_may_not_go_now_holds_up_nobody_else() -> None:
    night = broadcast_outcome_of(NotNow("-234"), 1, 0, resends=False)
    assert (night.status, night.again, night.rests_account) == ("queued", LATER, False)

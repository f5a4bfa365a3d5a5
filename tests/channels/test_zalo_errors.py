"""What each of Zalo's numbers means for us."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bot.channels.base import (
    Misconfigured,
    NotNow,
    NotSent,
    OutOfReach,
    Rejected,
    SendError,
    Throttled,
    Unknown,
    Unreachable,
)
from bot.channels.zalo.errors import ALLOWANCE, BY_ID, BY_PHONE, MINUTE, OPENAPI, Expired, answer_from, error_of


def error(code: int, words: str = "no", *, by_phone: bool = False, status: int = 200) -> SendError | None:
    answer = answer_from(json.dumps({"error": code, "message": words}).encode())
    return error_of(status, answer, BY_PHONE if by_phone else OPENAPI)


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        (Expired, [-216, -220]),
        (Throttled, [-32]),
        (Unknown, [-200, -999, 7]),
        (OutOfReach, [-213, -230, -232]),
        (NotNow, [-234, -211, -218, -320, -321]),
        (Unreachable, [-217, -227, -244]),
        (Misconfigured, [-204, -205, -209, -212, -219, -221, -223, -224, -235, -242]),
        (Rejected, [-100, -201, -210, -233, -240, -248, -249]),
    ],
)
def test_a_number_of_the_openapi_decides(kind: type[SendError], codes: list[int]) -> None:
    assert [type(error(code)) for code in codes] == [kind] * len(codes)


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        (Expired, [-124]),
        (Throttled, [-32]),
        (Unknown, [-100, -999]),
        (OutOfReach, [-108, -110, -114, -118, -119, -139, -140, -141, -1471]),
        (NotNow, [-133, -115, -144, -147, -137]),
        (Rejected, [-109, -111, -112, -1121, -1122, -1124, -113, -116, -117, -120, -131, -132, -135, -136, -146]),
    ],
)
def test_a_number_of_templates_by_phone_decides(kind: type[SendError], codes: list[int]) -> None:
    assert [type(error(code, by_phone=True)) for code in codes] == [kind] * len(codes)


@pytest.mark.parametrize("code", [-212, -221, -223, -224, -235, -320])
def test_what_an_account_lacks_for_templates_does_not_rest_it(code: int) -> None:
    """Answers would rest with it, again and again until the broadcast expires."""
    assert type(error_of(200, answer_from(b'{"error":%d}' % code), BY_ID)) is Rejected


def test_what_is_wrong_with_the_whole_account_rests_it_whatever_was_sent() -> None:
    for code in (-204, -205, -209, -219, -242):
        assert type(error_of(200, answer_from(b'{"error":%d}' % code), BY_ID)) is Misconfigured


@pytest.mark.parametrize("words", ["user_id is invalid!", "recipient.user_id is invalid!", "User ID is invalid"])
def test_an_id_that_zalo_does_not_know_is_a_person_who_is_gone_and_no_fault_of_the_words(words: str) -> None:
    assert type(error(-201, words)) is Unreachable
    assert type(error(-201, "text is invalid!")) is Rejected


def test_no_refusal_of_one_phone_number_ends_the_address_of_a_conversation() -> None:
    kinds = {type(error(code, by_phone=True)) for code in BY_PHONE}
    assert Unreachable not in kinds
    assert Misconfigured not in kinds


def test_night_has_its_own_end_and_a_used_up_allowance_is_looked_at_again() -> None:
    night, used_up, fast = error(-234), error(-211), error(-32)
    assert isinstance(night, NotNow)
    assert night.after is None
    assert isinstance(used_up, NotNow)
    assert used_up.after == ALLOWANCE > timedelta(minutes=5)
    assert isinstance(fast, Throttled)
    assert fast.retry_after <= MINUTE == 60


def test_zero_is_success_and_the_reason_is_the_number_with_zalos_words() -> None:
    assert error(0, "Success") is None
    refused = error(-230, "User has not interacted with the OA in the past 7 days" + "\0" * 900)
    assert refused is not None
    assert refused.reason.startswith("-230 User has not interacted")
    assert len(refused.reason) <= 300
    assert "\0" not in refused.reason


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, b"", Unknown),
        (502, b"<html>Bad Gateway</html>", Unknown),
        (200, b"<html>Welcome to the hotel's network</html>", Unknown),
        (200, b"[]", Unknown),
        (200, b"\xff", Unknown),
        (503, b'{"error":0,"message":"Success"}', Unknown),
        (429, b"slow down", Throttled),
        (403, b"<html>Blocked by your administrator</html>", NotSent),
        (302, b"", NotSent),
        (400, b'{"error":-216,"message":"Access token is invalid"}', Expired),
        (200, b'{"error":-230,"message":null}', OutOfReach),
    ],
)
def test_what_is_no_answer_of_zalo_is_judged_by_what_it_leaves_open(
    status: int, body: bytes, kind: type[SendError]
) -> None:
    assert type(error_of(status, answer_from(body))) is kind

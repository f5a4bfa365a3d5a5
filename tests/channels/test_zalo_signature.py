"""The signature of events: a published vector, and everything that must not pass for signed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.zalo.signature import is_signed, mac_of

APP, SECRET, TIME = "360846524940903967", "oa_secret_demo", "1790000000000"
RAW = (
    '{"app_id":"360846524940903967","sender":{"id":"246845883529197922"},"user_id_by_app":"552177279717587730",'
    '"recipient":{"id":"388613280878808645"},"event_name":"user_send_text","message":{"text":"Xin chào",'
    '"msg_id":"96d3cdf3af150460909"},"timestamp":"1790000000000"}'
).encode()
MAC = "34db9223254416924641f2af748dd50dee950144ddc631101ebab3fece6e5dd2"


def signed(raw: bytes = RAW, given: str = MAC, secret: str = SECRET, *stamps: str, app: str = APP) -> bool:
    return is_signed(raw, given, app_id=app, secrets=[secret], timestamps=stamps or (TIME,))


def test_the_published_vector_verifies_with_and_without_its_prefix() -> None:
    assert len(RAW) == 266
    assert mac_of(RAW, app_id=APP, timestamp=TIME, secret=SECRET) == MAC
    assert signed(given=f"mac={MAC}")
    assert signed(given=MAC.upper())


def test_the_headers_time_may_be_the_signed_one() -> None:
    assert signed(RAW, MAC, SECRET, "1790000000999", TIME)
    assert not signed(RAW, MAC, SECRET, "1790000000999")


def test_the_secret_may_be_one_of_several() -> None:
    assert is_signed(RAW, MAC, app_id=APP, secrets=["", "another", SECRET], timestamps=[TIME])


@pytest.mark.parametrize(
    "given",
    ["", "mac=", "mac", "sha256=" + MAC, MAC[:-1], MAC + "0", "mac=\udcff", "é" * 64],
)
def test_what_is_no_signature_signs_nothing(given: str) -> None:
    assert not signed(given=given)


def test_another_secret_app_or_spelling_of_the_same_json_is_refused() -> None:
    assert not signed(secret="app_secret_demo")
    assert not signed(app="1")
    assert not signed(json.dumps(json.loads(RAW)).encode())
    assert not signed(json.dumps(json.loads(RAW), separators=(",", ":")).encode())


@pytest.mark.parametrize("secrets", [[], [""]])
def test_an_empty_secret_signs_nothing(secrets: list[str]) -> None:
    given = mac_of(RAW, app_id=APP, timestamp=TIME, secret="")
    assert not is_signed(RAW, given, app_id=APP, secrets=secrets, timestamps=[TIME])
    assert not is_signed(RAW, mac_of(RAW, app_id=APP, timestamp="", secret=SECRET), app_id=APP, secrets=[SECRET],
                         timestamps=[""])  # fmt: skip


@given(st.integers(0, len(RAW) - 1), st.integers(1, 255))
def test_one_altered_byte_is_refused(place: int, change: int) -> None:
    altered = bytearray(RAW)
    altered[place] ^= change
    assert not signed(bytes(altered))

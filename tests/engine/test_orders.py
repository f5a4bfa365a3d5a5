"""Words that work everywhere, in any spelling: a stop is heard, and what only looks like one is not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.understanding.orders import command_in
from tests.shipped import ROOT, shipped

LISTED = [(name, word) for name, words in shipped().commands.items() for word in words]


@pytest.mark.parametrize(
    "typed",
    [
        "dừng", "DỪNG!", "dung", "Dung.", "dừng lạiii", "dung lai di", "dừng lại đi cô ơi", "duwngf", "dunwgf",
        "DUWNGF", "du7ng2", "dừg", "stop!!", "stopp", "STOP", "dừng rồi", "thôi dừng", "cho toi dung",
        "xin dừng giúp em với ạ", "tôi muốn dừng nhận tin", "dwngf lại", "ngừng nhé", "Dừng. Tôi không quan tâm",
        "dừng tin đi, phiền quá", "phiền quá. dừng đi",
        "Dạ thôi em không muốn nhận tin nhắn nữa ạ", "ko nhận tin nữa", "đừng nhắn tin nữa",
        "đừng nhắn tin cho tôi nữa nhé", "huỷ đăng ký", "hủy đăng kí", "xoá dữ liệu", "unsubscribe", "/dung", "🛑 dừng",
    ],
)  # fmt: skip
def test_a_stop_is_heard_in_any_spelling(typed: str) -> None:
    assert command_in(shipped(), typed) == "stop"


@pytest.mark.parametrize(
    "typed",
    [
        "đúng", "Đúng.", "ddungs", "d9u1ng", "dùng", "dungf", "đứng", "đựng", "em đúng rồi", "dung roi", "toi dung",
        "đúng lại", "đừng", "đừng dừng", "rừng", "dung, toi hieu roi", "nhà tôi đang dùng nước giếng",
        "làm sao để dừng tin", "Gặp cán bộ, dừng tin", "vay vốn", "không", "hủy đăng ký tạm trú", "", "!!!",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_stop_is_none(typed: str) -> None:
    assert command_in(shipped(), typed) != "stop"


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("menuuu", "menu"), ("về trang chính ạ", "menu"), ("quay lai di em", "back"), ("quay laji", "back"),
        ("nhăc lại", "repeat"), ("cho tôi xem lại", "repeat"), ("giúp tôi với ạ", "help"), ("giups tooi voiws", "help"),
        ("gặp cb", "officer"), ("cho em gặp cán bộ với", "officer"), ("gap can bo giup toi", "officer"),
        ("xem thêmmm", "more"), ("bo qua di", "skip"), ("vâng ạ", "yes"), ("vâng đúng rồi", "yes"), ("đồng ý ạ", "yes"),
        ("oke", "yes"), ("dc ạ", "yes"), ("ko", "no"), ("kg", "no"), ("hông", "no"), ("dạ không ạ", "no"),
        ("k cần", "no"), ("không cần đâu ạ", "no"), ("thôi ạ", "later"), ("dạ thôi", "later"),
        ("để sau nhé", "later"), ("de sau", "later"), ("hôm khác nhé cô", "later"), ("nhận lại tin giúp tôi", "resume"),
        ("không có tiền", ""), ("có gì vui không", ""), ("thôi nôi", ""), ("thêm tiền", ""), ("nhà có hai con", ""),
    ],
)  # fmt: skip
def test_every_command_is_heard_with_courtesy_around_it(typed: str, command: str) -> None:
    assert command_in(shipped(), typed) == command


@given(st.sampled_from(LISTED), st.sampled_from(["", " ạ", "!", " nhé", "...", " đi ạ"]), st.booleans())
def test_case_composition_and_courtesy_never_change_a_command(listed: tuple[str, str], end: str, upper: bool) -> None:
    name, word = listed
    for typed in (word + end, unicodedata.normalize("NFD", word + end)):
        assert command_in(shipped(), typed.upper() if upper else typed) == name


@pytest.mark.parametrize("topic", ["vay-von", "bhyt", "nha-o", "hoc-nghe", "tro-cap", "viec-lam", "ngoai"])
def test_questions_of_households_are_no_commands(topic: str) -> None:
    asked = (ROOT / "content/examples" / f"{topic}.txt").read_text(encoding="utf-8").splitlines()
    whole = [line for line in asked if len(line.split()) > 2]
    assert [line for line in whole if command_in(shipped(), line)] == []

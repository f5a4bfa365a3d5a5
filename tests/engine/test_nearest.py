"""The choice that a question within a topic comes nearest to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.model import AskChoice
from bot.engine.nearest import option_near
from tests.shipped import shipped


def near(dialog: str, text: str) -> str:
    tree = shipped().dialogs[dialog]
    asked = tree.nodes["hoi"]
    assert isinstance(asked, AskChoice)
    option = option_near(shipped(), asked.options, text, "vi", tree.title)
    return option.label if option else ""


@pytest.mark.parametrize(
    ("dialog", "text", "label"),
    [
        ("tro-cap", "muốn xin cái thẻ đi xe buýt thì đến đâu", "Thẻ xe buýt"),
        ("tro-cap", "ông cụ nhà tôi cao tuổi lắm rồi", "Người cao tuổi"),
        ("thong-tin", "xa có hỗ trợ mua điện thoại không", "Hỗ trợ điện thoại"),
        ("tro-cap", "xe", ""), ("tro-cap", "trợ cấp hằng tháng", ""), ("tro-cap", "", ""),
        ("vay-von", "muốn vay vốn ưu đãi", ""),
    ],
)  # fmt: skip
def test_two_words_of_a_label_at_least_and_most_of_them_make_it_the_nearest(dialog: str, text: str, label: str) -> None:
    assert near(dialog, text) == label


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    near("tro-cap", text)

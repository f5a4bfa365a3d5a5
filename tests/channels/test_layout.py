"""Markdown as plain text: what a platform without markup shows."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.layout import cut, plain, plain_parts


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Vay **100 triệu** đồng", "Vay 100 triệu đồng"),
        ("_Theo: Quyết định 12._", "Theo: Quyết định 12."),
        ("a < b & c > d", "a < b & c > d"),
        ("Một.\n\nHai.\nBa.", "Một.\n\nHai.\nBa."),
        ("Cần có:\n\n- đơn\n  - hai bản\n- thẻ\n\nXong.", "Cần có:\n\n• đơn\n  • hai bản\n• thẻ\n\nXong."),
        ("3. ba\n4. bốn", "3. ba\n4. bốn"),
        ("[cổng dịch vụ](https://a.vn/?x=1&y=2) nhé", "cổng dịch vụ (https://a.vn/?x=1&y=2) nhé"),
        ("[https://a.vn](https://a.vn)", "https://a.vn"),
        ("[**a.vn** đây](https://a.vn)", "**a.vn** đây (https://a.vn)".replace("*", "")),
        ("gọi [111](tel:111) hay [tổng đài](tel:1022)", "gọi 111 hay tổng đài (1022)"),
        ("[thư](mailto:a@b.vn)", "thư (a@b.vn)"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        (r"\*101\# và 2\_3", "*101# và 2_3"),
    ],
)
def test_markdown_becomes_words_and_addresses(markdown: str, text: str) -> None:
    assert plain(markdown) == text


def test_a_cut_falls_at_the_end_of_a_paragraph_else_a_sentence_else_a_word() -> None:
    assert plain_parts("aaa bbb.\n\nccc ddd. eee", 14) == ["aaa bbb.", "ccc ddd. eee"]
    assert plain_parts("aaa bbb. ccc ddd eee", 14) == ["aaa bbb.", "ccc ddd eee"]
    assert plain_parts("**aaa bbb ccc** ddd eee", 14) == ["aaa bbb ccc", "ddd eee"]
    assert plain_parts("🎉" * 5, 3) == ["🎉🎉🎉", "🎉🎉"]
    assert plain_parts(" \n ", 14) == []


@given(st.text(alphabet="aă ế.\n🎉", max_size=300), st.integers(2, 40))
def test_every_part_fits_and_no_letter_is_lost(text: str, limit: int) -> None:
    parts = cut(normalize("NFC", text), limit)
    assert all(0 < len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(normalize("NFC", text).split())

"""Messages as Bot API calls: markup, splitting, buttons. fakes/telegram_rules.py judges what Telegram would take."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.layout import runs_of, split
from bot.channels.telegram.encode import as_new_message, closing_of, payloads_of
from bot.channels.telegram.markup import html_of, html_parts, tag_of
from bot.messages import Address, Choice, Outgoing
from tests.fakes.telegram_rules import check_message, units, visible

HERE = Address("telegram", "7")
YES_NO = (Choice("3:co", "1. Có"), Choice("3:khong", "2. Không"))


def bodies(message: Outgoing) -> list[tuple[str, dict[str, Any]]]:
    found = [(payload.method, json.loads(payload.body)) for payload in payloads_of(HERE, message)]
    for method, body in found:
        check_message(method, body)
    return found


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("Vay **100 triệu** đồng", "Vay <b>100 triệu</b> đồng"),
        ("*nghiêng* và **đậm *cả hai***", "<i>nghiêng</i> và <b>đậm </b><b><i>cả hai</i></b>"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<b>không phải thẻ</b>", "&lt;b&gt;không phải thẻ&lt;/b&gt;"),
        ("Một.\n\nHai.", "Một.\n\nHai."),
        ("Một dòng\nhai dòng", "Một dòng\nhai dòng"),
        ("Cần có:\n- đơn\n- **thẻ** căn cước", "Cần có:\n• đơn\n• <b>thẻ</b> căn cước"),
        ("Cần có:\n\n- đơn\n  - hai bản\n- thẻ\n\nXong.", "Cần có:\n\n• đơn\n  • hai bản\n• thẻ\n\nXong."),
        ("3. ba\n4. bốn", "3. ba\n4. bốn"),
        ("[cổng dịch vụ](https://a.vn/?x=1&y=2)", '<a href="https://a.vn/?x=1&amp;y=2">cổng dịch vụ</a>'),
        ("[gọi](tel:111)", "gọi"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        (r"\*101\# và 2*3*4", "*101# và 2<i>3</i>4"),
        ("**", "**"),
        ("# không có tiêu đề", "# không có tiêu đề"),
    ],
)
def test_markdown_becomes_what_telegram_reads(markdown: str, html: str) -> None:
    assert html_parts(markdown) == [html]


def test_a_message_with_choices_has_one_button_a_row() -> None:
    [(method, body)] = bodies(Outgoing("Có **vay** không?", YES_NO))
    assert method == "sendMessage"
    assert body == {
        "chat_id": 7,
        "text": "Có <b>vay</b> không?",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "reply_markup": {
            "inline_keyboard": [
                [{"text": "1. Có", "callback_data": "3:co"}],
                [{"text": "2. Không", "callback_data": "3:khong"}],
            ]
        },
    }


def test_a_message_without_choices_has_no_keyboard() -> None:
    [(_, body)] = bodies(Outgoing("Xin chào"))
    assert "reply_markup" not in body


def test_the_same_words_with_other_ids_and_addresses_differ_only_there() -> None:
    first = payloads_of(HERE, Outgoing("Có không?", YES_NO))
    other = payloads_of(
        Address("telegram", "8"), Outgoing("Có không?", (Choice("4:a", "1. Có"), Choice('"\\', "2. Không")))
    )
    changed = json.loads(first[0].body)
    changed["chat_id"] = 8
    changed["reply_markup"]["inline_keyboard"][0][0]["callback_data"] = "4:a"
    changed["reply_markup"]["inline_keyboard"][1][0]["callback_data"] = '"\\'
    assert json.loads(other[0].body) == changed


def test_a_message_that_replaces_edits_the_old_one_and_can_be_sent_anew() -> None:
    [payload] = payloads_of(HERE, Outgoing("Có không?", YES_NO, replaces="55"))
    [anew] = payloads_of(HERE, Outgoing("Có không?", YES_NO))
    assert payload.method == "editMessageText"
    assert json.loads(payload.body) == {**json.loads(anew.body), "message_id": 55}
    assert json.loads(as_new_message(payload.body)) == json.loads(anew.body)


def test_asking_for_the_phone_offers_the_own_number_and_the_choices_to_type() -> None:
    [(method, body)] = bodies(
        Outgoing("Số điện thoại?", (Choice("3:bo-qua", "1. Bỏ qua"),), replaces="5", asks_phone=True)
    )
    assert method == "sendMessage"
    keyboard = body["reply_markup"]["keyboard"]
    assert keyboard[0][0]["request_contact"] is True
    assert keyboard[1] == [{"text": "1. Bỏ qua"}]


def test_a_long_text_becomes_several_messages_and_the_last_bears_the_choices() -> None:
    found = bodies(Outgoing("\n\n".join(["Bà con đọc kỹ giúp tôi. " * 40] * 9), YES_NO, replaces="55"))
    assert [method for method, _ in found] == ["editMessageText", "sendMessage", "sendMessage"]
    assert ["reply_markup" in body for _, body in found] == [False, False, True]


@pytest.mark.parametrize(
    "message",
    [
        Outgoing(""),
        Outgoing(" \n "),
        Outgoing("a", (Choice("x" * 65, "1"),)),
        Outgoing("a", (Choice("đ" * 33, "1"),)),
        Outgoing("a", (Choice("", "1"),)),
        Outgoing("a", (Choice("x", " "),)),
    ],
)
def test_what_telegram_would_refuse_for_everybody_is_refused_here(message: Outgoing) -> None:
    with pytest.raises(ValueError, match=r"needs|the id of a choice"):
        payloads_of(HERE, message)


def test_closing_takes_the_buttons_off() -> None:
    payload = closing_of(HERE, "55")
    assert payload.method == "editMessageReplyMarkup"
    assert json.loads(payload.body) == {"chat_id": 7, "message_id": 55}


def test_a_cut_falls_at_the_end_of_a_paragraph_else_a_sentence_else_a_word() -> None:
    assert html_parts("aaa bbb.\n\nccc ddd. eee", 14) == ["aaa bbb.", "ccc ddd. eee"]
    assert html_parts("aaa bbb. ccc ddd eee", 14) == ["aaa bbb.", "ccc ddd eee"]
    assert html_parts("aaa bbb ccc ddd eee", 14) == ["aaa bbb ccc", "ddd eee"]
    assert html_parts("x" * 20, 14) == ["x" * 14, "x" * 6]


def test_a_cut_spares_a_bold_stretch_unless_it_alone_is_too_long() -> None:
    assert html_parts("aaa bbb **ccc ddd eee**", 14) == ["aaa bbb", "<b>ccc ddd eee</b>"]
    assert html_parts("**aaa bbb ccc ddd eee**", 14) == ["<b>aaa bbb ccc</b>", "<b>ddd eee</b>"]


def test_a_part_never_ends_within_a_character() -> None:
    assert html_parts("🎉" * 5, 5) == ["🎉🎉", "🎉🎉", "🎉"]


PIECES = st.sampled_from(
    [
        "**đậm**",
        "*nghiêng*",
        "[nhà](https://a.vn)",
        "- mục",
        "1. một",
        "\n",
        "\n\n",
        " ",
        "Câu dài. ",
        "<b>",
        "&amp;",
        "🎉",
        "**",
        "_",
        "\\",
    ]
)
MARKDOWN = st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=40).map("".join)


@given(markdown=MARKDOWN, limit=st.integers(min_value=2, max_value=60))
def test_parts_are_well_formed_short_enough_and_lose_nothing(markdown: str, limit: int) -> None:
    whole = visible(html_of(runs_of(markdown, tag_of)))
    parts = [visible(html_of(part)) for part in split(runs_of(markdown, tag_of), limit)]
    assert all(part.strip() and units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(whole.split())


@given(
    text=MARKDOWN, labels=st.lists(st.text(min_size=1, max_size=30), max_size=5), replaces=st.sampled_from(["", "9"])
)
def test_whatever_can_be_encoded_telegram_takes(text: str, labels: list[str], replaces: str) -> None:
    choices = tuple(Choice(f"s:{number}", label) for number, label in enumerate(labels))
    try:
        found = bodies(Outgoing(text, choices, replaces=replaces))
    except ValueError:
        return
    assert [body.get("reply_markup", {}).get("inline_keyboard", []) for _, body in found[:-1]] == [[]] * (
        len(found) - 1
    )

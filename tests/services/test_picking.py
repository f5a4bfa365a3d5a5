"""What people choose when they are asked back becomes an example, once enough of them have chosen the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.library.examples import Example
from bot.services.picking import AGREED, agreed
from bot.store.models import contacts, interactions
from bot.store.picks import Pick, picks

WORDS, TOPIC = "mua phân bón trả chậm", "vay-von"


def picked(*contacts_: int, text: str = WORDS, topic: str = TOPIC, answer: str = "") -> list[Pick]:
    return [Pick(contact, text, topic, answer) for contact in contacts_]


@pytest.mark.parametrize("others", [
    picked(4, 5, topic="tu-luc"),  # too many took it for something else
    [],
])  # fmt: skip
def test_enough_people_must_agree(others: list[Pick]) -> None:
    three = picked(*range(1, AGREED + 1))
    assert agreed(three + others) == ([] if others else [Example(WORDS, TOPIC)])
    assert agreed(three[:-1] + three[:-1]) == []  # the same people again are no more


def test_spellings_of_one_sentence_count_together_and_the_first_stands_for_them() -> None:
    assert agreed([*picked(1), *picked(2, text="MUA PHAN BON, tra cham?"), *picked(3, answer="số 1")]) == [
        Example(WORDS, TOPIC)
    ]


def test_who_answers_in_other_words_has_asked_anew() -> None:
    assert agreed(picked(1, 2, 3, answer="vay vốn làm ăn")) == []


async def test_the_log_tells_what_followed_on_being_asked_back(
    database: AsyncEngine, clock: Callable[[], datetime]
) -> None:
    def row(contact: int, kind: str, detail: str = "", text: str = "") -> dict[str, Any]:
        return {"contact_id": contact, "at": clock(), "kind": kind, "detail": detail, "text": text}

    asked = ("offered", "vay-von tu-luc", WORDS)
    rows = [
        row(1, *asked), row(2, *asked), row(1, "said"), row(2, "said"), row(3, *asked), row(4, *asked),
        row(1, "routed", "vay-von"), row(1, "entered"),
        row(2, "routed", "tu-luc", "2"), row(2, "routed", "vay-von"),  # only the first is an answer
        row(3, "routed", "bhyt", "thẻ bảo hiểm"),  # was not among them
        row(4, "missed", "", WORDS), row(4, "routed", "vay-von"),  # none of these, and later something else
        row(5, "routed", "vay-von", "vay vốn"),
    ]  # fmt: skip
    async with database.begin() as db:
        await db.execute(insert(contacts), [{"id": number, "created_at": clock()} for number in range(1, 6)])
        await db.execute(insert(interactions), rows)
        assert list(await picks(db)) == [Pick(1, WORDS, "vay-von", ""), Pick(2, WORDS, "tu-luc", "2")]

"""What a colleague answers in a platform's own chat tool stands in the inbox like any answer, and says where it was."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from bot.store.models import handoffs, interactions, sessions
from tests.console.office import Console

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
async def answered(console: Console) -> Console:
    """Number 1 is contact 1, whom somebody answers in Zalo."""
    async with console.database.begin() as db:
        at = console.clock()
        await db.execute(insert(sessions).values(contact_id=1, state="{}", seen_at=at, held=True))
        row = {"id": 1, "contact_id": 1, "queue": "chung", "asked_at": at, "claimed_by": "zalo:1001", "claimed_at": at}
        await db.execute(insert(handoffs).values(row))
        for text in (f"Chào bác {SCRIPT}", ""):
            said = {"contact_id": 1, "at": at, "kind": "answered", "detail": "zalo:1001", "text": text}
            await db.execute(insert(interactions).values(said))
    return console


async def test_their_words_and_who_answers_are_shown_as_typed(answered: Console) -> None:
    page = (await answered.get("/inbox/1")).text
    assert "cán bộ trong Zalo (1001) đang trả lời" in page
    assert "Chào bác &lt;script&gt;" in page
    assert SCRIPT not in page
    assert "(ảnh hoặc tệp)" in page
    assert page.count("viết thẳng trong Zalo") == 2


async def test_the_log_shows_the_same(answered: Console) -> None:
    page = (await answered.get("/log/1", "an")).text
    assert "Chào bác &lt;script&gt;" in page
    assert "viết thẳng trong Zalo" in page


async def test_another_answers_only_when_they_take_it_knowingly(answered: Console) -> None:
    refused = await answered.post("/inbox/1/claim")
    assert refused.status == 422
    assert "cán bộ trong Zalo (1001) đang trả lời cuộc này" in refused.text
    assert (await answered.post("/inbox/1/claim", fields={"over": "1"})).status == 303
    async with answered.database.connect() as db:
        assert (await db.execute(select(handoffs.c.claimed_by))).scalar_one() == "an"

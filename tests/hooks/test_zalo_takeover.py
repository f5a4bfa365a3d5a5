"""Somebody of ours answers in Zalo's own chat tool: the inbox says so, keeps their words, and the bot holds back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from bot.services.handoff import Inbox
from bot.services.retelling import conversation
from bot.store import audit, officers
from bot.store.handoffs import listing
from bot.store.ids import Ids
from bot.store.models import contacts, deliveries, handoffs, inbox, interactions, sessions
from tests.conftest import Clock
from tests.fakes.zalo.people import FakeUser
from tests.hooks.zalo_stage import Stage, event, on_stage

HOA = "2512523625412515"


@asynccontextmanager
async def talking(url: str, clock: Clock) -> AsyncIterator[tuple[Stage, FakeUser]]:
    """Hoa has said hello, and was answered."""
    async with on_stage(url, clock) as stage:
        hoa = stage.zalo.user(HOA, name="Hoa")
        await hoa.write("xin chào")
        clock.advance(seconds=5)
        yield stage, hoa


async def waits(stage: Stage) -> Any:
    """Hoa has asked for an officer; the conversation."""
    [contact] = await stage.rows(contacts)
    at = stage.zalo.clock()
    async with stage.parts.database.begin() as db:
        row = {"contact_id": contact.id, "queue": "vay-von", "asked_at": at, "waiting_since": at}
        await db.execute(handoffs.insert().values(row))
    [row] = await stage.rows(handoffs)
    return row


async def words(stage: Stage) -> list[tuple[str, str]]:
    """(who wrote it, the words) of what was written past the bot."""
    rows = await stage.rows(interactions)
    return [(row.detail, row.text) for row in rows if row.kind == "answered"]


async def actions(stage: Stage) -> list[tuple[str, str]]:
    async with stage.parts.database.connect() as db:
        assert await audit.verify(db) is None
        return [(one.actor, one.action) for one in await audit.recent(db)]


async def test_the_conversation_is_theirs_and_the_bot_holds_back(database_url: str, clock: Clock) -> None:
    async with talking(database_url, clock) as (stage, hoa):
        assert await stage.zalo.admin_writes(HOA, "Chào bác, tôi là Lan ở xã.", "1001") == 200
        [row] = await stage.rows(handoffs)
        assert (row.claimed_by, row.waiting_since, row.closed_at) == ("zalo:1001", None, None)
        assert await words(stage) == [("zalo:1001", "Chào bác, tôi là Lan ở xã.")]
        assert await actions(stage) == [("zalo:1001", "inbox.takeover")]
        said = len(await stage.rows(deliveries))
        clock.advance(seconds=5)
        await hoa.write("nhà tôi bốn người")
        assert len(await stage.rows(deliveries)) == said
        [row] = await stage.rows(handoffs)
        assert row.waiting_since == clock()
        await hoa.write("menu")  # what works everywhere still does
        assert len(await stage.rows(deliveries)) > said


async def test_the_thread_shows_their_words_and_the_queue_who_answers(database_url: str, clock: Clock) -> None:
    async with talking(database_url, clock) as (stage, _hoa):
        await stage.zalo.admin_writes(HOA, "<b>Chào</b> bác", "1001")
        [contact] = await stage.rows(contacts)
        async with stage.parts.database.connect() as db:
            retold = await conversation(db, contact.id)
            [waiting] = await listing(db, "open", login="an", communes=(), limit=10)
        line = retold.lines[-1]
        assert (line.who, line.text, line.html, line.detail) == ("officer", "<b>Chào</b> bác", "", "zalo:1001")
        assert waiting.claimed_by == "zalo:1001"


async def test_it_counts_once_however_often_it_comes(database_url: str, clock: Clock) -> None:
    async with talking(database_url, clock) as (stage, _hoa):
        stage.zalo.hook.duplicates = 3
        await stage.zalo.admin_writes(HOA, "Chào bác.", "1001")
        assert len(await words(stage)) == 1
        assert len(await stage.rows(handoffs)) == 1
        assert len(await actions(stage)) == 1


async def test_who_asked_for_an_officer_is_answered_by_it(database_url: str, clock: Clock) -> None:
    async with talking(database_url, clock) as (stage, _hoa):
        asked = await waits(stage)
        clock.advance(seconds=60)
        await stage.zalo.admin_writes(HOA, "Chào bác.", "1001")
        [row] = await stage.rows(handoffs)
        assert (row.id, row.queue, row.claimed_by, row.waiting_since) == (asked.id, asked.queue, "zalo:1001", None)


async def test_an_officer_who_has_taken_it_keeps_it(database_url: str, clock: Clock) -> None:
    async with talking(database_url, clock) as (stage, _hoa):
        desk, asked = await opened(stage, clock), await waits(stage)
        await desk.claim(asked.id, "an")
        await stage.zalo.admin_writes(HOA, "Chào bác.", "1001")
        [row] = await stage.rows(handoffs)
        assert row.claimed_by == "an"
        assert await words(stage) == [("zalo:1001", "Chào bác.")]


async def test_an_officer_can_take_it_from_there_and_give_it_back_to_the_bot(database_url: str, clock: Clock) -> None:
    async with talking(database_url, clock) as (stage, _hoa):
        await stage.zalo.admin_writes(HOA, "Chào bác.", "1001")
        desk, [row] = await opened(stage, clock), await stage.rows(handoffs)
        await desk.claim(row.id, "an", from_other=True)
        await desk.close(row.id, "an")
        [session] = await stage.rows(sessions)
        assert not session.held
        clock.advance(seconds=60)
        await stage.zalo.admin_writes(HOA, "Bác còn hỏi gì không?", "1001")
        assert [(one.claimed_by, one.closed_at is None) for one in await stage.rows(handoffs)] == [
            ("an", False), ("zalo:1001", True)
        ]  # fmt: skip


async def test_words_that_come_after_it_was_closed_open_it_no_more(database_url: str, clock: Clock) -> None:
    """Zalo couldn't reach us when they were written; meanwhile an officer has given the person back to the bot."""
    async with talking(database_url, clock) as (stage, _hoa):
        await stage.zalo.admin_writes(HOA, "Chào bác.", "1001")
        stage.zalo.hook.holds = True
        clock.advance(seconds=10)
        await stage.zalo.admin_writes(HOA, "Bác chờ chút.", "1001")
        clock.advance(seconds=60)
        desk, [row] = await opened(stage, clock), await stage.rows(handoffs)
        await desk.claim(row.id, "an", from_other=True)
        await desk.close(row.id, "an")
        await stage.zalo.hook.release()
        [row] = await stage.rows(handoffs)
        assert row.closed_at is not None
        assert [text for _, text in await words(stage)] == ["Chào bác.", "Bác chờ chút."]
        [session] = await stage.rows(sessions)
        assert not session.held


async def test_nobody_becomes_known_by_being_written_to(database_url: str, clock: Clock) -> None:
    async with on_stage(database_url, clock) as stage:
        assert await stage.zalo.admin_writes("9990001112223334", "Chào bác.", "1001") == 200
        assert await stage.rows(contacts) == []
        assert await stage.rows(handoffs) == []
        assert await stage.rows(interactions) == []


async def test_a_message_of_ours_is_no_takeover_even_if_an_echo_names_somebody(database_url: str, clock: Clock) -> None:
    """Should Zalo name a person also for what the API sent, the bot must not silence itself."""
    async with talking(database_url, clock) as (stage, _hoa):
        await stage.settled()
        ours: Sequence[Any] = [row for row in await stage.rows(deliveries) if row.external_id]
        parties = {"sender": {"id": stage.zalo.oa_id, "admin_id": "1001"}, "recipient": {"id": HOA}}
        echo = event(stage.zalo, "oa_send_text", **parties, message={"text": "x", "msg_id": ours[-1].external_id})
        assert await stage.tell(echo) == 200
        assert await stage.rows(handoffs) == []
        assert len(await stage.rows(inbox)) == 2


async def test_a_picture_that_they_send_is_a_takeover_too(database_url: str, clock: Clock) -> None:
    async with talking(database_url, clock) as (stage, _hoa):
        parties = {"sender": {"id": stage.zalo.oa_id, "admin_id": "1001"}, "recipient": {"id": HOA}}
        assert await stage.tell(event(stage.zalo, "oa_send_image", **parties, message={"msg_id": "p1"})) == 200
        assert await words(stage) == [("zalo:1001", "")]


async def test_a_withdrawal_takes_their_words_along(database_url: str, clock: Clock) -> None:
    async with talking(database_url, clock) as (stage, hoa):
        await stage.zalo.admin_writes(HOA, "Chào bác Hoa.", "1001")
        await hoa.withdraw()
        assert await words(stage) == []
        assert await stage.rows(handoffs) == []
        await stage.zalo.admin_writes(HOA, "Bác đâu rồi?", "1001")
        assert await stage.rows(contacts) == []
        assert await words(stage) == []


async def opened(stage: Stage, clock: Clock) -> Inbox:
    """The inbox, with the officer an."""
    async with stage.parts.database.begin() as db:
        await officers.add(db, login="an", role="officer", at=clock() - timedelta(days=1))
    parts = stage.parts
    return Inbox(
        parts.database, lambda: parts.shelf.library, parts.channels, Ids(7, clock), now=clock,
        today=lambda: clock().date(), forget=parts.conversation.changed_elsewhere,
    )  # fmt: skip

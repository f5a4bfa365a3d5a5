"""What Zalo tells beside messages: receipts, follows, withdrawals, templates; and the proof that the domain is ours."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, text

from bot.messages import Address
from bot.store import ledger
from bot.store import receipts as noted
from bot.store.account_models import receipts, sightings, templates
from bot.store.db import open_database
from bot.store.models import addresses, contacts, deliveries, inbox, interactions, sessions
from bot.store.schema import metadata
from tests.conftest import Clock
from tests.hooks.zalo_stage import Stage, event, message, on_stage

HOA = "2512523625412515"


def told(stage: Stage, name: str, at: datetime, **message: object) -> dict[str, object]:
    """What a phone tells of a message of ours."""
    parties = {"sender": {"id": stage.zalo.oa_id}, "recipient": {"id": HOA}}
    found: dict[str, object] = event(stage.zalo, name, **parties, message=message)
    return found | {"timestamp": str(int(at.timestamp() * 1000))}


async def test_receipts_are_noted_whatever_their_order_and_the_earliest_holds(database_url: str, clock: Clock) -> None:
    """Also of messages that are not in our ledger yet: Zalo may be faster than our own mark."""
    first, later = clock() - timedelta(seconds=50), clock() - timedelta(seconds=20)
    async with on_stage(database_url, clock) as stage:
        assert await stage.tell(told(stage, "user_seen_message", later, msg_ids=["m1", "m2"])) == 200
        assert await stage.tell(told(stage, "user_received_message", later, msg_id="m1")) == 200
        assert await stage.tell(told(stage, "user_received_message", first, msg_id="m1")) == 200
        assert await stage.tell(told(stage, "user_seen_message", clock(), msg_id="m2")) == 200
        rows = {row.message_id: (row.received_at, row.seen_at) for row in await stage.rows(receipts)}
        assert rows == {"m1": (first, later), "m2": (None, later)}
        assert await stage.rows(contacts) == []


async def test_what_a_phone_tells_is_found_by_the_delivery(database_url: str, clock: Clock) -> None:
    async with on_stage(database_url, clock) as stage:
        stage.zalo.receipts = "seen"
        hoa = stage.zalo.user(HOA, name="Hoa")
        await hoa.write("xin chào")
        await stage.settled()
        ids = [row.external_id for row in await stage.rows(deliveries)]
        async with stage.parts.database.connect() as db:
            found = await noted.of(db, "zalo", ids)
        assert ids
        assert all(found[one].seen_at for one in ids)


async def test_echoes_of_our_own_messages_are_no_conversation(database_url: str, clock: Clock) -> None:
    async with on_stage(database_url, clock) as stage:
        hoa = stage.zalo.user(HOA, name="Hoa")
        await hoa.write("xin chào")
        await stage.settled()
        lines = len(await stage.rows(interactions))
        assert stage.zalo.hook.attempts[-1].status == 200
        assert len(await stage.rows(interactions)) == lines
        assert len(await stage.rows(inbox)) == 1


async def test_who_unfollows_is_written_to_no_more_until_they_come_back(database_url: str, clock: Clock) -> None:
    async with on_stage(database_url, clock) as stage:
        hoa = stage.zalo.user(HOA, name="Hoa")
        await hoa.write("xin chào")
        before = await stage.rows(sessions)
        await hoa.unfollow()
        [row] = await stage.rows(addresses)
        assert (row.status, row.interacted_at) == ("blocked", clock())
        assert [one.state for one in await stage.rows(sessions)] == [one.state for one in before]
        assert len(await stage.rows(contacts)) == 1
        clock.advance(seconds=60)
        await hoa.follow()
        [row] = await stage.rows(addresses)
        assert (row.status, row.interacted_at) == ("active", clock())


async def test_what_is_brought_late_undoes_nothing_that_the_person_did_since(database_url: str, clock: Clock) -> None:
    """Zalo brings an event that we couldn't take for the last time after two hours, and others go before it."""
    async with on_stage(database_url, clock) as stage:
        hoa = stage.zalo.user(HOA, name="Hoa")
        await hoa.write("xin chào")
        late = message(stage.zalo, "còn đó không", msg_id="late", uid=HOA)
        clock.advance(seconds=60)
        await hoa.unfollow()
        clock.advance(seconds=300)
        assert await stage.tell(late) == 200
        assert [row.status for row in await stage.rows(addresses)] == ["blocked"]
        left = event(stage.zalo, "unfollow", oa_id=stage.zalo.oa_id, follower={"id": HOA})
        clock.advance(seconds=60)
        await hoa.follow()
        assert await stage.tell(left) == 200
        assert [row.status for row in await stage.rows(addresses)] == ["active"]


async def test_an_unfollow_counts_that_overtook_the_first_message(database_url: str, clock: Clock) -> None:
    async with on_stage(database_url, clock) as stage:
        first = message(stage.zalo, "xin chào", uid=HOA)
        clock.advance(seconds=60)
        left = event(stage.zalo, "unfollow", oa_id=stage.zalo.oa_id, follower={"id": HOA})
        clock.advance(seconds=300)
        assert await stage.tell(first) == 200
        assert await stage.tell(left) == 200
        assert [row.status for row in await stage.rows(addresses)] == ["blocked"]


async def test_a_stranger_who_unfollows_or_withdraws_becomes_no_contact(database_url: str, clock: Clock) -> None:
    async with on_stage(database_url, clock) as stage:
        stranger = stage.zalo.user(HOA)
        assert await stranger.unfollow() == 200
        assert await stranger.withdraw() == 200
        assert await stage.rows(contacts) == []


async def test_a_withdrawal_leaves_nothing_of_the_person_and_touches_nobody_else(
    database_url: str, clock: Clock
) -> None:
    async with on_stage(database_url, clock) as stage:
        stage.zalo.receipts = "seen"
        hoa, lan = stage.zalo.user(HOA, name="Hoa"), stage.zalo.user("9990001112223334", name="Lan")
        for person, words in ((hoa, "tôi ở ngõ 5"), (lan, "tôi ở ngõ 9")):
            await person.follow()
            await person.write(words)
            await person.submit_info("84912345678" if person is hoa else "84987654321", name=f"Nguyễn {person.name}")
        await stage.settled()
        await sent_by_broadcast(stage, HOA, "b1")
        await stage.tell(told(stage, "user_seen_message", clock(), msg_id="b1"))
        of_hoa = {row.external_id for row in await stage.rows(deliveries) if row.address == HOA} - {""}
        of_lan = {row.external_id for row in await stage.rows(deliveries) if row.address == lan.uid} - {""}
        said = len(stage.zalo.user(HOA).texts)
        assert await hoa.withdraw() == 200
        assert "b1" in of_hoa
        left = {row.message_id for row in await stage.rows(receipts)}
        assert left & of_hoa == set()
        assert of_lan <= left
        assert [row.external_id for row in await stage.rows(addresses)] == [lan.uid]
        assert len(stage.zalo.user(HOA).texts) == said  # nothing is said to somebody who wants to be gone
    everything = await all_rows(database_url)
    for trace in (HOA, "ngõ 5", "0912345678", "84912345678", "Nguyễn Hoa"):
        assert trace not in everything, trace
    assert "ngõ 9" in everything


async def test_a_late_event_of_somebody_who_withdrew_brings_nothing_back(database_url: str, clock: Clock) -> None:
    async with on_stage(database_url, clock) as stage:
        hoa = stage.zalo.user(HOA, name="Hoa")
        await hoa.write("xin chào")
        await stage.until(deliveries, 1)
        await hoa.withdraw()
        assert await stage.zalo.hook.repeat() == 200
        assert await stage.zalo.hook.repeat(0) == 200
        assert await hoa.unfollow() == 200
        assert await stage.rows(contacts) == []


async def test_an_event_that_comes_late_closes_no_window(database_url: str, clock: Clock) -> None:
    async with on_stage(database_url, clock) as stage:
        hoa = stage.zalo.user(HOA, name="Hoa")
        stage.zalo.hook.holds = True
        await hoa.write("một")
        clock.advance(seconds=600)
        await hoa.write("hai")
        assert await stage.zalo.hook.release() == [200, 200]  # the newest first
        [row] = await stage.rows(addresses)
        assert row.interacted_at == clock()


async def test_a_template_that_zalo_judged_anew_is_known_as_such(database_url: str, clock: Clock) -> None:
    async with on_stage(database_url, clock) as stage:
        async with stage.parts.database.begin() as db:
            row = {"channel": "zalo", "id": "7895417", "state": "pending", "checked_at": clock() - timedelta(days=1)}
            await db.execute(insert(templates).values(row))
        status = {"prev_status": "PENDING_REVIEW", "new_status": "ENABLE"}
        changed = event(stage.zalo, "change_template_status", template_id="7895417", status=status)
        assert await stage.tell(changed) == 200
        assert [row.state for row in await stage.rows(templates)] == ["approved"]


async def test_the_webhook_is_noted_at_once_and_then_by_the_minute(database_url: str, clock: Clock) -> None:
    async with on_stage(database_url, clock) as stage:
        hoa, stage.zalo.echoes = stage.zalo.user(HOA), False
        await hoa.write("một")
        [row] = await stage.until(sightings, 1)
        assert (row.name, row.at, row._mapping["count"]) == ("webhook", clock(), 1)
        first = clock()
        clock.advance(seconds=10)
        for words in ("hai", "ba", "bốn"):
            await hoa.write(words)
        [row] = await stage.rows(sightings)
        assert (row.at, row._mapping["count"]) == (first, 1)
    database = open_database(database_url)
    async with database.connect() as db:
        [(count,)] = (await db.execute(text('SELECT "count" FROM sightings'))).all()
    await database.dispose()
    assert count == 4


async def test_the_domain_is_proved_by_a_page_and_by_the_root(sqlite_url: str, clock: Clock) -> None:
    proof = '<meta name="zalo-platform-site-verification" content="QV7pOv_x" />'
    async with on_stage(sqlite_url, clock, zalo_site_code="QV7pOv_x") as stage:
        for path in ("/zalo_verifierQV7pOv_x.html", "/"):
            async with stage.client.get(stage.url + path) as response:
                assert response.status == 200
                assert response.content_type == "text/html"
                assert proof in await response.text()


async def test_without_a_code_nothing_is_proved(sqlite_url: str, clock: Clock) -> None:
    async with on_stage(sqlite_url, clock) as stage, stage.client.get(stage.url) as response:
        assert "zalo-platform-site-verification" not in await response.text()


async def sent_by_broadcast(stage: Stage, uid: str, message_id: str) -> None:
    """A broadcast's message to *uid* that left."""
    [contact] = [row.contact_id for row in await stage.rows(addresses) if row.external_id == uid]
    async with stage.parts.database.begin() as db:
        await ledger.owe(
            db, contact_id=contact, to=Address("zalo", uid), calls=[(1, "cs", b"{}")], reason="broadcast",
            at=stage.zalo.clock(),
        )  # fmt: skip
        changed = {"broadcast_id": 1, "status": "sent", "external_id": message_id, "sent_at": stage.zalo.clock()}
        await db.execute(deliveries.update().where(deliveries.c.id == 1).values(changed))


async def test_a_message_that_a_withdrawal_overtook_makes_nobody_known_again(database_url: str, clock: Clock) -> None:
    async with on_stage(database_url, clock) as stage:
        hoa = stage.zalo.user(HOA, name="Hoa")
        await hoa.write("xin chào")
        late = message(stage.zalo, "tôi ở ngõ 5", msg_id="late", uid=HOA)
        clock.advance(seconds=60)
        assert await hoa.withdraw() == 200
        clock.advance(seconds=300)
        assert await stage.tell(late) == 200
        assert await stage.rows(contacts) == []
        await hoa.write("tôi quay lại")
        assert len(await stage.rows(contacts)) == 1
    assert "ngõ 5" not in await all_rows(database_url)


async def all_rows(url: str) -> str:
    """Every row of every table, as one text."""
    database = open_database(url)
    async with database.connect() as db:
        found = [repr((await db.execute(table.select())).all()) for table in metadata.sorted_tables]
    await database.dispose()
    return "\n".join(found)


async def test_an_event_of_another_account_of_the_app_is_kept_and_answered_to_nobody(
    database_url: str, clock: Clock
) -> None:
    async with on_stage(database_url, clock) as stage:
        foreign = message(stage.zalo, "xin chào") | {"recipient": {"id": "1234567890123456789"}}
        assert await stage.tell(foreign) == 200
        assert await stage.rows(contacts) == []
        [row] = await stage.rows(inbox)
        assert row.raw is not None
        assert "another Official Account" in row.error

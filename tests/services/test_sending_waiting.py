"""Messages that wait for their person to write: they hold up nobody, and several processes wake each of them once."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, select, update

from bot.services.broadcasting.timing import expiry
from bot.services.sending.planner import LOOK_AHEAD
from bot.services.sending.waker import AGAIN, WHOLE, Waker
from bot.store import handout, waiting
from bot.store.db import open_database
from bot.store.models import addresses, broadcasts, chunks, deliveries
from tests.conftest import Clock
from tests.fakes.metered import MeteredChannel
from tests.services.campaign import ALWAYS, Campaign, released, sending
from tests.services.reaching import at_rest, comes_to, ledger, writes, wrote

SENT_FREE = ("sent", "free", 0)
WAITS = ("queued", "later", 0)
STRANGER = 5


async def parked(url: str, clock: Clock, number: int, count: int) -> None:
    """So many chunks of which everybody left has to write first; who they are doesn't matter."""
    engine, until = open_database(url), expiry(ALWAYS, clock.at)
    async with engine.begin() as db:
        for n in range(count):
            made = insert(chunks).values(broadcast_id=number, channel="fake", not_before=until).returning(chunks.c.id)
            row = {
                "id": n + 1, "contact_id": STRANGER, "channel": "fake", "address": "x", "reason": "broadcast",
                "broadcast_id": number, "chunk_id": (await db.execute(made)).scalar_one(), "method": "",
                "payload": b"", "status": "queued", "due_at": until, "route": "later",
            }  # fmt: skip
            await db.execute(insert(deliveries).values(row))
        await db.execute(update(broadcasts).values(recipients=count))
    await engine.dispose()


async def test_who_waits_keeps_nobody_from_being_written_down(database_url: str, clock: Clock) -> None:
    channel = MeteredChannel(clock)
    await wrote(database_url, clock, channel, an=1, binh=2)
    number = await released(database_url, clock)
    await parked(database_url, clock, number, LOOK_AHEAD + 5)
    async with sending(database_url, clock, channel=channel) as campaign:
        await comes_to(campaign, number, {"an": SENT_FREE, "binh": SENT_FREE})
        assert await campaign.status_of(number) == "sending"


async def test_two_processes_send_what_waited_once(postgres_url: str, clock: Clock) -> None:
    channel = MeteredChannel(clock)
    await wrote(postgres_url, clock, channel, em=24 * 8)
    number = await released(postgres_url, clock)
    async with (
        sending(postgres_url, clock, channel=channel) as one,
        sending(postgres_url, clock, channel=channel, worker=2) as other,
    ):
        await comes_to(one, number, {"em": WAITS})
        await writes(other, channel, "em")
        assert await one.ends(number) == {"sent": 1}
        assert [charge.route for charge in channel.books].count("free") == len(channel.books)
        assert len([text for text in channel.texts("em") if "Lớp nghề mới mở." in text]) == 1


async def test_what_a_platform_told_hours_late_wakes_all_the_same(database_url: str, clock: Clock) -> None:
    """An event that was brought again after an outage says when they wrote, which was before our last looks."""
    channel = MeteredChannel(clock)
    await wrote(database_url, clock, channel, em=24 * 8)
    number = await released(database_url, clock)
    async with sending(database_url, clock, channel=channel) as campaign:
        await comes_to(campaign, number, {"em": WAITS})
        channel.opened["em"] = opened = clock.at - timedelta(hours=2)
        async with campaign.database.begin() as db:
            await db.execute(update(addresses).values(interacted_at=opened))
        await at_rest(campaign)
        clock.at += WHOLE
        assert await campaign.ends(number) == {"sent": 1}


async def test_only_chunks_that_nobody_holds_are_woken(database_url: str, clock: Clock) -> None:
    """Else what fell due within a held one would be in doubt if its holder died, though it never left."""
    channel = MeteredChannel(clock)
    await wrote(database_url, clock, channel, em=1)
    number = await released(database_url, clock, state="paused")
    await parked(database_url, clock, number, 1)
    campaign = Campaign(database_url, clock, channel=channel)
    async with campaign.database.begin() as db:
        await db.execute(update(chunks).values(not_before=None))
        lease = timedelta(seconds=30)
        claim = await handout.claim(db, channel="fake", broadcast_id=number, worker=1, lease=lease, at=clock.at)
        assert claim is not None
        held = [(1, claim.chunk_id)]
        assert await waiting.wake(db, held, at=clock.at) == 0
        await handout.release(db, chunk_id=claim.chunk_id, epoch=claim.epoch)
        assert await waiting.wake(db, held, at=clock.at) == 1
        row = (await db.execute(select(deliveries.c.due_at, deliveries.c.route))).one()
        assert tuple(row) == (clock.at, "")
    assert await ledger(campaign, number) == {"x": ("queued", "", 0)}
    await campaign.bot.close()


async def test_a_chunk_that_stays_in_hand_does_not_have_everybody_looked_at_all_the_time(
    database_url: str, clock: Clock
) -> None:
    """Whoever holds it died in the evening: nobody takes it over before the hours begin."""
    channel = MeteredChannel(clock)
    await wrote(database_url, clock, channel, em=1, giang=24 * 8)
    number = await released(database_url, clock)
    campaign = Campaign(database_url, clock, channel=channel)
    async with campaign.database.begin() as db:
        for name, state in (("em", "claimed"), ("giang", "open")):
            held = insert(chunks).values(broadcast_id=number, channel="fake", state=state).returning(chunks.c.id)
            chunk = (await db.execute(held)).scalar_one()
            theirs = select(addresses.c.contact_id).where(addresses.c.external_id == name).scalar_subquery()
            row = {
                "id": chunk, "contact_id": theirs, "channel": "fake", "address": name, "reason": "broadcast",
                "broadcast_id": number, "chunk_id": chunk, "method": "", "payload": b"", "status": "queued",
                "due_at": clock.at + timedelta(days=2), "route": "later",
            }  # fmt: skip
            await db.execute(insert(deliveries).values(row))
    waker = Waker(campaign.database, {"fake": channel}, now=clock, pause=1)
    await waker.look()
    async with campaign.database.begin() as db:
        late = clock.at - timedelta(hours=2)  # told after an outage: only who looks at everybody sees it
        await db.execute(update(addresses).where(addresses.c.external_id == "giang").values(interacted_at=late))
    clock.advance(seconds=1)
    await waker.look()
    assert (await ledger(campaign, number))["giang"] == WAITS
    clock.at += AGAIN
    await waker.look()
    assert await ledger(campaign, number) == {"em": WAITS, "giang": ("queued", "", 0)}
    await campaign.bot.close()

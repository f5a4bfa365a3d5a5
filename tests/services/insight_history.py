"""Histories for the tests of insight: people who talk with a real bot, move, stop and leave, and broadcasts to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from bot.messages import Address, Kind
from bot.services.insight.follower import sections_of, step
from bot.services.sending.holding import LEASE
from bot.store import broadcasts, handout
from bot.store.insight.writing import ensure_cursor
from bot.store.models import addresses, chunks, deliveries
from bot.store.schema import metadata
from tests.conftest import Clock
from tests.services.bot import Bot
from tests.shipped import library_of

LIBRARY = library_of({
    "menu": """
dialog: menu
title: Trang chính
words: [trang dau]
nodes:
  hoi:
    say: [{text: Chào bà con.}]
    ask: Chuyện gì?
    choices: [{label: Vay vốn, go: /vay}, {label: Nơi ở, go: /xa}, {label: Tin, go: /tin}, {label: Thôi, go: het}]
  het: {say: [{text: Chào nhé.}], end: true}
""",
    "vay": """
dialog: vay
title: Vay vốn
words: [vay von]
nodes:
  so: {say: [{text: Nói về vay.}], ask: Bao nhiêu?, type: number, field: so-tien, high: 500, next: bao}
  bao: {say: [tien-dien.tiet-kiem], next: nua}
  nua: {ask: Hỏi nữa không?, choices: [{label: Có, go: so}, {label: Không, go: het}]}
  het: {end: true}
""",
    "xa": """
dialog: xa
title: Nơi ở
words: [noi o]
nodes:
  hoi:
    ask: Ở đâu?
    choices: [{label: Ba Đình, go: het, set: {xa: "00004"}}, {label: Ngọc Hà, go: het, set: {xa: "00008"}}]
  het: {say: [{text: Đã ghi.}], end: true}
""",
    "tin": """
dialog: tin
title: Tin
words: [tin moi]
nodes:
  doc: {say: [tien-dien.tiet-kiem, tien-dien.hoi-ai-khac], next: het}
  het: {end: true}
""",
    "lien-he": """
dialog: lien-he
title: Gặp cán bộ
words: [can bo oi]
nodes:
  gap: {handoff: chung, next: xong}
  xong: {say: [{text: Đã chuyển lời.}], end: true}
""",
    "dung": """
dialog: dung
title: Dừng
words: [thoi nhan]
nodes:
  hoi:
    ask: Dừng gì?
    choices:
      - {label: Dừng tin, go: tin}
      - {label: Nhận lại, go: lai}
      - {label: Để nguyên, go: het}
      - {label: Lúc khác, go: het}
      - {label: Xóa hết, go: xoa}  # the fifth: none of WORDS leads here, so that who is to stay is not forgotten
  tin: {say: [{text: Đã dừng.}], stop: broadcasts, next: het}
  xoa: {say: [{text: Tạm biệt.}], stop: forget, next: het}
  lai: {say: [{text: Lại nhận.}], stop: none, next: het}
  het: {end: true}
""",
})  # fmt: skip
SECTIONS = sections_of(LIBRARY)
AREAS: Sequence[Sequence[str]] = ((), ("00004",), ("00008", ""))
PEOPLE = [Address("fake", name) for name in ("an", "binh", "chi")]
WORDS = (
    "1", "2", "3", "4", "120", "menu", "dừng", "gặp cán bộ", "quay lại", "nhắc lại", "vay von", "noi o", "tin moi",
    "nuoi de o dau", "Nuôi dê ở đâu?", "xyz abc", "trợ giúp", "bỏ qua",
)  # fmt: skip
_who = st.integers(0, len(PEOPLE) - 1)
ACTS = st.one_of(
    st.tuples(st.just("say"), _who, st.sampled_from(WORDS)),
    st.tuples(st.just("say"), _who, st.sampled_from(("1", "2", "3"))),  # oftener: they lead on through the dialogs
    st.tuples(st.just("kind"), _who, st.sampled_from((Kind.STICKER, Kind.BLOCKED, Kind.START, Kind.REACTION))),
    st.tuples(st.just("wait"), st.just(0), st.sampled_from((0.02, 0.3, 0.9, 1.2, 20.0))),
    st.tuples(st.just("take up"), _who, st.just("")),
    st.tuples(st.just("invite"), _who, st.sampled_from(("vay", "xa"))),
    st.tuples(st.just("answer early"), _who, st.sampled_from(WORDS)),
    st.tuples(st.just("mark"), st.just(0), st.just("")),
    st.tuples(st.just("fold"), st.just(0), st.integers(1, 30)),
    st.tuples(st.just("fold"), st.just(0), st.just(100)),
    st.tuples(st.just("forget"), _who, st.just("")),
)
STAYING = ACTS.filter(lambda act: act[0] != "forget")


@dataclass
class History:
    """What happens, act by act. `numbers` are the broadcasts, `sent` messages that are out, their mark not written."""

    bot: Bot
    clock: Clock
    numbers: list[int] = field(default_factory=list)
    sent: list[tuple[handout.Claim, handout.Row, Any]] = field(default_factory=list)

    async def do(self, act: tuple[str, int, Any]) -> None:
        what, who, how = act
        match what:
            case "say" | "kind" | "forget":
                await self.hear(what, PEOPLE[who], how)
            case "take up" | "invite":
                await self.take_up(PEOPLE[who], how)
            case "answer early":  # before it is written down that the message was sent
                await self.take_up(PEOPLE[who], "")
                await self.bot.say(PEOPLE[who], how)
                await self.fold(100)
            case "fold":
                await self.fold(how)
            case "wait":
                await self.mark()  # nobody's mark comes a day late
                self.clock.advance(days=how)
            case "mark":
                await self.mark()

    async def hear(self, what: str, person: Address, how: Any) -> None:
        """Somebody writes *how*, does something of that kind, or asks to be forgotten."""
        if what == "say":
            await self.bot.say(person, how)
        elif what == "kind":
            text = "vay__to-roi" if how is Kind.START else ""
            await self.bot.conversation.receive(self.bot.update(person, text, kind=how))
        else:
            await self.mark()
            await self.bot.say(person, "dừng")
            await self.bot.say(person, "Xóa hết")

    async def fold(self, limit: int) -> None:
        await step(self.bot.database, now=self.clock(), sections=SECTIONS, limit=limit)

    async def take_up(self, to: Address, dialog: str) -> None:
        """A broadcast reaches somebody now; that it did is written down with `mark`."""
        async with self.bot.database.begin() as db:
            contact = select(addresses.c.contact_id).where(addresses.c.external_id == to.id)
            found = (await db.execute(contact)).scalar_one_or_none()
            if found is None:
                return
            number = await broadcasts.insert(
                db, name="Tin", state="sending", body="{}", segment="", created_at=self.clock(), changed_at=self.clock()
            )  # fmt: skip
            self.numbers.append(number)
            chunk = insert(chunks).values(broadcast_id=number, channel="fake").returning(chunks.c.id)
            row = {
                "id": number * 10, "contact_id": found, "channel": "fake", "address": to.id, "reason": "broadcast",
                "broadcast_id": number, "chunk_id": (await db.execute(chunk)).scalar_one(), "method": "send",
                "payload": b"", "status": "queued", "due_at": self.clock(),
            }  # fmt: skip
            await db.execute(insert(deliveries).values(row))
            claim = await handout.claim(
                db, channel="fake", broadcast_id=number, worker=1, lease=LEASE, at=self.clock()
            )  # fmt: skip
        assert claim is not None
        if dialog:
            invited = self.bot.update(to, dialog, kind=Kind.INVITED, receipt=str(number * 10))
            await self.bot.conversation.invite(invited)
        self.clock.advance(seconds=1)
        self.sent.append((claim, claim.rows[0], self.clock()))

    async def mark(self) -> None:
        """Write down what became of all that was sent."""
        sent, self.sent = self.sent, []
        async with self.bot.database.begin() as db:
            for claim, row, at in sent:
                mark = handout.Mark(row.id, claim.chunk_id, claim.epoch, "sent", 1, at)
                await handout.finish(db, [mark])
                await handout.release(db, chunk_id=claim.chunk_id, epoch=claim.epoch)


@asynccontextmanager
async def history(url: str, clock: Clock) -> AsyncIterator[History]:
    """One that nothing has happened in yet, whatever the database held before."""
    bot = Bot(url, clock, library=LIBRARY)
    async with bot.database.begin() as db:
        for table in reversed(metadata.sorted_tables):
            if table.name != "audit":
                await db.execute(delete(table))
        await ensure_cursor(db)
    await bot.start()
    try:
        yield History(bot, clock)
    finally:
        await bot.close()

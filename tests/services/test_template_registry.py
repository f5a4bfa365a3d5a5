"""The registry of templates: what content says, what Zalo says, and what may therefore be sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.channels.base import SendError
from bot.channels.zalo.account import ZaloAccount
from bot.engine.content import Parameter as Ours
from bot.engine.content import Template
from bot.services.broadcasting.rights import Refused
from bot.services.templates import Registry, is_usable, mismatches, state_in, usable_for, why_not
from bot.store import audit, templates
from bot.store.templates import Detail, Filed, Wanted
from tests.conftest import Clock
from tests.fakes.tokens import FakeTokens
from tests.fakes.zalo.app import FakeZalo
from tests.fakes.zalo.books import Parameter
from tests.fakes.zalo.books import Template as Theirs
from tests.services.office import LIBRARY, Office

TEMPLATE = Template(
    "301", "zalo", "tin.lai", "care", frozenset(("template", "phone")), "Lãi nay là <lai>.",
    (Ours("lai", "{lai.muc}", 10),),
)  # fmt: skip
FITS = Detail(parameters=(Wanted("lai", True, 10),))


def filed(clock: Clock, state: str = "approved", detail: Detail = FITS) -> Filed:
    return Filed(state, detail, clock())


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        (FITS, ""),
        (Detail(), ""),
        (Detail(parameters=(Wanted("lai", True),)), ""),
        (Detail(parameters=(Wanted("muc", False, 10),)), "không có tham số “lai”"),
        (Detail(parameters=(Wanted("lai", True, 8),)), "“lai” chỉ nhận 8 chữ, tệp ghi 10"),
        (Detail(parameters=(Wanted("lai", True, 10), Wanted("ten", True, 30))), "Thiếu tham số “ten”"),
        (Detail(parameters=(Wanted("lai", True, 10), Wanted("ten", False, 30))), ""),
    ],
)
def test_where_content_and_platform_differ_the_template_is_not_used(clock: Clock, detail: Detail, words: str) -> None:
    found = " ".join(mismatches(TEMPLATE, filed(clock, detail=detail)))
    assert words in found
    assert bool(found) == bool(words)
    assert is_usable(TEMPLATE, filed(clock, detail=detail)) == (not words)


def test_a_parameter_that_zalo_demands_must_not_be_left_out(clock: Clock) -> None:
    optional = replace(TEMPLATE, parameters=(Ours("lai", "{lai.muc}", 10, needed=False),))
    assert "bắt buộc" in why_not(optional, filed(clock))


@pytest.mark.parametrize(
    ("word", "state"),
    [("ENABLE", "approved"), ("PENDING_REVIEW", "pending"), ("REJECT", "rejected"), (" Disable ", "disabled"),
     ("DELETE", "deleted"), ("SOMETHING_NEW", "something_new"), ("", "unknown"), ("x" * 90, "x" * 24)],
)  # fmt: skip
def test_a_state_is_told_in_our_word_or_else_in_theirs(word: str, state: str) -> None:
    assert state_in(word) == state


def test_only_an_approved_template_of_the_right_way_carries_a_message(clock: Clock) -> None:
    library = replace(LIBRARY, templates={"tin.lai": (replace(TEMPLATE, by=frozenset(("template",))),)})
    known = {"301": filed(clock)}
    assert usable_for(library, "tin.lai", "zalo", "template", known) is not None
    assert usable_for(library, "tin.lai", "zalo", "phone", known) is None
    assert usable_for(library, "tin.lai", "zalo", "template", {}) is None
    assert usable_for(library, "tin.lai", "zalo", "template", {"301": filed(clock, "disabled")}) is None
    for template, one, words in (
        (None, None, "chưa có mẫu được duyệt"), (TEMPLATE, None, "chưa hỏi nền tảng"),
        (TEMPLATE, filed(clock, "rejected"), "bị từ chối"), (TEMPLATE, filed(clock), ""),
    ):  # fmt: skip
        told = why_not(template, one)
        assert words in told
        assert bool(told) == bool(words)


async def test_what_zalo_says_is_asked_for_kept_and_written_down(office: Office, clock: Clock) -> None:
    async with FakeZalo(clock=clock) as zalo:
        zalo.templates["301"] = Theirs("301", "Lãi nay là <lai>.", (Parameter("lai", 10),), price_uid=120)
        account = ZaloAccount(FakeTokens(zalo), api=zalo.url, template_api=zalo.url)
        registry = Registry(office.database, account, "zalo")
        found = await registry.sync([TEMPLATE], at=clock(), by="dung")
        assert found["301"].state == "approved"
        zalo.templates["301"].status = "REJECT"
        clock.advance(seconds=60)
        await registry.sync([TEMPLATE], at=clock(), by="dung")
        with pytest.raises(Refused):
            await registry.sync([TEMPLATE], at=clock(), by="an")
        with pytest.raises(SendError):
            await registry.sync([TEMPLATE, replace(TEMPLATE, id="999")], at=clock(), by="dung")
    async with office.database.connect() as db:
        [one] = (await templates.of(db, "zalo")).values()
        entries = await audit.recent(db, subject="channel:zalo")
    assert (one.state, one.detail.price_by_id, one.checked_at) == ("rejected", 120, clock())
    assert [entry.action for entry in entries] == ["template.sync"] * 2


async def test_an_event_changes_the_state_unless_something_later_is_known(office: Office, clock: Clock) -> None:
    async with office.database.begin() as db:
        assert not await templates.turn(db, "zalo", "301", state="disabled", at=clock())
        await templates.file(db, "zalo", {"301": filed(clock)})
    before = clock()
    clock.advance(seconds=10)
    async with office.database.begin() as db:
        assert await templates.turn(db, "zalo", "301", state="disabled", at=clock())
        assert await templates.turn(db, "zalo", "301", state="approved", at=before)
        assert (await templates.of(db, "zalo"))["301"] == Filed("disabled", FITS, clock())

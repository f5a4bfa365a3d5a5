"""Whatever officers do, in whatever order: nothing is released that a second person did not sign as it is now."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.services.broadcasting.rights import Refused
from bot.store import audit, broadcasts, officers
from tests.services.office import BODY, DRAFT, ROLES, Office

TEXTS = (BODY, "Lãi suất: {lai.muc}.")
QUERIES = ("ho = ngheo", "ho = ngheo va xa = 1")
STEPS = ("edit", "submit", "approve", "approve stale", "schedule", "begin", "pause", "resume", "cancel",
         "send back", "change text", "change segment", "promote", "disable", "enable")  # fmt: skip
ONWARD = {
    "draft": ("submit", "an"), "submitted": ("approve", "binh"), "approved": ("schedule", "an"),
    "scheduled": ("begin", ""), "sending": ("pause", "an"), "paused": ("resume", "an"), "cancelled": ("submit", "an"),
}  # fmt: skip
"""What usually comes next, and who does it: chance alone would rarely get as far as an approval."""


@dataclass
class Walk:
    """One broadcast, and an account of our own of who had a hand in it and what was signed.

    `world` is what the library and the saved segment say; `signed` the version and world of a valid approval.
    """

    office: Office
    number: int
    world: tuple[str, str] = (TEXTS[0], QUERIES[0])
    version: int = 1
    hands: set[str] = field(default_factory=set)
    submitted: tuple[int, tuple[str, str]] | None = None
    signed: tuple[int, tuple[str, str]] | None = None
    digests: list[str] = field(default_factory=list)
    active: set[str] = field(default_factory=lambda: set(ROLES))
    roles: dict[str, str] = field(default_factory=lambda: dict(ROLES))

    async def step(self, act: str, login: str) -> None:
        """Try it; what is not refused must have been allowed."""
        before = await self.office.find(self.number)
        act, login = ONWARD[before.state] if act == "onward" else (act, login)
        desk, number = self.office.desk, self.number
        acts: dict[str, Callable[[], Awaitable[object]]] = {
            "edit": lambda: self.office.edited(number, login, name=f"Bản {before.version + 1}"),
            "submit": lambda: desk.submit(number, login),
            "approve": lambda: desk.approve(number, login, digest_seen=before.digest),
            "approve stale": lambda: desk.approve(number, login, digest_seen=self.digests[0] if self.digests else ""),
            "schedule": lambda: desk.schedule(number, login),
            "pause": lambda: desk.pause(number, login),
            "resume": lambda: desk.resume(number, login),
            "cancel": lambda: desk.cancel(number, login),
            "send back": lambda: desk.send_back(number, login, reason="Sửa lời."),
        }
        if act not in acts:
            return await self.elsewhere(act, login)
        with contextlib.suppress(Refused):
            await acts[act]()
            assert login in self.active
            assert self.roles[login] != "staff"
            event(f"{act} done")
            self.note(act, login)
        after = await self.office.find(number)
        if after.version > before.version:  # an edit, or content that changed under it
            self.version, self.submitted, self.signed = after.version, None, None
        if after.digest and after.digest not in self.digests:
            self.digests.append(after.digest)

    def note(self, act: str, login: str) -> None:
        """Hold what was done against our own account."""
        if act == "send back":
            assert self.roles[login] in ("approver", "admin")
        if act in ("edit", "submit"):
            self.hands.add(login)
        if act == "submit":
            self.submitted = (self.version, self.world)
        if act.startswith("approve"):
            assert login not in self.hands
            assert self.roles[login] in ("approver", "admin")
            assert self.submitted == (self.version, self.world)
            self.signed = self.submitted
        if act in ("schedule", "resume"):
            assert self.signed == (self.version, self.world)

    async def elsewhere(self, act: str, login: str) -> None:
        """What happens beside the desk."""
        async with self.office.database.begin() as db:
            if act == "begin":
                at = self.office.now()
                await broadcasts.change_state(db, self.number, from_=("scheduled",), to="sending", started_at=at)
            elif act == "promote":
                await officers.set_role(db, login, role="admin")
                self.roles[login] = "admin"
            elif act in ("disable", "enable"):
                await officers.set_active(db, login, active=act == "enable")
                self.active = self.active - {login} if act == "disable" else self.active | {login}
        text, query = self.world
        if act == "change text":
            self.world = (TEXTS[text == TEXTS[0]], query)
            self.office.change_message(self.world[0])
        elif act == "change segment":
            self.world = (text, QUERIES[query == QUERIES[0]])
            await self.office.save("nhom", self.world[1])

    async def check(self) -> None:
        """The state is one that our account allows."""
        now = await self.office.find(self.number)
        assert self.hands <= set(now.authors)
        if now.state in ("approved", "scheduled", "sending", "paused"):
            assert self.signed is not None
            assert self.signed[0] == now.version
            assert now.approved_by not in now.authors
            assert now.digest
        else:
            assert now.state in ("draft", "submitted", "cancelled")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.one_of(
            st.just(("onward", "")), st.tuples(st.sampled_from(STEPS), st.sampled_from(sorted(ROLES))),
        ), min_size=5, max_size=25,
    )
)  # fmt: skip
async def test_nothing_is_released_that_no_second_person_signed(office: Office, steps: list[tuple[str, str]]) -> None:
    async with office.database.begin() as db:
        for login, role in ROLES.items():
            await officers.set_role(db, login, role=role)
            await officers.set_active(db, login, active=True)
    office.change_message(TEXTS[0])
    await office.save("nhom", QUERIES[0])
    one = await office.desk.draft(replace(DRAFT, segment="@nhom"), "an")
    walk = Walk(office, one.id, hands={"an"})
    for act, login in steps:
        await walk.step(act, login)
        await walk.check()
    async with office.database.connect() as db:
        assert await audit.verify(db) is None

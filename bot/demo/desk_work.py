"""What the officers of the made-up city do with broadcasts, and when: all of it through the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.demo.campaigns import HALTS, Campaign, Fate
from bot.demo.clock import Clock
from bot.demo.post import Post
from bot.services.broadcasting.release import Desk
from bot.services.broadcasting.rights import Refused

SUBMITTED, APPROVED, RELEASED = timedelta(minutes=20), timedelta(minutes=95), timedelta(minutes=110)
"""After the draft."""
NOTICED, CALLED_OFF = RELEASED + timedelta(minutes=4), RELEASED + timedelta(days=1)
"""When an officer stops what goes wrong, and when one that is no longer wanted."""
STEPS: Mapping[Fate, Sequence[str]] = {
    "draft": (),
    "submitted": ("submit",),
    "sent back": ("submit", "send_back"),
    "approved": ("submit", "approve"),
    "waiting": ("submit", "approve", "release"),
    "sent": ("submit", "approve", "release"),
    "cancelled": ("submit", "approve", "release", "cancel"),
    "paused": ("submit", "approve", "release", "pause"),
    "expired": ("submit", "approve", "release", "pause"),
}
AFTER: Mapping[str, timedelta] = {
    "submit": SUBMITTED, "send_back": APPROVED, "approve": APPROVED, "release": RELEASED, "pause": NOTICED,
    "cancel": CALLED_OFF,
}  # fmt: skip


@dataclass(slots=True)
class Work:
    """One campaign, as far as it has come."""

    campaign: Campaign
    desk: Desk
    clock: Clock
    post: Post
    number: int = 0
    digest: str = ""
    audience: int = 0

    def steps(self) -> Sequence[tuple[timedelta, str]]:
        """All that is done with it, each so long after the draft."""
        return [(timedelta(), "draft"), *((AFTER[step], step) for step in STEPS[self.campaign.fate])]

    async def do(self, step: str) -> None:
        """One step. What the desk refuses (a fact lapsed by then) stands in the audit log, and ends it there."""
        if not self.number and step != "draft":
            return
        try:
            await self._do(step)
        except Refused:
            self.number = 0

    async def _do(self, step: str) -> None:
        desk, number, author, why = self.desk, self.number, self.campaign.author, self.campaign.why
        match step:
            case "draft":
                self.number = (await desk.draft(self.campaign.draft_at(self.clock()), author)).id
            case "submit":
                one = await desk.submit(number, author)
                self.digest, self.audience = one.digest, one.audience
            case "approve":
                await desk.approve(number, self.campaign.approver, digest_seen=self.digest)
            case "send_back":
                await desk.send_back(number, self.campaign.approver, reason=why)
            case "release":
                await self._release()
            case "pause":
                await desk.pause(number, author, reason=why)
            case _cancel:
                await desk.cancel(number, author, reason=why)

    async def _release(self) -> None:
        share = HALTS.get(self.campaign.fate)
        if share is not None:
            self.post.halts[self.number] = round(share * self.audience)
        await self.desk.schedule(self.number, self.campaign.author)

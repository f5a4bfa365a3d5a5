"""The row that all workers of an account take their send times from (delivery.md rule 5)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_ENSURE = text("INSERT INTO rates (account, next_at) VALUES (:account, clock_timestamp()) ON CONFLICT DO NOTHING")
_TAKE = text(
    "UPDATE rates SET next_at = CASE WHEN next_at < clock_timestamp() - make_interval(secs => :late)"
    " THEN clock_timestamp() ELSE next_at END + make_interval(secs => :length)"
    " WHERE account = :account AND next_at <= clock_timestamp() + make_interval(secs => :ahead)"
    " RETURNING extract(epoch FROM next_at - clock_timestamp())"
)
_WAIT = text("SELECT extract(epoch FROM next_at - clock_timestamp()) FROM rates WHERE account = :account")
_SILENCE = text(
    "UPDATE rates SET next_at = greatest(next_at, clock_timestamp() + make_interval(secs => :seconds))"
    " WHERE account = :account"
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A stretch of send times that is ours from `starts_in` seconds on; `is_ours` false: ask again after as long."""

    is_ours: bool
    starts_in: float


async def ensure(db: AsyncConnection, account: str) -> None:
    """Make the row of *account*, if it is not there."""
    await db.execute(_ENSURE, {"account": account})


async def take(db: AsyncConnection, account: str, *, length: float, ahead: float, late: float) -> Taken:
    """Reserve *length* seconds of *account*'s sending, unless it is given away for more than *ahead* seconds already.

    A stretch that began up to *late* seconds ago is still given whole; an account at rest for longer begins anew:
    it has saved nothing up. PostgreSQL only, by its clock.
    """
    given = {"account": account, "length": length, "ahead": ahead, "late": late}
    ends_in = (await db.execute(_TAKE, given)).scalar_one_or_none()
    if ends_in is not None:
        return Taken(True, float(ends_in) - length)
    waits = (await db.execute(_WAIT, {"account": account})).scalar_one()
    return Taken(False, max(0.0, float(waits) - ahead))


async def silence(db: AsyncConnection, account: str, *, seconds: float) -> None:
    """Nothing more goes out of *account* for *seconds*, whichever worker asks (429)."""
    await db.execute(_SILENCE, {"account": account, "seconds": seconds})

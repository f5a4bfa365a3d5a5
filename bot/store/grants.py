"""Pairs of tokens that let us act for an account: one row each, which is also the lock for renewing it.

A refresh token is good for one use. So who wants to use it moves the row from `ready` to `refreshing` first, in a
transaction of its own; whoever finds it `refreshing` keeps away from the token for good.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Update, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.account_models import grants
from bot.store.upserts import insert_into

State = Literal["ready", "refreshing", "lost"]


@dataclass(frozen=True, slots=True)
class Grant:
    """One row. `access` and `refresh` are sealed; `seeds` are digests, parted by spaces. `issued_at` is `NEVER` where
    nobody knows it; `expires_at` is of the access token. `holder` asks, or asked last; one that stays with a `ready`
    pair asked because the pair before was refused. `reason` is why it is lost."""

    version: int
    state: State
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    seeds: str
    issued_at: datetime
    expires_at: datetime
    refreshing_since: datetime | None
    holder: str
    reason: str


async def find(db: AsyncConnection, account: str) -> Grant | None:
    """The pair of *account*, whatever has become of it."""
    columns = [grants.c[name] for name in Grant.__slots__]
    row = (await db.execute(select(*columns).where(grants.c.account == account))).mappings().one_or_none()
    return None if row is None else Grant(**row)


async def seed(
    db: AsyncConnection, account: str, *, access: str, refresh: str, digest: str, issued_at: datetime,
    expires_at: datetime, lost: Grant | None,
) -> bool:  # fmt: skip
    """Take over a first pair; false when there is one by now. *lost* is the row that it replaces, if there is one."""
    pair = {"access": access, "refresh": refresh, "issued_at": issued_at, "expires_at": expires_at}
    if lost is None:
        row = {"account": account, "version": 1, "state": "ready", "seeds": digest, **pair}
        return bool((await db.execute(insert_into(grants, db.dialect).values(row).on_conflict_do_nothing())).rowcount)
    seeds = f"{lost.seeds} {digest}".strip()
    change = _of_version(account, lost.version).where(grants.c.state == "lost")
    return bool((await db.execute(change.values(_fresh(lost.version + 1, pair) | {"seeds": seeds}))).rowcount)


async def authorise(
    db: AsyncConnection, account: str, *, access: str, refresh: str, issued_at: datetime, expires_at: datetime
) -> int:
    """Put a pair that a person has just got, over whatever was there; its version."""
    pair = {"access": access, "refresh": refresh, "issued_at": issued_at, "expires_at": expires_at}
    added = insert_into(grants, db.dialect).values(account=account, **_fresh(1, pair))
    put = added.on_conflict_do_update(index_elements=["account"], set_=_fresh(grants.c.version + 1, pair))
    return int((await db.execute(put.returning(grants.c.version))).scalar_one())


async def take_up(db: AsyncConnection, account: str, *, version: int, holder: str, at: datetime) -> bool:
    """Be the one who uses the refresh token of this version: commit, and only then use it. False: it is not ours."""
    change = _of_version(account, version).where(grants.c.state == "ready")
    row = {"state": "refreshing", "refreshing_since": at, "holder": holder}
    return bool((await db.execute(change.values(row))).rowcount)


async def succeed(
    db: AsyncConnection, account: str, *, version: int, access: str, refresh: str, issued_at: datetime,
    expires_at: datetime, holder: str = "",
) -> bool:  # fmt: skip
    """Put the pair that follows this version, also where that was given up meanwhile; false when another stands there:
    one that a person got."""
    pair = {"access": access, "refresh": refresh, "issued_at": issued_at, "expires_at": expires_at}
    fresh = _fresh(version + 1, pair) | {"holder": holder}
    return bool((await db.execute(_of_version(account, version).values(fresh))).rowcount)


async def give_back(db: AsyncConnection, account: str, *, version: int, holder: str) -> None:
    """The refresh token of this version was certainly not used by *holder*, who took it up or may have."""
    change = _of_version(account, version).where(grants.c.holder == holder, grants.c.state != "ready")
    await db.execute(change.values(state="ready", refreshing_since=None, holder="", reason=""))


async def lose(db: AsyncConnection, account: str, *, version: int, reason: str) -> bool:
    """The refresh token of this version is used up, or may be; the access token stays good as long as it is."""
    change = _of_version(account, version).where(grants.c.state != "lost")
    return bool((await db.execute(change.values(state="lost", reason=reason))).rowcount)


async def end(db: AsyncConnection, account: str, *, version: int, at: datetime) -> None:
    """The access token of a lost pair is refused as well."""
    change = _of_version(account, version).where(grants.c.state == "lost", grants.c.expires_at > at)
    await db.execute(change.values(expires_at=at))


def _of_version(account: str, version: int) -> Update:
    return update(grants).where(grants.c.account == account, grants.c.version == version)


def _fresh(version: Any, pair: dict[str, Any]) -> dict[str, Any]:
    return {**pair, "version": version, "state": "ready", "refreshing_since": None, "holder": "", "reason": ""}

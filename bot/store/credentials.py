"""What officers sign in with, who is signed in, and failures in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.console_models import attempts, console_sessions, credentials
from bot.store.models import officers


@dataclass(frozen=True, slots=True)
class Credential:
    """`password` (argon2id) and `totp` (sealed) are empty until the set-up link was used."""

    officer_id: int
    login: str
    is_active: bool
    password: str
    totp: str
    totp_step: int


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One session. `token` is the digest that the table holds, never what the cookie does."""

    token: str
    login: str
    created_at: datetime
    seen_at: datetime
    remote: str
    agent: str


async def invite(db: AsyncConnection, officer_id: int, *, digest: str, until: datetime, at: datetime) -> None:
    """A new set-up link for an officer; the one before works no more. What they sign in with stays until it is used."""
    values = {"invitation": digest, "invited_until": until, "changed_at": at}
    changed = await db.execute(update(credentials).where(credentials.c.officer_id == officer_id).values(values))
    if not changed.rowcount:
        await db.execute(insert(credentials).values(officer_id=officer_id, **values))


async def invited(db: AsyncConnection, digest: str, *, at: datetime) -> str | None:
    """The login of the active officer whose set-up link this is; None when it was used, replaced, or is too old."""
    c = credentials.c
    query = (
        select(officers.c.login)
        .join(credentials, c.officer_id == officers.c.id)
        .where(c.invitation == digest, c.invitation != "", c.invited_until > at, officers.c.is_active)
    )
    return (await db.execute(query)).scalar_one_or_none()


async def enroll(
    db: AsyncConnection, login: str, *, invitation: str, password: str, totp: str, step: int, at: datetime
) -> bool:
    """Use the set-up link up; false when somebody else did meanwhile."""
    theirs = select(officers.c.id).where(officers.c.login == login).scalar_subquery()
    here = (credentials.c.officer_id == theirs) & (credentials.c.invitation == invitation)
    values = {"password": password, "totp": totp, "totp_step": step, "invitation": "", "invited_until": None}
    return bool((await db.execute(update(credentials).where(here).values(**values, changed_at=at))).rowcount)


async def find(db: AsyncConnection, login: str) -> Credential | None:
    """What this officer signs in with; None for who was never invited."""
    c = credentials.c
    query = (
        select(officers.c.id, officers.c.login, officers.c.is_active, c.password, c.totp, c.totp_step)
        .join(credentials, c.officer_id == officers.c.id)
        .where(officers.c.login == login)
    )
    row = (await db.execute(query)).one_or_none()
    return None if row is None else Credential(*row)


async def use_step(db: AsyncConnection, officer_id: int, step: int) -> bool:
    """Take a code's time step; false when it, or a later one, was taken before."""
    c = credentials.c
    here = (c.officer_id == officer_id) & (c.totp_step < step)
    return bool((await db.execute(update(credentials).where(here).values(totp_step=step))).rowcount)


async def add_session(
    db: AsyncConnection, officer_id: int, *, token: str, at: datetime, remote: str, agent: str
) -> None:
    """Somebody signed in."""
    row = {"token": token, "officer_id": officer_id, "created_at": at, "seen_at": at}
    await db.execute(insert(console_sessions).values(**row, remote=remote[:64], agent=agent[:200]))


async def session(db: AsyncConnection, token: str) -> SignedIn | None:
    """The session of this digest, if its officer is still active."""
    found = await _sessions(db, console_sessions.c.token == token)
    return found[0] if found else None


async def sessions_of(db: AsyncConnection, login: str) -> Sequence[SignedIn]:
    """Where an officer is signed in, the last seen first."""
    return await _sessions(db, officers.c.login == login)


async def touch(db: AsyncConnection, token: str, *, at: datetime) -> None:
    """It was used."""
    await db.execute(update(console_sessions).where(console_sessions.c.token == token).values(seen_at=at))


async def end_session(db: AsyncConnection, login: str, token: str) -> bool:
    """Sign out one session of *login*; whether there was one."""
    theirs = select(officers.c.id).where(officers.c.login == login).scalar_subquery()
    here = (console_sessions.c.token == token) & (console_sessions.c.officer_id == theirs)
    return bool((await db.execute(delete(console_sessions).where(here))).rowcount)


async def end_sessions(db: AsyncConnection, login: str, *, but: str = "") -> int:
    """Sign an officer out everywhere, except from the session *but*; how many sessions that were."""
    theirs = select(officers.c.id).where(officers.c.login == login).scalar_subquery()
    here = (console_sessions.c.officer_id == theirs) & (console_sessions.c.token != but)
    return (await db.execute(delete(console_sessions).where(here))).rowcount


async def prune_sessions(db: AsyncConnection, *, seen_before: datetime, made_before: datetime) -> None:
    """Take away those that are over anyhow."""
    c = console_sessions.c
    await db.execute(delete(console_sessions).where((c.seen_at < seen_before) | (c.created_at < made_before)))


async def locked_until(db: AsyncConnection, who: Sequence[str], *, at: datetime) -> datetime | None:
    """When the last lock of any of *who* ends; None when none is locked now."""
    c = attempts.c
    query = select(c.locked_until).where(c.who.in_(who), c.locked_until > at)
    return max((await db.execute(query)).scalars(), default=None)


async def fail(db: AsyncConnection, who: str, *, at: datetime, allowed: int, first: timedelta, most: timedelta) -> None:
    """Count a failure. From the *allowed*-th in a row on each locks twice as long as the one before, up to *most*."""
    c = attempts.c
    before = (await db.execute(select(c.failures).where(c.who == who).with_for_update())).scalar_one_or_none()
    failures = (before or 0) + 1
    over = failures - allowed
    locked = at + min(most, first * 2 ** min(over, 20)) if over >= 0 else None
    values = {"failures": failures, "last_at": at, "locked_until": locked}
    if before is None:
        await db.execute(insert(attempts).values(who=who, **values))
    else:
        await db.execute(update(attempts).where(c.who == who).values(values))


async def succeed(db: AsyncConnection, who: Sequence[str], *, before: datetime) -> None:
    """Forget the failures of *who*, and those of others that ended *before*."""
    await db.execute(delete(attempts).where(attempts.c.who.in_(who) | (attempts.c.last_at < before)))


async def _sessions(db: AsyncConnection, which: ColumnElement[bool]) -> Sequence[SignedIn]:
    c = console_sessions.c
    query = (
        select(c.token, officers.c.login, c.created_at, c.seen_at, c.remote, c.agent)
        .join(officers, officers.c.id == c.officer_id)
        .where(which, officers.c.is_active)
        .order_by(c.seen_at.desc())
    )
    return [SignedIn(*row) for row in await db.execute(query)]

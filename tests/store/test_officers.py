"""Officers in the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import officers


async def test_an_officer_is_kept_as_given(database: AsyncEngine, clock: Callable[[], datetime]) -> None:
    async with database.begin() as db:
        number = await officers.add(db, login="binh", role="approver", at=clock(), name="Bình", communes=["09661"])
        await officers.add(db, login="an", role="officer", at=clock())
        found = await officers.find(db, "binh")
        assert found == officers.Officer(number, "binh", "Bình", "approver", ("09661",), True, "")
        assert [officer.login for officer in await officers.listing(db)] == ["an", "binh"]
        assert await officers.find(db, "BINH") is None


async def test_roles_and_access_change(database: AsyncEngine, clock: Callable[[], datetime]) -> None:
    async with database.begin() as db:
        await officers.add(db, login="an", role="officer", at=clock(), communes=["09661"])
        assert await officers.set_role(db, "an", role="admin")
        assert await officers.set_active(db, "an", active=False)
        found = await officers.find(db, "an")
        assert found is not None
        assert (found.role, found.communes, found.is_active) == ("admin", ("09661",), False)
        assert await officers.set_role(db, "an", role="staff", communes=())
        assert (await officers.listing(db))[0].communes == ()
        assert not await officers.set_role(db, "ai-do", role="admin")
        assert not await officers.set_active(db, "ai-do", active=True)


async def test_an_address_is_kept_and_found(database: AsyncEngine, clock: Callable[[], datetime]) -> None:
    async with database.begin() as db:
        await officers.add(db, login="an", role="officer", at=clock())
        assert await officers.logins_at(db, "telegram:7") == []
        assert await officers.set_address(db, "an", address="telegram:7")
        assert [officer.address for officer in await officers.listing(db)] == ["telegram:7"]
        assert await officers.logins_at(db, "telegram:7") == ["an"]
        assert not await officers.set_address(db, "ai-do", address="telegram:8")


async def test_a_login_is_one_officers(database: AsyncEngine, clock: Callable[[], datetime]) -> None:
    async with database.connect() as db:
        await officers.add(db, login="an", role="officer", at=clock())
        with pytest.raises(IntegrityError):
            await officers.add(db, login="an", role="admin", at=clock())

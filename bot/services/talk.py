"""What the web chat asks of us: take a message in, show the conversation as the person saw it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.webchat import Turn
from bot.messages import Address, Incoming
from bot.services.conversation import Conversation
from bot.store import ledger
from bot.store.db import reading


class Talk:
    """One conversation at a time, read from the log and the ledger: only what is committed is shown."""

    def __init__(self, conversation: Conversation, database: AsyncEngine) -> None:
        self._conversation, self._database = conversation, reading(database)

    async def receive(self, incoming: Incoming) -> None:
        """As `Conversation.receive`."""
        await self._conversation.receive(incoming)

    async def history(self, address: Address, limit: int) -> Sequence[Turn]:
        """The last *limit* turns with the contact at *address*, oldest first; empty for a stranger."""
        async with self._database.connect() as db:
            rows = await ledger.history(db, address, limit=limit)
        return [
            Turn(row.delivery_id or row.id, row.kind != "said", row.text, row.payload, row.at)
            for row in rows
            if row.kind != "said" or row.payload
        ]

    async def language(self, address: Address) -> str:
        """The contact's language, "vi" or "en"; "" for a stranger."""
        async with self._database.connect() as db:
            language = await ledger.language_at(db, address)
        return "" if language is None else language or "vi"

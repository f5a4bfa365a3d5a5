"""What the web chat asks of us: take a message in, show the conversation as the person saw it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.webchat import Turn, WebChat
from bot.messages import Address, Incoming
from bot.services.conversation import Conversation
from bot.services.sending.script import addressed, message_from
from bot.store import ledger
from bot.store.db import reading


class Talk:
    """One conversation at a time, read from the log and the ledger: only what is committed is shown."""

    def __init__(self, conversation: Conversation, database: AsyncEngine, channel: WebChat) -> None:
        self._conversation, self._database, self._channel = conversation, reading(database), channel

    async def receive(self, incoming: Incoming) -> None:
        """As `Conversation.receive`."""
        await self._conversation.receive(incoming)

    async def history(self, address: Address, limit: int) -> Sequence[Turn]:
        """The last *limit* turns with the contact at *address*, oldest first; empty for a stranger."""
        async with self._database.connect() as db:
            rows = await ledger.history(db, address, limit=limit)
            told = await ledger.broadcasts_to(db, address, limit=limit)
        turns = [
            Turn(row.delivery_id or row.id, row.kind not in ledger.SPOKEN, row.text, row.payload, row.at)
            for row in rows
            if row.kind not in ledger.SPOKEN or row.payload
        ]
        if told:
            turns += [Turn(row.id, False, "", self._body(address, row.message, row.name), row.at) for row in told]
            turns = sorted(turns, key=lambda turn: turn.at)[-limit:]
        return turns

    def _body(self, address: Address, message: bytes, name: str) -> bytes:
        """A broadcast as the page shows it, from its rendition."""
        [payload] = self._channel.encode(address, addressed(message_from(message), name))
        return payload.body

    async def language(self, address: Address) -> str:
        """The contact's language, "vi" or "en"; "" for a stranger."""
        async with self._database.connect() as db:
            language = await ledger.language_at(db, address)
        return "" if language is None else language or "vi"

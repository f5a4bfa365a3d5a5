"""The statements by which a person is forgotten: part of a turn's rows (`bot.store.turns`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Executable,
    and_,
    bindparam,
    case,
    delete,
    insert,
    null,
    select,
    text,
    tuple_,
    update,
)

from bot.store.account_models import receipts
from bot.store.inbox_models import notes
from bot.store.insight_models import departures
from bot.store.models import addresses, contacts, deliveries, handoffs, inbox, interactions, sessions, topics


def forgetting() -> Mapping[str, Executable]:
    """All that is ours of a person goes; ledger and inbox keep their rows, without the person in them."""
    key: BindParameter[int] = bindparam("key")
    gone: Mapping[str, Any] = {"contact_id": text("0"), "address": text("''"), "payload": bindparam("nothing")}
    status = deliveries.c.status
    given_up = case((status == text("'queued'"), text("'opted_out'")), else_=status)
    told = select(interactions.c.delivery_id).where(
        and_(interactions.c.contact_id == key, interactions.c.delivery_id.is_not(None))
    )
    broadcast = and_(deliveries.c.contact_id == key, deliveries.c.broadcast_id.is_not(None))
    return {
        # first, while log and ledger still say whose messages they are of
        "forget_receipts": _receipts_of(deliveries.c.id.in_(told)),
        "forget_broadcast_receipts": _receipts_of(broadcast),
        "forget_deliveries": update(deliveries)
        .where(and_(deliveries.c.id.in_(told), deliveries.c.id < bindparam("before")))
        .values(**gone, status=given_up),
        "forget_broadcasts": update(deliveries).where(broadcast).values(**gone, status=given_up),
        "forget_interactions": delete(interactions).where(interactions.c.contact_id == key),
        "forget_session": delete(sessions).where(sessions.c.contact_id == key),
        "forget_topics": delete(topics).where(topics.c.contact_id == key),
        "forget_notes": delete(notes).where(notes.c.contact_id == key),
        "forget_handoffs": delete(handoffs).where(handoffs.c.contact_id == key),
        "forget_addresses": delete(addresses).where(addresses.c.contact_id == key),
        "forget_contact": delete(contacts).where(contacts.c.id == key),
        "forget_dead_letters": update(inbox)
        .where(and_(inbox.c.channel == bindparam("on"), inbox.c.address == bindparam("key")))
        .values(error=text("'forgotten'"), raw=null(), address=null()),
        "departed": insert(departures),  # their marks go with the follower's next write, which counts them off
        "farewell": update(deliveries).where(deliveries.c.id == key).values(**gone),
    }


def _receipts_of(which: ColumnElement[bool]) -> Executable:
    """When messages of theirs arrived and were looked at is theirs, too."""
    named = select(deliveries.c.channel, deliveries.c.external_id).where(which)
    return delete(receipts).where(tuple_(receipts.c.channel, receipts.c.message_id).in_(named))

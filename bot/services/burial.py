"""A turn that fails again and again: kept as a dead letter, and the person is told."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bot.engine.render import phrase
from bot.engine.state import Session
from bot.messages import Incoming, Outgoing
from bot.services.turn_values import Owed, World
from bot.store.turns import Known, Rows


def burial_of(
    contact: Known | None, incoming: Incoming, error: Exception, world: World, rows: Rows
) -> Sequence[Owed]:  # fmt: skip
    """Add the dead letter to *rows*; a contact we know hears of it, and leaves a session that may be the fault.

    What they hear is returned: owed once the rows are committed.
    """
    address = incoming.address
    row = (incoming.external_id, world.stamp, repr(error)[:500], repr(incoming).encode(), address.id)
    rows.add("dead_letter", address.channel, *row)
    if contact is None:
        return ()
    rows.add("session", contact.contact_id, f'{{"seq":{at_rest(contact).session.seq}}}', 0, world.stamp)
    text = phrase(world.library, "failed", contact.person.fields)
    owed = []
    for payload in world.channels[address.channel].encode(address, Outgoing(text)) if text else ():
        delivery = world.ids.next()
        rows.add(
            "delivery", delivery, contact.contact_id, address.channel, address.id, "reply", payload.method,
            payload.body, "claimed", 1, world.ids.worker, world.stamp,
        )  # fmt: skip
        rows.add("interaction", contact.contact_id, world.stamp, "said", "", "", "failed", "", delivery)
        owed.append(Owed(delivery, address, payload))
    return owed


def at_rest(known: Known) -> Known:
    """*known* with its place in the dialogs lost: the last resort for a session that breaks every turn."""
    return replace(known, session=Session(seq=known.session.seq + 1))

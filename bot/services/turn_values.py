"""What planning a turn is handed, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from bot.channels.base import Channel, Payload
from bot.engine.state import Library
from bot.messages import Address
from bot.store.ids import Ids
from bot.store.turns import Known


class Owed(Struct, frozen=True):
    """A message of the ledger, as the courier holds it. `bears_question`: its buttons are the open ones.

    `id` 0 is a call that no ledger keeps: taking the buttons off an answered message.
    """

    id: int
    to: Address
    payload: Payload
    attempts: int = 1
    bears_question: bool = False
    farewell: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """What planning is handed: the library of the moment, the time, the day, ids, the channels, this worker, and when
    officers are back (`bot.engine.state.Context.away`)."""

    library: Library
    now: datetime
    stamp: Any
    today: date
    ids: Ids
    channels: Mapping[str, Channel]
    stamp_of: Callable[[datetime], Any]
    away: Mapping[str, str] = field(default_factory=dict)


class Planned(Struct, frozen=True):
    """One turn, ready to be written: `known` is the contact after it (None: forgotten).

    `invitation` is what a broadcast says to begin a dialog: its own delivery carries it, so nothing is owed for it.
    """

    known: Known | None
    owed: tuple[Owed, ...]
    invitation: Payload | None = None

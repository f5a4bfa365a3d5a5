"""Somebody who talks with the engine: their session is stored as JSON text and read again between turns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from bot.engine.events import Event, Said
from bot.engine.state import Context, Library, Person, Session, Sprint
from bot.engine.step import advance
from bot.engine.transcript import after
from bot.messages import Address, Choice, Incoming, Kind

TODAY = date(2026, 11, 23)
HERE = Address("test", "1")
E = TypeVar("E")


class Household:
    """One person at one address. `sprint` is their last turn."""

    def __init__(self, library: Library, fields: Mapping[str, str] | None = None, today: date = TODAY) -> None:
        self.library, self.today = library, today
        self.person = Person({"da-chao": "1"} | dict(fields or {}))
        self.stored = "{}"
        self.sprint = Sprint(Session(), ())
        self.shown: list[Choice] = []

    def send(self, kind: Kind, text: str = "", tap: str = "", phone: str = "") -> Household:
        incoming = Incoming(HERE, "1", kind, text=text, tap=tap, phone=phone)
        session = Session.from_dict(json.loads(self.stored))
        self.sprint = advance(self.library, session, incoming, Context(self.person, self.today))
        self.stored = json.dumps(self.sprint.session.to_dict())
        for event in self.sprint.events:
            self.person = after(self.person, event)
        offered = [choice for said in self.all(Said) for choice in said.choices]
        self.shown = offered or self.shown
        return self

    def put(self, session: Session) -> Household:
        """Stand where *session* says."""
        self.sprint, self.stored = Sprint(session, ()), json.dumps(session.to_dict())
        return self

    def start(self, payload: str = "") -> Household:
        return self.send(Kind.START, payload)

    def say(self, text: str) -> Household:
        return self.send(Kind.TEXT, text)

    def tap(self, number: int) -> Household:
        """Press the *number*-th of the buttons shown last."""
        return self.press(self.shown[number - 1])

    def press(self, choice: Choice) -> Household:
        return self.send(Kind.TAP, tap=choice.id)

    def all(self, kind: type[E]) -> list[E]:
        """The events of this kind in the last turn."""
        return [event for event in self.sprint.events if isinstance(event, kind)]

    def has(self, event: Event) -> bool:
        return event in self.sprint.events

    @property
    def text(self) -> str:
        """Everything said in the last turn."""
        return "\n".join(said.text for said in self.all(Said))

    @property
    def labels(self) -> list[str]:
        """The buttons of the last turn."""
        return [choice.label for said in self.all(Said) for choice in said.choices]

    @property
    def at(self) -> tuple[str, str]:
        """The dialog and node that wait for an answer."""
        return self.sprint.session.dialog, self.sprint.session.node

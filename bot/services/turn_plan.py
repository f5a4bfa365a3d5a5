"""Planning one turn: from a contact and what they sent to the rows to write and the messages owed. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from msgspec.structs import replace

from bot.channels.base import Payload
from bot.engine.events import (
    Alarmed,
    Chose,
    Commanded,
    Ended,
    Entered,
    Event,
    FieldChanged,
    HandedOff,
    NotUnderstood,
    Offered,
    Replaced,
    Routed,
    Said,
    Silent,
    StopChanged,
    TopicChanged,
    Typed,
    media_in,
)
from bot.engine.held import FOR_OFFICER
from bot.engine.state import Context, Person, Sprint
from bot.engine.step import advance
from bot.messages import Incoming, Kind, Outgoing
from bot.services.turn_values import Owed, Planned, World
from bot.store.turns import Known, Rows
from bot.store.types import NEVER

WEEK = timedelta(days=7)
UNSPOKEN = (Kind.BLOCKED, Kind.UNBLOCKED, Kind.REACTION, Kind.INVITED, Kind.WITHDRAWN)
"""What a stranger can do without saying anything to us: it makes no contact of them."""
NO_OPENING = (*UNSPOKEN, Kind.CONTACT)
"""What opens no window to answer in: Zalo's list of what does holds no form that somebody filled in."""
NOBODY = 0
"""The contact of a row that tells of no person: that somebody was forgotten. It also stands above the ids of their
rows, which SQLite would give out again: who reads the log by its ids would take the new rows for read."""
FORGOTTEN = (
    "receipts", "broadcast_receipts", "interactions", "session", "topics", "notes", "handoffs", "addresses", "contact",
)  # fmt: skip
"""What goes of somebody by their number alone (`bot.store.forgetting`)."""
MOVES = (Chose, Typed, Entered, Ended)
_json = msgspec.json.encode


def plan_turn(known: Known | None, incoming: Incoming, world: World, rows: Rows) -> Planned:
    """What *incoming* changes, added to *rows*. Nothing is changed yet: a plan can be thrown away and made again."""
    rows.add("inbox", incoming.address.channel, incoming.external_id, world.stamp)
    if known is None and incoming.kind in UNSPOKEN:  # who was forgotten and then blocks us stays forgotten
        if incoming.kind is Kind.WITHDRAWN:
            rows.add("forget_dead_letters", incoming.address.channel, incoming.address.id)
        return Planned(None, ())
    at = world.now if not incoming.at else min(world.now, datetime.fromtimestamp(incoming.at, UTC))
    stamp = world.stamp if at is world.now else world.stamp_of(at)
    if known is None:
        known = _new_contact(incoming, world, rows, at)
    status = "blocked" if incoming.kind is Kind.BLOCKED else "active"
    # What is brought late, as after an outage, says nothing against what the person did since.
    if status != known.status and incoming.kind is not Kind.INVITED and at >= known.changed_at:
        rows.add("address_changed", status, stamp, known.address.channel, known.address.id)
        known = replace(known, status=status, changed_at=at)
    if incoming.kind not in NO_OPENING and world.channels[known.address.channel].capabilities.reach is not None:
        rows.add("interacted", stamp, known.address.channel, known.address.id, stamp)
    context = Context(known.person, world.today, known.held, world.away)
    sprint = advance(world.library, known.session, incoming, context)
    if any(isinstance(event, StopChanged) and event.stop == "forget" for event in sprint.events):
        return _forgotten(known, incoming, sprint, world, rows)
    if incoming.kind is Kind.INVITED:
        inviting = _Inviting(known, incoming, sprint, world, rows)
        inviting.write()
        return Planned(inviting.kept(), tuple(inviting.owed), inviting.invitation())
    writing = _Writing(known, incoming, sprint, world, rows)
    writing.write()
    return Planned(writing.kept(), tuple(writing.owed))


def _forgotten(known: Known, incoming: Incoming, sprint: Sprint, world: World, rows: Rows) -> Planned:
    """The person asked us to forget them: only the goodbye is left, and it goes once it is sent."""
    writing = _Writing(known, incoming, sprint, world, Rows(), reason="farewell")
    writing.write()
    first = min((owed.id for owed in writing.owed if owed.id), default=world.ids.next())
    for name in FORGOTTEN:
        rows.add(f"forget_{name}", known.contact_id)
    rows.add("forget_dead_letters", known.address.channel, known.address.id)
    rows.add("departed", known.contact_id)
    rows.add("interaction", NOBODY, world.stamp, "forgot", "", "", "", "", None)
    rows.add("forget_deliveries", b"", known.contact_id, first)
    rows.add("forget_broadcasts", b"", known.contact_id)
    rows.extend(Rows({"delivery": writing.rows.of.get("delivery", [])}))
    return Planned(None, tuple(replace(owed, farewell=True) for owed in writing.owed))


def _new_contact(incoming: Incoming, world: World, rows: Rows, at: datetime) -> Known:
    address, contact = incoming.address, world.ids.next()
    fields = {"ten": incoming.name} if incoming.name else {}
    source = incoming.text[:64] if incoming.kind is Kind.START else ""
    rows.add("contact", contact, world.stamp, "", "", "", incoming.name[:200], "", source, _json(fields).decode())
    rows.add("address", address.channel, address.id, contact, world.stamp_of(at))
    return Known(contact, address, Person(fields), changed_at=at)


class _Writing:
    """The rows of one sprint, event by event."""

    def __init__(
        self, known: Known, incoming: Incoming, sprint: Sprint, world: World, rows: Rows, reason: str = "reply"
    ) -> None:
        self.reason = reason
        self.known, self.incoming, self.sprint, self.world, self.rows = known, incoming, sprint, world, rows
        self.fields = known.person.fields
        self.topics, self.stop, self.held = known.person.topics, known.person.stop, known.held
        self.owed: list[Owed] = []
        self.question = 0
        self.replaced = False

    def write(self) -> None:
        """Every event as rows; what is said as messages owed."""
        self._heard()
        for event in self.sprint.events:
            self._write(event)
        self._asked()
        if not any(isinstance(event, Silent) for event in self.sprint.events):
            self._close_question()
        else:
            self.question = self.known.question

    def kept(self) -> Known:
        """The contact after the turn, with the rows that hold it."""
        known, session = self.known, self.sprint.session
        if self.fields is not known.person.fields:
            f = self.fields
            columns = (f.get("ho", ""), f.get("xa", ""), f.get("lang", ""), f.get("ten", "")[:200], f.get("dong-y", ""))
            self.rows.add("contact_changed", *columns, _json(f).decode(), known.contact_id)
        self._keep_session(_json(session).decode())
        person = Person(self.fields, self.topics, self.stop)
        kept_id = known.question_id if self.question == known.question else ""
        return Known(
            known.contact_id, known.address, person, session, self.question, kept_id, known.status, self.held,
            known.changed_at,
        )  # fmt: skip

    def _keep_session(self, state: str) -> None:
        self.rows.add("session", self.known.contact_id, state, self.question, self.world.stamp)

    def _heard(self) -> None:
        """What the person sent, in one row with what it meant: the choice it took, the command it was."""
        before, incoming = self.known.session, self.incoming
        meanings = (_meaning_of(event, incoming.text) for event in self.sprint.events)
        meant = next((one for one in meanings if one is not None), (incoming.kind.value, "", incoming.text))
        self._log(meant[0], before.dialog, before.node, *meant[1:])

    def _asked(self) -> None:
        """Which question is open now, if that changed: what is said names the node of its content, perhaps another."""
        before, after = self.known.session, self.sprint.session
        has_moved = (before.dialog, before.node) != (after.dialog, after.node)
        if has_moved or any(isinstance(event, MOVES) for event in self.sprint.events):
            self._log("asked", after.dialog, after.node)

    def _log(
        self, kind: str, dialog: str = "", node: str = "", detail: str = "", text: str = "", delivery: int | None = None
    ) -> None:
        row = (self.known.contact_id, self.world.stamp, kind, dialog, node, detail[:128], text, delivery)
        self.rows.add("interaction", *row)

    def _write(self, event: Event) -> None:
        match event:
            case Said():
                self._say(event)
            case FieldChanged() | TopicChanged() | StopChanged() | HandedOff():
                self._change(event)
            case Entered(dialog=dialog, source=source):
                self._log("entered", dialog, "", source)
            case Ended(dialog=dialog, reason=reason):
                self._log("ended", dialog, "", reason)
            case Replaced(message=message, fact=fact, reason=reason):
                self._log("replaced", detail=message, text=f"{fact}: {reason}")
            case Silent(reason=reason):
                self._stay_silent(reason)
            case Alarmed() | Chose() | Typed() | Commanded() | Routed() | Offered() | NotUnderstood():
                pass  # told in the row of what was heard

    def _stay_silent(self, reason: str) -> None:
        self._log("silent", detail=reason)
        if reason == FOR_OFFICER:
            self.rows.add("handoff_heard", self.world.stamp, self.known.contact_id)

    def _change(self, event: FieldChanged | TopicChanged | StopChanged | HandedOff) -> None:
        contact, stamp = self.known.contact_id, self.world.stamp
        match event:
            case FieldChanged(field=name, value=value):
                self.fields = {k: v for k, v in self.fields.items() if k != name} | ({name: value} if value else {})
                self._log("field", detail=name, text=value)
            case TopicChanged(topic=topic, on=on):
                self.rows.add(*(("topic_on", contact, topic, stamp) if on else ("topic_off", contact, topic)))
                self.topics = self.topics | {topic} if on else self.topics - {topic}
                self._log("subscribed" if on else "unsubscribed", detail=topic)
            case StopChanged(stop=stop):
                self.stop = stop
                until = self.world.stamp_of(self.world.now + WEEK) if stop == "week" else None
                self.rows.add("stopped", stop, until, contact)
                self._log("stop", detail=stop)
                if stop == "all":  # nothing more at all: an officer's answer neither
                    self.held = False
                    self.rows.add("handoff_ended", stamp, contact)
                    self.rows.add("let_go", contact)
            case HandedOff(queue=queue):
                self.rows.add("handoff", contact, queue, stamp, stamp)
                self._log("handoff", detail=queue)

    def _say(self, said: Said) -> None:
        """Owe a message: encoded once, and these bytes are what is stored, sent and resent."""
        known, world = self.known, self.world
        replaces = self.incoming.tapped_id if said.replaces else ""
        channel = world.channels[known.address.channel]
        message = Outgoing(said.text, said.choices, replaces, said.asks_phone, said.media)
        self.replaced = self.replaced or bool(replaces and channel.capabilities.edits)
        payloads = channel.encode(known.address, message)
        for index, payload in enumerate(payloads):
            delivery = world.ids.next()
            bears = bool(said.choices) and index == len(payloads) - 1
            self.rows.add(
                "delivery", delivery, known.contact_id, known.address.channel, known.address.id, self.reason,
                payload.method, payload.body, "claimed", 1, world.ids.worker, world.stamp,
            )  # fmt: skip
            self.owed.append(Owed(delivery, known.address, payload, 1, bears))
            if bears:
                self.question = delivery
            self._log("said", said.dialog, said.node, said.message, "", delivery)

    def _close_question(self) -> None:
        """Take the buttons off the question that this turn answered or left, unless it was replaced."""
        known = self.known
        open_id = known.question_id or (self.incoming.tapped_id if known.question else "")
        if known.question and open_id and not self.replaced:
            closing = self.world.channels[known.address.channel].closing(known.address, open_id)
            if closing is not None:
                self.owed.append(Owed(0, known.address, closing))


def _meaning_of(event: Event, text: str) -> tuple[str, str, str] | None:
    """What *text* was taken for, as kind, detail and words of its row; None for an event that says nothing of that."""
    match event:
        case Alarmed(kind=danger):
            return "alarmed", danger, text
        case Chose(choice=choice, label=label):
            return "chose", choice, text or label
        case Typed():
            return "typed", "", text
        case Commanded(command=command):
            return "command", command, text or command
        case Routed(dialog=topic):
            return "routed", topic, text
        case Offered(topics=topics):
            return "offered", " ".join(topics), text
        case NotUnderstood(text=words):  # with "none of these" it is what was typed before topics were offered
            return "missed", words if words != text.strip() else "", text or words
        case _:
            return None


class _Inviting(_Writing):
    """A broadcast that begins a dialog: all that it says becomes one message, that of the broadcast's delivery."""

    said: tuple[Said, ...] = ()

    def invitation(self) -> Payload | None:
        """The call that carries it; None when there is nothing to say, or too much for one."""
        text = "\n\n".join(said.text for said in self.said)
        if not text:
            return None
        message = Outgoing(text, self.said[-1].choices, media=media_in(self.said))
        payloads = self.world.channels[self.known.address.channel].encode(self.known.address, message)
        if len(payloads) != 1:  # what is released was checked: the dialog must have been edited since
            return None
        self.rows.add("invitation", payloads[0].method, payloads[0].body, int(self.incoming.receipt))
        return payloads[0]

    def _say(self, said: Said) -> None:
        self.said = (*self.said, said)
        delivery = int(self.incoming.receipt)
        if said.choices:
            self.question = delivery
        self._log("said", said.dialog, said.node, said.message, "", delivery)

    def _keep_session(self, state: str) -> None:
        never = self.world.stamp_of(NEVER)
        self.rows.add("invited_session", self.known.contact_id, state, self.question, never)

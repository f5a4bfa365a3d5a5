"""One turn: `advance` takes a library, a session and what a person sent to a new session and what happened."""

from __future__ import annotations

import re

from msgspec.structs import replace

from bot.engine.alarm import alarm, is_listening, listen
from bot.engine.answers import phone_in
from bot.engine.asking import ask_again, is_stale, let_be, miss, waiting_node
from bot.engine.choosing import option_meant, option_named
from bot.engine.commands import YES_NO, put_off, run_command, take, yes_or_no
from bot.engine.events import NotUnderstood, Silent, StopChanged
from bot.engine.held import leave_to_officer, read_held
from bot.engine.model import AskChoice, AskTyped
from bot.engine.places import communes_at
from bot.engine.render import language_of, where_to_ask
from bot.engine.state import Context, Library, Session, Sprint
from bot.engine.stated import stated_in
from bot.engine.topics import go_on, is_being_greeted, is_offering, picked, pressed, understand
from bot.engine.turn import PAGE, Turn, way_back_label
from bot.engine.typed import accept, offered, read_typed, take_communes
from bot.engine.understanding.orders import command_in
from bot.engine.walk import GREETED, HELLO, MENU, STOP, enter, greet, rescue, visible
from bot.engine.words import fold, number_named
from bot.messages import Incoming, Kind

PHRASES = (
    "help", "miss-1", "miss-2", "miss-3", "meant", "perhaps", "meant-each", "none-of-these", "ask-away", "here",
    "nearest", "this-first", "about-ngheo", "about-can-ngheo", "about-moi-thoat", "back-to", "onward-to", "told",
    "noted", "sum", "sum-of-millions", "as-you-like", "out-of-turn", "old-button", "changed", "gone", "loop",
    "nothing-back", "sticker", "photo", "voice", "video", "file", "location", "location-known", "location-unasked",
    "contact-other", "contact-thanks", "edited", "poll", "other", "checking", "confirm", "source", "story-source",
    "story-source-no-year", "ask-where", "ask-where-commune", "more", "skip", "menu-button", "officer-button",
    "again-number", "again-date", "again-phone", "again-commune", "again-text", "commune-which", "stopped-hint",
    "failed", "handed-off", "news-on", "officer-away", "officer-says", "officer-done",
)  # fmt: skip
"""The fixed phrases that the engine and the services say; the linter asks for every one of them."""

PHONE = "dien-thoai"
"""Field of the number that a person shared as a card of their own, unasked."""
_OFFER = re.compile(r"o\d{1,2}")
_CAPTIONED = (Kind.PHOTO, Kind.VIDEO, Kind.FILE)
_SILENT = {Kind.REACTION: "reaction", Kind.BLOCKED: "blocked", Kind.UNBLOCKED: "unblocked"}
_ASIDES = {
    Kind.STICKER: "sticker", Kind.PHOTO: "photo", Kind.VOICE: "voice", Kind.VIDEO: "video", Kind.FILE: "file",
    Kind.POLL: "poll", Kind.OTHER: "other", Kind.EDITED: "edited",
}  # fmt: skip


def advance(library: Library, session: Session, incoming: Incoming, context: Context) -> Sprint:
    """One message of one person. Pure: the same arguments always give the same sprint.

    Every message is answered (`Said`) or deliberately not (`Silent`, with the reason).
    """
    turn = Turn(library, session, context)
    if not incoming.album:
        return _heard(turn, incoming)
    if incoming.album == session.album and not incoming.text.strip():
        return _silent(turn, "another picture of an album that was answered")
    sprint = _heard(turn, incoming)
    return Sprint(replace(sprint.session, album=incoming.album), sprint.events)


def _heard(turn: Turn, incoming: Incoming) -> Sprint:
    if incoming.kind in _SILENT:
        return _silent(turn, _SILENT[incoming.kind])
    if incoming.kind is Kind.WITHDRAWN:  # nothing is said to somebody who wants to be gone
        return Sprint(Session(seq=turn.before.seq), (StopChanged("forget"), Silent("withdrawn")))
    if incoming.kind is Kind.INVITED:
        return _invited(turn, incoming.text)
    alarmed = alarm(turn, incoming)
    if alarmed is not None:
        return alarmed
    if incoming.kind is Kind.START:
        return _start(turn, incoming.text)
    if incoming.kind is Kind.TAP:
        return _tap(turn, incoming.tap)
    if incoming.kind is Kind.TEXT and incoming.text.strip():
        return _text(turn, incoming.text.strip())
    return _aside(turn, incoming)


def _silent(turn: Turn, reason: str) -> Sprint:
    return Sprint(turn.before, (*turn.events, Silent(reason)))


def _invited(turn: Turn, dialog: str) -> Sprint:
    """A broadcast begins *dialog* with the person; "back" leads to what was open."""
    if dialog not in turn.library.dialogs:
        return _silent(turn, "an invitation to a dialog that is not there")
    turn.stack, turn.left = [], ()
    return enter(turn, dialog, "broadcast")


def _start(turn: Turn, payload: str) -> Sprint:
    """/start, perhaps with a deep link `topic` or `topic__source`: an untrusted hint, anybody can type one.

    Who is being greeted goes on with that: to follow an account and to open its chat are two beginnings in a moment.
    """
    if not payload and waiting_node(turn) is not None and is_being_greeted(turn):
        return ask_again(turn, "")
    topic, _, source = payload.partition("__")
    known = topic if topic in turn.library.dialogs and topic not in (MENU, HELLO) else MENU
    turn.stack, turn.trail, turn.left = [], [], ()
    if turn.context.person.stop in ("all", "forget"):
        turn.phrase("stopped-hint")
    if not turn.fields.get(GREETED) and HELLO in turn.library.dialogs:
        return greet(turn, known, source[:40] or (topic if known != MENU else ""))
    return enter(turn, known, source[:40])


def _text(turn: Turn, text: str) -> Sprint:
    """Words: a stop outranks everything, then a choice by its label or number, the other commands, what it may mean."""
    if turn.context.held:
        return read_held(turn, text)
    turn.stated.update(stated_in(text))
    command = command_in(turn.library, text)
    node = waiting_node(turn)
    if command != "stop" or turn.before.dialog == STOP:  # there its own choices are what "stop all" means
        answered = _answered(turn, node, text)
        if answered is not None:
            return answered
    if command and command not in YES_NO:
        return run_command(turn, command)
    if node is None:
        return _text_at_rest(turn, text, command)
    if is_stale(turn, node):
        return ask_again(turn, "changed")
    return _unmatched(turn, node, text, command)


def _answered(turn: Turn, node: AskChoice | AskTyped | None, text: str) -> Sprint | None:
    """The sprint of one of the choices on offer, or None if *text* names none of them."""
    topic = picked(turn, text)
    if topic is not None:
        return topic
    if turn.left and fold(text) == fold(way_back_label(turn)):
        return go_on(turn)
    if node is None or is_stale(turn, node) or (is_offering(turn) and number_named(text) is not None):
        return None  # a number is that of a topic on offer, not of a choice that stood there before
    if isinstance(node, AskTyped):
        value = offered(turn, text)
        return accept(turn, node, value) if value is not None else None
    option = option_named(turn.library, visible(turn, node), text, language_of(turn.library, turn.fields))
    return take(turn, option) if option is not None else None


def _unmatched(turn: Turn, node: AskChoice | AskTyped, text: str, command: str) -> Sprint:
    if isinstance(node, AskTyped):
        return read_typed(turn, node, text)
    options = visible(turn, node)
    if _wants_more(text) and len(options) > PAGE:
        return run_command(turn, "more")
    if is_listening(turn):
        return listen(turn, text)
    option = option_meant(turn.library, options, text, language_of(turn.library, turn.fields))
    option = option or yes_or_no(turn, options, text)
    if option is not None:
        return take(turn, option)
    if command in ("no", "later"):
        return put_off(turn)
    understood = understand(turn, text) if command != "yes" else None  # "đúng rồi" asks for nothing
    return understood if understood is not None else miss(turn, text)


def _wants_more(text: str) -> bool:
    """Whether *text* is the "0. Xem thêm" that stands under a long list, or its number alone."""
    return number_named(text.split(".")[0]) == 0


def _text_at_rest(turn: Turn, text: str, command: str) -> Sprint:
    if turn.before.node:  # the question that was open is gone from the dialog
        return rescue(turn, turn.before.dialog, "gone")
    understood = understand(turn, text) if not command else None
    if understood is not None:
        return understood
    if not turn.fields.get(GREETED) and HELLO in turn.library.dialogs:
        turn.events.append(NotUnderstood(text, 0))
        return greet(turn, MENU)
    return let_be(turn) if command else miss(turn, text)  # "vâng" to the last word that was said


def _tap(turn: Turn, tap: str) -> Sprint:
    """A pressed button: of the question that is open, or of an older one. Anything can be forged: check it all."""
    before = turn.before
    number, _, token = tap.partition(".")
    if tap and tap == before.taken:
        return _silent(turn, "second tap of a button that was already taken")
    node = waiting_node(turn)
    if before.node and node is None:
        return rescue(turn, before.dialog, "gone")
    if number != f"{before.seq:x}":
        return ask_again(turn, "old-button")
    turn.before = replace(before, taken=tap)
    sprint = _pressed(turn, node, token)
    if sprint is not None:
        return sprint
    turn.before = before
    return ask_again(turn, "changed" if node is not None and is_stale(turn, node) else "old-button")


def _pressed(turn: Turn, node: AskChoice | AskTyped | None, token: str) -> Sprint | None:
    """The sprint of the button that bears *token*, or None if there is none such."""
    if token in ("menu", "officer", "more", "skip"):
        return run_command(turn, token)
    if token == "left" and turn.left:
        return go_on(turn)
    topic = pressed(turn, token)
    if topic is not None:
        return topic
    if isinstance(node, AskTyped):
        value = offered(turn, token) if _OFFER.fullmatch(token) else None
        return accept(turn, node, value) if value is not None else None
    option = next((o for o in (visible(turn, node) if node else ()) if o.token == token), None)
    if option is None:
        return None
    turn.tapped = True
    return take(turn, option)


def _aside(turn: Turn, incoming: Incoming) -> Sprint:
    """What is no answer in words: a card, a picture, a voice note. One considered reply, and the question again."""
    if incoming.kind in _CAPTIONED and incoming.text.strip():
        return _text(turn, incoming.text.strip())
    if turn.context.held and incoming.kind is not Kind.CONTACT:
        return leave_to_officer(turn)
    match incoming.kind:
        case Kind.CONTACT:
            return _card(turn, incoming.phone)
        case Kind.LOCATION:
            return _located(turn, incoming.text)
        case Kind.EDITED if waiting_node(turn) is None:
            return _silent(turn, "an edit of an earlier message while nothing is asked")
        case kind:
            return ask_again(turn, _ASIDES.get(kind, "other"))


def _card(turn: Turn, phone: str) -> Sprint:
    """A card: the person's own number answers the question for one, and is kept; anybody else's is not."""
    node = waiting_node(turn)
    if phone and isinstance(node, AskTyped) and node.type == "phone" and not is_stale(turn, node):
        return read_typed(turn, node, phone)
    if phone:
        turn.set(PHONE, phone_in(phone) or phone)
    return ask_again(turn, "contact-thanks" if phone else "contact-other")


def _located(turn: Turn, address: str) -> Sprint:
    """A spot on the map, with the *address* of a place that has a name: that tells the commune, numbers do not.

    It answers the question for the commune; unasked nothing is noted down, since nobody said that they live there.
    """
    found, node = communes_at(turn.library, address), waiting_node(turn)
    if isinstance(node, AskTyped) and node.type == "commune" and not is_stale(turn, node):
        return take_communes(turn, node, found) if found else ask_again(turn, "location")
    if len(found) != 1:
        return ask_again(turn, "location-unasked")
    office = where_to_ask(turn.library, {**turn.fields, "xa": found[0].code})
    turn.phrase("location-known", **{"noi-do": office})
    return ask_again(turn, "")

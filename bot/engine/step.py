"""One turn: `advance` takes a library, a session and what a person sent to a new session and what happened."""

from __future__ import annotations

import re

from msgspec.structs import replace

from bot.engine.answers import option_meant, option_named, phone_in
from bot.engine.asking import ask_again, is_stale, miss, route, waiting_node
from bot.engine.commands import YES_NO, command_in, run_command, take, yes_or_no
from bot.engine.events import NotUnderstood, Silent, StopChanged
from bot.engine.held import leave_to_officer, read_held
from bot.engine.model import AskChoice, AskTyped
from bot.engine.render import language_of
from bot.engine.router import find_topic
from bot.engine.state import Context, Library, Session, Sprint
from bot.engine.turn import PAGE, Turn
from bot.engine.typed import accept, offered, read_typed
from bot.engine.walk import GREETED, HELLO, MENU, STOP, enter, greet, rescue, visible
from bot.engine.words import number_named
from bot.messages import Incoming, Kind

PHRASES = (
    "help", "miss-1", "miss-2", "miss-3", "out-of-turn", "old-button", "changed", "gone", "loop", "nothing-back",
    "sticker", "photo", "voice", "video", "file", "location", "contact-other", "contact-thanks", "edited", "poll",
    "other", "checking", "confirm", "source", "story-source", "story-source-no-year", "ask-where",
    "ask-where-commune", "more", "skip", "menu-button", "officer-button", "again-number", "again-date",
    "again-phone", "again-commune", "again-text", "commune-which", "stopped-hint", "failed", "handed-off", "news-on",
    "officer-away", "officer-says", "officer-done",
)  # fmt: skip
"""The fixed phrases that the engine and the services say; the linter asks for every one of them."""

PHONE = "dien-thoai"
"""Field of the number that a person shared as a card of their own, unasked."""
_OFFER = re.compile(r"o\d{1,2}")
_CAPTIONED = (Kind.PHOTO, Kind.VIDEO, Kind.FILE)
_SILENT = {Kind.REACTION: "reaction", Kind.BLOCKED: "blocked", Kind.UNBLOCKED: "unblocked"}
_ASIDES = {
    Kind.STICKER: "sticker", Kind.PHOTO: "photo", Kind.VOICE: "voice", Kind.VIDEO: "video", Kind.FILE: "file",
    Kind.LOCATION: "location", Kind.POLL: "poll", Kind.OTHER: "other", Kind.EDITED: "edited",
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
    turn.stack = []
    return enter(turn, dialog, "broadcast")


def _start(turn: Turn, payload: str) -> Sprint:
    """/start, perhaps with a deep link `topic` or `topic__source`: an untrusted hint, anybody can type one.

    Who is being greeted goes on with that: to follow an account and to open its chat are two beginnings in a moment.
    """
    if not payload and waiting_node(turn) is not None and _is_being_greeted(turn):
        return ask_again(turn, "")
    topic, _, source = payload.partition("__")
    known = topic if topic in turn.library.dialogs and topic not in (MENU, HELLO) else MENU
    turn.stack, turn.trail = [], []
    if turn.context.person.stop in ("all", "forget"):
        turn.phrase("stopped-hint")
    if not turn.fields.get(GREETED) and HELLO in turn.library.dialogs:
        return greet(turn, known, source[:40] or (topic if known != MENU else ""))
    return enter(turn, known, source[:40])


def _is_being_greeted(turn: Turn) -> bool:
    return HELLO in (turn.before.dialog, *(dialog for dialog, _ in turn.before.stack))


def _text(turn: Turn, text: str) -> Sprint:
    """Words: a stop outranks everything, then a choice by its label or number, the other commands, what it may mean."""
    if turn.context.held:
        return read_held(turn, text)
    command = command_in(turn.library, text)
    command = "" if command in YES_NO else command
    node = waiting_node(turn)
    if node is None:
        return run_command(turn, command) if command else _text_at_rest(turn, text)
    if command != "stop" or turn.before.dialog == STOP:  # there its own choices are what "stop all" means
        answered = None if is_stale(turn, node) else _answered(turn, node, text)
        if answered is not None:
            return answered
    if command:
        return run_command(turn, command)
    if is_stale(turn, node):
        return ask_again(turn, "changed")
    return _unmatched(turn, node, text)


def _answered(turn: Turn, node: AskChoice | AskTyped, text: str) -> Sprint | None:
    """The sprint of one of the choices on offer, or None if *text* names none of them."""
    if isinstance(node, AskTyped):
        picked = offered(turn, text)
        return accept(turn, node, picked) if picked is not None else None
    option = option_named(turn.library, visible(turn, node), text, language_of(turn.library, turn.fields))
    return take(turn, option) if option is not None else None


def _unmatched(turn: Turn, node: AskChoice | AskTyped, text: str) -> Sprint:
    if isinstance(node, AskTyped):
        return read_typed(turn, node, text)
    options = visible(turn, node)
    if _wants_more(text) and len(options) > PAGE:
        return run_command(turn, "more")
    option = option_meant(turn.library, options, text, language_of(turn.library, turn.fields))
    option = option or yes_or_no(turn, options, text)
    if option is not None:
        return take(turn, option)
    topic = find_topic(turn.library, text)
    return route(turn, topic) if topic else miss(turn, text)


def _wants_more(text: str) -> bool:
    """Whether *text* is the "0. Xem thêm" that stands under a long list, or its number alone."""
    return number_named(text.split(".")[0]) == 0


def _text_at_rest(turn: Turn, text: str) -> Sprint:
    if turn.before.node:  # the question that was open is gone from the dialog
        return rescue(turn, turn.before.dialog, "gone")
    topic = find_topic(turn.library, text)
    if topic is not None:
        return route(turn, topic)
    if not turn.fields.get(GREETED) and HELLO in turn.library.dialogs:
        turn.events.append(NotUnderstood(text, 0))
        return greet(turn, MENU)
    return miss(turn, text)


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
    if token in ("menu", "officer", "more", "skip"):
        return run_command(turn, token)
    picked = offered(turn, token) if isinstance(node, AskTyped) and _OFFER.fullmatch(token) else None
    if picked is not None and isinstance(node, AskTyped):
        return accept(turn, node, picked)
    options = visible(turn, node) if isinstance(node, AskChoice) else []
    option = next((o for o in options if o.token == token), None)
    if option is None:
        turn.before = before
        return ask_again(turn, "changed" if node is not None and is_stale(turn, node) else "old-button")
    turn.tapped = True
    return take(turn, option)


def _aside(turn: Turn, incoming: Incoming) -> Sprint:
    """What is no answer in words: a card, a picture, a voice note. One considered reply, and the question again."""
    if incoming.kind in _CAPTIONED and incoming.text.strip():
        return _text(turn, incoming.text.strip())
    if turn.context.held and incoming.kind is not Kind.CONTACT:
        return leave_to_officer(turn)
    node = waiting_node(turn)
    if incoming.kind is Kind.CONTACT:
        if incoming.phone and isinstance(node, AskTyped) and node.type == "phone" and not is_stale(turn, node):
            return read_typed(turn, node, incoming.phone)
        if incoming.phone:
            turn.set(PHONE, phone_in(incoming.phone) or incoming.phone)
        return ask_again(turn, "contact-thanks" if incoming.phone else "contact-other")
    if incoming.kind is Kind.EDITED and node is None:
        return _silent(turn, "an edit of an earlier message while nothing is asked")
    return ask_again(turn, _ASIDES.get(incoming.kind, "other"))

"""While an officer answers somebody: what they write is for the officer, and the bot keeps to commands and choices.

Who spoke last is whom a typed answer is meant for: after an officer's words a question of the bot's is answered by its
buttons alone, and a question that the person opened since takes what fits it.
"""

from __future__ import annotations

from msgspec.structs import replace

from bot.engine.asking import is_stale, waiting_node, ways_out
from bot.engine.choosing import option_named
from bot.engine.commands import YES_NO, run_command, take
from bot.engine.events import Silent
from bot.engine.model import AskTyped
from bot.engine.render import language_of
from bot.engine.state import Context, Library, Session, Sprint
from bot.engine.topics import is_offering, picked
from bot.engine.turn import Turn
from bot.engine.typed import accept, fits, offered, read_typed
from bot.engine.understanding.orders import command_in
from bot.engine.walk import STOP, rest, visible

FOR_OFFICER = "for the officer who answers"
"""Why nothing is said to what a person writes to an officer."""
REST = Session()


def leave_to_officer(turn: Turn) -> Sprint:
    """Say nothing: an officer reads it."""
    return Sprint(turn.before, (*turn.events, Silent(FOR_OFFICER)))


def read_held(turn: Turn, text: str) -> Sprint:
    """Words of somebody whom an officer answers. A stop outranks everything, as ever."""
    command = command_in(turn.library, text)
    if command == "stop" and turn.before.dialog != STOP:
        return run_command(turn, command)
    answered = None if turn.before.interrupted else _answered(turn, text)
    if answered is not None:
        return answered
    if command and command not in YES_NO:
        return run_command(turn, command)
    return leave_to_officer(turn)


def _answered(turn: Turn, text: str) -> Sprint | None:
    """The sprint of an answer to the open question; None when *text* is none: nobody guesses here, or asks again."""
    node = waiting_node(turn)
    if is_offering(turn):
        return picked(turn, text)
    if node is None or is_stale(turn, node):
        return None
    if isinstance(node, AskTyped):
        value = offered(turn, text)
        if value is not None:
            return accept(turn, node, value)
        is_answer = command_in(turn.library, text) in ("", "yes", "no") and fits(turn, node, text)
        return read_typed(turn, node, text) if is_answer else None
    option = option_named(turn.library, visible(turn, node), text, language_of(turn.library, turn.fields))
    return take(turn, option) if option is not None else None


def interrupted(session: Session) -> Session:
    """*session* once an officer has written."""
    return replace(session, interrupted=1)


def given_back(library: Library, session: Session, context: Context) -> Sprint:
    """The officer is done: the person is told so, and nothing is open any more."""
    turn = Turn(library, replace(REST, seq=session.seq, trail=session.trail, taken=session.taken), context)
    turn.phrase("officer-done")
    return rest(turn, ways_out(turn))

"""Walking a dialog: from a node to the next one that waits, or to rest."""

from __future__ import annotations

from bot.engine.events import Ended, Entered, StopChanged, TopicChanged
from bot.engine.model import (
    WAITING,
    AnyNode,
    AskChoice,
    AskTyped,
    Branch,
    Call,
    End,
    Handoff,
    Option,
    Say,
    SetFields,
    Stop,
    Subscribe,
    Target,
)
from bot.engine.state import Frame, Session, Sprint
from bot.engine.turn import DEPTH, MAX_HOPS, PAGE, TRAIL, Turn, numbered
from bot.messages import Choice

MENU, HELLO, STOP, OFFICER, RESUME = "menu", "chao", "dung", "lien-he", "nhan-lai"
ONWARD = "onward"
"""How a dialog ends that leads on to another one."""
GREETED = "da-chao"
"""Field set once the first-contact dialog was entered."""
CONSENT = "dong-y"
"""Field of what the person agreed to; only "co" lets broadcasts reach them."""


def node_at(turn: Turn, frame: Frame) -> AnyNode | None:
    """The node that *frame* names, if the library still has it."""
    dialog = turn.library.dialogs.get(frame[0])
    return dialog.nodes.get(frame[1]) if dialog else None


def visible(turn: Turn, node: AskChoice) -> list[Option]:
    """The options whose condition holds for this person."""
    return [option for option in node.options if option.when.holds(turn.fields)]


def enter(turn: Turn, dialog: str, source: str = "") -> Sprint:
    """Begin *dialog*; someone whom nobody greeted yet is greeted before the menu."""
    library = turn.library
    if dialog == MENU and not turn.fields.get(GREETED) and HELLO in library.dialogs:
        return greet(turn, MENU, source)
    if dialog == HELLO:
        turn.set(GREETED, "1")
    turn.events.append(Entered(dialog, source))
    return walk(turn, library.target_of("", Target(dialog=dialog)))


def greet(turn: Turn, then: str, source: str = "") -> Sprint:
    """The first-contact dialog, and after it *then*."""
    turn.stack = [turn.library.target_of("", Target(dialog=then))]
    return enter(turn, HELLO, source)


def walk(turn: Turn, frame: Frame) -> Sprint:
    """From *frame* on until a node waits, nothing is left, or the dialog turns out to loop."""
    here: Frame | None = frame
    while here is not None:
        node = node_at(turn, here)
        if node is None:
            return rescue(turn, here[0], "gone")
        turn.hops += 1
        if turn.hops > MAX_HOPS:
            return rescue(turn, here[0], "loop")
        turn.say(here[0], node)
        if isinstance(node, WAITING):
            return wait(turn, here, node)
        here = _next(turn, here, node)
    return rest(turn)


def led(turn: Turn, dialog: str, target: Target) -> Frame:
    """Where *target* of *dialog* leads. If that is another dialog, this one is done by its own way out."""
    if target.dialog:
        leave(turn, dialog)
        turn.events.append(Entered(target.dialog))
    return turn.library.target_of(dialog, target)


def leave(turn: Turn, dialog: str) -> None:
    """*dialog* leads on to another one. The menu does nothing else: nobody finishes it."""
    if dialog != MENU:
        turn.events.append(Ended(dialog, ONWARD))


def _next(turn: Turn, here: Frame, node: AnyNode) -> Frame | None:
    """Do what a node that doesn't wait does, and say where to go on; None is rest."""
    dialog = here[0]
    match node:
        case End():
            turn.events.append(Ended(dialog))
            return _back(turn) if turn.stack else None
        case Branch(arms=arms):
            return led(turn, dialog, next(go for when, go in arms if when.holds(turn.fields)))
        case Call(dialog=called, next=after):
            turn.stack.append(turn.library.target_of(dialog, after))
            turn.events.append(Entered(called))
            return turn.library.target_of("", Target(dialog=called))
        case SetFields(set=fields):
            for name, value in fields.items():
                turn.set(name, value)
        case Say() | Handoff() | Subscribe() | Stop():
            _affect(turn, node)
        case _:  # pragma: no cover - waiting nodes never come here
            raise AssertionError(node)
    return led(turn, dialog, node.next)


def _back(turn: Turn) -> Frame:
    """Where the last of those that wait goes on. One that waits at its start has not begun: the greeting came first."""
    frame = turn.stack.pop()
    if frame == turn.library.target_of("", Target(dialog=frame[0])):
        turn.events.append(Entered(frame[0]))
    return frame


def _affect(turn: Turn, node: Say | Handoff | Subscribe | Stop) -> None:
    match node:
        case Handoff(queue=queue):
            turn.hand_off(queue)
        case Subscribe(topics=topics, on=on):
            turn.events.extend(TopicChanged(topic, on) for topic in topics)
            if on:
                _agree(turn)
        case Stop(stop=stop):
            turn.events.append(StopChanged(stop))
        case Say():
            pass


def _agree(turn: Turn) -> None:
    """Who chooses topics asks for their news, whatever was said before: what was stopped goes on."""
    if turn.context.person.stop != "none":
        turn.events.append(StopChanged("none"))
    turn.set("dung-tin", "")
    turn.set(CONSENT, "co")


def wait(turn: Turn, here: Frame, node: AskChoice | AskTyped, page: int = 0, misses: int = 0, tries: int = 0) -> Sprint:
    """Ask *node*'s question and stop there; *misses* and *tries* count what went wrong at it so far."""
    turn.tell_absence()
    turn.words(here[0], here[1], node.ask)
    options = visible(turn, node) if isinstance(node, AskChoice) else []
    if isinstance(node, AskChoice) and not options:
        return rescue(turn, here[0], "no choice left")
    page = page % max(1, -(-len(options) // PAGE))
    asks_phone = isinstance(node, AskTyped) and node.type == "phone"
    bare = turn.flush(numbered(turn, node, options, page), asks_phone)
    _remember(turn, here)
    session = Session(
        dialog=here[0], node=here[1], digest=node.digest, seq=turn.before.seq + 1, stack=tuple(turn.stack[-DEPTH:]),
        trail=tuple(turn.trail), misses=misses, tries=tries, page=page, taken=turn.before.taken, bare=int(bare),
    )  # fmt: skip
    return Sprint(session, tuple(turn.events))


def _remember(turn: Turn, here: Frame) -> None:
    was = (turn.before.dialog, turn.before.node)
    if was[1] and was != here and (not turn.trail or turn.trail[-1][-1] != was):
        turn.trail = [*turn.trail, (*turn.before.stack, was)][-TRAIL:]


def rest(turn: Turn, choices: tuple[Choice, ...] = ()) -> Sprint:
    """Nothing is left to ask. Somebody who would hear nothing at all gets the menu."""
    if not turn.parts and MENU in turn.library.dialogs and turn.hops <= MAX_HOPS:
        return enter(turn, MENU)
    if not turn.parts:
        turn.phrase("help")
    turn.tell_absence()
    _remember(turn, ("", ""))
    turn.flush(choices)
    seq = turn.before.seq + 1
    return Sprint(Session(seq=seq, trail=tuple(turn.trail), taken=turn.before.taken), tuple(turn.events))


def rescue(turn: Turn, dialog: str, reason: str) -> Sprint:
    """A dialog can't go on: say so politely and lead back to the menu, unless that is what broke."""
    turn.events.append(Ended(dialog, reason))
    turn.phrase("gone" if reason == "gone" else "loop")
    turn.stack = []
    start = turn.library.target_of("", Target(dialog=MENU))
    node = node_at(turn, start)
    if node is None or dialog == MENU or turn.rescued:  # a menu that loops as well ends at rest
        turn.hops = MAX_HOPS + 1
        return rest(turn)
    turn.rescued, turn.hops = True, 0
    turn.events.append(Entered(MENU))
    return walk(turn, start)

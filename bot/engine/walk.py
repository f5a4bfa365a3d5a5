"""Walking a dialog: from a node to the next one that waits, or to rest."""

from __future__ import annotations

from msgspec.structs import replace

from bot.engine.answers import value_of
from bot.engine.events import Ended, Entered, StopChanged, TopicChanged, Typed
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
from bot.engine.nearest import option_near
from bot.engine.render import language_of, phrase, title_of, words_of
from bot.engine.state import Frame, Session, Sprint
from bot.engine.stated import digits_of
from bot.engine.turn import DEPTH, MAX_HOPS, PAGE, TRAIL, Turn, numbered, way_back
from bot.messages import Choice

MENU, HELLO, STOP, OFFICER, RESUME = "menu", "chao", "dung", "lien-he", "nhan-lai"
URGENT = "nguy-cap"
"""The dialog of somebody in danger, and the queue in which they wait for an officer: ahead of everybody else."""
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
            onward = _told(turn, here, node)
            if onward is None:
                return wait(turn, here, node)
            here = onward
        else:
            here = _next(turn, here, node)
    return rest(turn)


def _told(turn: Turn, here: Frame, node: AskChoice | AskTyped) -> Frame | None:
    """Where to go on if the person has stated the number that *node* asks for. It is said back, and "back" leads to
    the question, which is then put to them: what was stated counts once.
    """
    if not isinstance(node, AskTyped) or node.type != "number":
        return None
    value = value_of(node, turn.stated.pop(node.field, ""), turn.context.today)
    if value is None:
        return None
    turn.events.append(Typed(*here))
    turn.set(node.field, value)
    question, mark, _ = words_of(turn.library, node.ask, turn.fields).partition("?")
    said_back = digits_of(float(value), language_of(turn.library, turn.fields))
    if turn.parts and turn.parts[-1].text == phrase(turn.library, "noted", turn.fields):
        turn.parts.pop()  # said once, after the last of several
    turn.phrase("told", **{"cau-hoi": question + mark, "so": said_back})
    turn.phrase("noted")
    _remember(turn, here)
    turn.before = replace(turn.before, dialog=here[0], node=here[1], stack=tuple(turn.stack))
    return led(turn, here[0], node.next)


def led(turn: Turn, dialog: str, target: Target) -> Frame:
    """Where *target* of *dialog* leads. If that is another dialog, this one is done by its own way out."""
    if target.dialog:
        leave(turn, dialog)
        turn.events.append(Entered(target.dialog))
    return turn.library.target_of(dialog, target)


def leave(turn: Turn, dialog: str) -> None:
    """*dialog* leads on to another one, so that nothing waits any more that was left for it. The menu does nothing
    else: nobody finishes it.
    """
    turn.left = ()
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
    options = visible(turn, node) if isinstance(node, AskChoice) else []
    if isinstance(node, AskChoice) and not options:
        return rescue(turn, here[0], "no choice left")
    page = (_pointed_out(turn, here[0], options) or page) % max(1, -(-len(options) // PAGE))
    turn.words(here[0], here[1], node.ask)
    asks_phone = isinstance(node, AskTyped) and node.type == "phone"
    if turn.left and turn.left[-1] == here:
        turn.left = ()
    back = () if here[0] == URGENT else way_back(turn)  # nothing stands beside help for who is in danger
    bare = turn.flush((*numbered(turn, node, options, page), *back), asks_phone)
    _remember(turn, here)
    session = Session(
        dialog=here[0], node=here[1], digest=node.digest, seq=turn.before.seq + 1, stack=tuple(turn.stack[-DEPTH:]),
        trail=tuple(turn.trail), misses=misses, tries=tries, page=page, taken=turn.before.taken, bare=int(bare),
        left=turn.left, stated=tuple(turn.stated.items()), told=turn.told,
    )  # fmt: skip
    return Sprint(session, tuple(turn.events))


def _pointed_out(turn: Turn, dialog: str, options: list[Option]) -> int:
    """Say the number of the choice that comes nearest to what led into the topic; the page where it stands."""
    if not turn.seeking or not options:
        return 0
    language, title = language_of(turn.library, turn.fields), title_of(turn.library, dialog, turn.fields)
    near = option_near(turn.library, options, turn.seeking, language, title)
    if near is None:
        return 0
    index = options.index(near)
    turn.phrase("nearest", chuyen=turn.library.translate(language, near.label), so=str(index + 1))
    return index // PAGE


def _remember(turn: Turn, here: Frame) -> None:
    was = (turn.before.dialog, turn.before.node)
    if was[1] and was[0] != URGENT and was != here and (not turn.trail or turn.trail[-1][-1] != was):
        turn.trail = [*turn.trail, (*turn.before.stack, was)][-TRAIL:]


def rest(turn: Turn, choices: tuple[Choice, ...] = (), misses: int = 0) -> Sprint:
    """Nothing is left to ask. Somebody who would hear nothing at all gets the menu."""
    if not turn.parts and MENU in turn.library.dialogs and turn.hops <= MAX_HOPS:
        return enter(turn, MENU)
    if not turn.parts:
        turn.phrase("help")
    turn.tell_absence()
    _remember(turn, ("", ""))
    turn.flush((*choices, *way_back(turn)))
    session = Session(
        seq=turn.before.seq + 1, trail=tuple(turn.trail), taken=turn.before.taken, misses=misses, left=turn.left,
        stated=tuple(turn.stated.items()),
    )  # fmt: skip
    return Sprint(session, tuple(turn.events))


def rescue(turn: Turn, dialog: str, reason: str) -> Sprint:
    """A dialog can't go on: say so politely and lead back to the menu, unless that is what broke."""
    turn.events.append(Ended(dialog, reason))
    turn.phrase("gone" if reason == "gone" else "loop")
    turn.stack, turn.left = [], ()
    start = turn.library.target_of("", Target(dialog=MENU))
    node = node_at(turn, start)
    if node is None or dialog == MENU or turn.rescued:  # a menu that loops as well ends at rest
        turn.hops = MAX_HOPS + 1
        return rest(turn)
    turn.rescued, turn.hops = True, 0
    turn.events.append(Entered(MENU))
    return walk(turn, start)

"""Free text: it leads to a topic, or to the question which of several was meant, or nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from bot.engine.asking import STUCK, ask_again, let_be, miss, once_more, waiting_node, ways_out
from bot.engine.choosing import option_meant, option_named
from bot.engine.commands import take, yes_or_no
from bot.engine.events import Commanded, NotUnderstood, Offered, Routed
from bot.engine.households import for_household, household_in
from bot.engine.model import WAITING, AskChoice, AskTyped, Option, Target
from bot.engine.nearest import option_near
from bot.engine.render import language_of, title_of
from bot.engine.router import judge
from bot.engine.state import Frame, Place, Sprint
from bot.engine.stated import stated_in
from bot.engine.turn import Turn
from bot.engine.understanding.orders import command_in
from bot.engine.understanding.questions import only_announces
from bot.engine.walk import GREETED, HELLO, MENU, STOP, URGENT, enter, greet, node_at, visible, walk
from bot.messages import Choice

KEPT = 100
"""Letters of what was typed that are kept while topics are offered: enough to know it by, if none of them was meant."""
NONE = "o0"
"""The token of "none of these"."""
MOST = 3
"""Topics offered at most: more are not read."""
PLAIN = 5
"""Words of an answer that may name a topic by a part of its title; what is longer says something new."""
_ONE_OF, _EACH_OF = "/", "+"
"""How a session marks topics that are offered: one of them was meant, or each."""


def understand(turn: Turn, text: str, *, surely: bool = False) -> Sprint | None:
    """Where *text* leads; None when nothing can be made of it, or when it speaks of what a typed answer is for.

    *surely*: nobody is asked which topic was meant, as an answer that failed is likelier than a topic half said.
    """
    here, node = topic_here(turn), waiting_node(turn)
    if only_announces(text):
        return _invite(turn, node)
    kind = household_in(text) if node is not None else ""
    told = for_household(turn, node, here, kind) if kind and node is not None else None
    if told is not None:
        return told
    subject = here in turn.library.dialogs and turn.library.dialogs[here].topic
    judged = judge(turn.library, text, here if subject else "")  # who says "right" to a stop asks for no other one
    asking = _asking(turn, text)
    if isinstance(node, AskChoice) and here in asking and (judged.action != "enter" or judged.topic == here):
        turn.events.append(Routed(here))
        return walk(turn, asking[here])
    says_something = judged.topic is not None or bool(judged.evidence)  # "???" is no reason to name topics
    if judged.action == "offer" and says_something and not surely:
        topics = _worth_offering(turn, judged.offered if judged.both else (*asking, *judged.offered))
        if len(topics) == 1 and judged.both:
            return route(turn, topics[0], text)
        question = "meant-each" if judged.both else "meant" if judged.topic else "perhaps"
        return _offer(turn, text, topics, question) if topics else None
    if judged.action != "enter" or judged.topic is None or judged.topic not in turn.library.dialogs:
        return None
    if judged.topic == here and isinstance(node, AskTyped):
        return _this_first(turn, here, node) if node.type == "text" and not turn.before.tries else None
    return route(turn, judged.topic, text)


def _invite(turn: Turn, node: AskChoice | AskTyped | None) -> Sprint:
    """Who says that they want to ask is told to go ahead. Somebody whom nobody greeted yet is greeted instead."""
    turn.events.append(Routed(MENU))
    if node is None and not turn.fields.get(GREETED) and HELLO in turn.library.dialogs:
        return greet(turn, MENU)
    turn.phrase("ask-away")
    return once_more(turn, node, turn.before.misses) if node is not None else enter(turn, MENU)


def _worth_offering(turn: Turn, topics: Iterable[str]) -> tuple[str, ...]:
    """Those of *topics* that somebody may want to look at: not a greeting, a thank-you, or the menu."""
    known = [turn.library.dialogs[topic] for topic in dict.fromkeys(topics) if topic in turn.library.dialogs]
    asking = [dialog.id for dialog in known if any(isinstance(node, WAITING) for node in dialog.nodes.values())]
    return tuple(topic for topic in asking if topic not in (MENU, HELLO))[:MOST]


def _asking(turn: Turn, text: str) -> Mapping[str, Frame]:
    """The dialogs that ask for a number which *text* states, each with the first number that it has yet to be told."""
    stated, found = stated_in(text), dict[str, Frame]()
    for dialog in turn.library.dialogs.values() if stated else ():
        numbers = [n for n in dialog.nodes.values() if isinstance(n, AskTyped) and n.type == "number"]
        if any(node.field in stated for node in numbers):
            first = next(n for n in numbers if n.field in stated or not turn.fields.get(n.field))
            found[dialog.id] = (dialog.id, first.id)
    return found


def topic_here(turn: Turn) -> str:
    """The dialog that the open question is about: of one that another dialog called for an answer, that other."""
    around = [turn.before.dialog, *(dialog for dialog, _ in reversed(turn.before.stack))]
    known = turn.library.dialogs
    return next((name for name in around if name in known and known[name].words), turn.before.dialog)


def route(turn: Turn, topic: str, text: str = "", then: str = "") -> Sprint:
    """Free *text* led to *topic*: go there. A button leads back to what was open, or on to *then*, the second wish."""
    turn.events.append(Routed(topic))
    node = waiting_node(turn)
    if node is not None and topic in (MENU, HELLO) and is_being_greeted(turn):
        return once_more(turn, node, turn.before.misses)  # who greets us back hasn't answered yet
    if isinstance(node, AskChoice) and topic == topic_here(turn) and turn.library.dialogs[topic].topic:
        return _stay(turn, topic, node, text)
    turn.left = ((then, ""),) if then else _left(turn, topic, node)
    turn.stack, turn.seeking = [], text
    if topic == HELLO and not turn.left:  # who was only greeted back would stand before nothing
        return greet(turn, MENU)
    return enter(turn, topic)


def is_being_greeted(turn: Turn) -> bool:
    """Whether the first questions to somebody are open."""
    return HELLO in (turn.before.dialog, *(dialog for dialog, _ in turn.before.stack))


def _stay(turn: Turn, topic: str, node: AskChoice, text: str) -> Sprint:
    """They are there already: to the choice that comes nearest. Without one they hear what there is: that is a miss."""
    language, title = language_of(turn.library, turn.fields), title_of(turn.library, topic, turn.fields)
    near = option_near(turn.library, visible(turn, node), text, language, title)
    if near is not None:
        return take(turn, near)
    key = "here" if turn.before.dialog == topic else "this-first"
    turn.phrase(key, chuyen=title)
    return once_more(turn, node, turn.before.misses + 1)


def _this_first(turn: Turn, topic: str, node: AskTyped) -> Sprint:
    """A question of the topic itself where words are asked for: these first. Whatever is typed next is the answer."""
    turn.events.append(Routed(topic))
    turn.phrase("this-first", chuyen=title_of(turn.library, topic, turn.fields))
    sprint = once_more(turn, node, turn.before.misses)
    return Sprint(replace(sprint.session, tries=1), sprint.events)


def _left(turn: Turn, topic: str, node: AskChoice | AskTyped | None) -> Place:
    """The question that *topic* interrupts. A form that was interrupted outlasts the choices looked at since."""
    if node is None or turn.before.dialog in (MENU, STOP, URGENT, topic):
        return ()
    before = turn.left[-1] if turn.left else ("", "")
    if before[0] != topic and isinstance(node_at(turn, before), AskTyped) and isinstance(node, AskChoice):
        return turn.left
    return (*turn.before.stack, (turn.before.dialog, node.id))


def go_on(turn: Turn) -> Sprint:
    """To what free text led away from; or to what was asked for with it, and the way back is then to what is open."""
    if not turn.left:
        return ask_again(turn, "old-button")
    *callers, (dialog, node) = turn.left
    if not node:
        return route(turn, dialog)
    turn.trail = turn.trail[: turn.trail.index(turn.left)] if turn.left in turn.trail else turn.trail
    turn.before = replace(turn.before, dialog="", node="")  # coming back leaves no trace for "back"
    turn.left, turn.stack = (), callers
    return walk(turn, (dialog, node))


def _offer(turn: Turn, text: str, topics: tuple[str, ...], question: str) -> Sprint:
    """Ask which was meant. What is open stays so, and who has not been understood often gets the ways out as well."""
    mark = _EACH_OF if question == "meant-each" else _ONE_OF
    misses, kept = turn.before.misses + 1, text[:KEPT]
    if question == "perhaps":  # it is none of ours, as far as anybody knows: told as a miss now, not once more later
        turn.events.append(NotUnderstood(text, misses))
        kept = ""
    turn.events.append(Offered(topics))
    turn.phrase(question)
    session = replace(
        turn.before, seq=turn.before.seq + 1, offers=tuple(mark + topic for topic in topics), words=kept,
        misses=misses, bare=1, stated=tuple(turn.stated.items()),
    )  # fmt: skip
    language = language_of(turn.library, turn.fields)
    choices = tuple(
        Choice(f"{session.seq:x}.{option.token}", f"{number}. {turn.library.translate(language, option.label)}")
        for number, option in enumerate(_options(turn, session.offers), start=1)
    )
    turn.flush((*choices, *(ways_out(turn) if misses >= STUCK else ())))
    return Sprint(session, tuple(turn.events))


def is_offering(turn: Turn) -> bool:
    """Whether the person was asked which topic they meant."""
    return any(offer.startswith((_ONE_OF, _EACH_OF)) for offer in turn.before.offers)


def _options(turn: Turn, offers: tuple[str, ...]) -> list[Option]:
    """The topics on offer and "none of these" as the options of a question."""
    known = turn.library.dialogs
    topics = [offer[1:] for offer in offers if offer[1:] in known]
    none = turn.library.phrases.get("none-of-these", "Không phải mấy chuyện này")
    titles = [Option(topic, known[topic].title, Target(dialog=topic), f"o{n}") for n, topic in enumerate(topics, 1)]
    return [*titles, Option("", none, Target(), NONE)]


def picked(turn: Turn, text: str) -> Sprint | None:
    """The answer to the topics on offer, by number, by label or in plain words; None if *text* is none.

    "Không" says that another was meant, "thôi" that none need be looked at.
    """
    if not is_offering(turn):
        return None
    options, language = _options(turn, turn.before.offers), language_of(turn.library, turn.fields)
    option = option_named(turn.library, options, text, language)
    said = command_in(turn.library, text)
    if option is None and said == "later":
        turn.events.append(Commanded("later"))
        return let_be(turn)
    if option is None and len(options) == 2 and said == "yes":
        option = options[0]
    option = option or yes_or_no(turn, options, text)
    if option is None and len(text.split()) <= PLAIN:
        option = option_meant(turn.library, options[:-1], text, language)
    return _take(turn, option) if option is not None else None


def pressed(turn: Turn, token: str) -> Sprint | None:
    """The button of a topic on offer, or of "none of these"; None if *token* is none."""
    options = _options(turn, turn.before.offers) if is_offering(turn) else []
    option = next((each for each in options if each.token == token), None)
    if option is None:
        return None
    turn.tapped = True
    return _take(turn, option)


def _take(turn: Turn, option: Option) -> Sprint:
    if not option.id:
        return miss(turn, turn.before.words)
    others = [offer[1:] for offer in turn.before.offers if offer.startswith(_EACH_OF) and offer[1:] != option.id]
    return route(turn, option.id, then=others[0] if others else "")

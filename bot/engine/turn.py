"""One turn in the making: what is said gathers into bubbles, and fields change as nodes are walked."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from bot.engine.content import fits, is_in_season
from bot.engine.events import Event, FieldChanged, HandedOff, Replaced, Said
from bot.engine.model import NOT_TOLD, AskTyped, Node, Option
from bot.engine.render import language_of, phrase, render, title_of, words_of
from bot.engine.state import Context, Frame, Library, Place, Session
from bot.engine.stated import MILLION, digits_of, is_sum, with_numbers
from bot.messages import Choice, Media

MAX_HOPS = 50
"""A dialog that passes this many nodes without waiting is looping (goflow bounds its sprints likewise)."""
PAGE = 4
"""Choices offered at once before "more": people who read little choose badly from longer lists."""
TRAIL = 8
"""How many questions "back" remembers."""
DEPTH = 6
"""How many callers a dialog may have; the outermost are given up, so that a session stays small."""


class Part(Struct, frozen=True):
    """A piece of what is said: a content message, or connecting words."""

    text: str
    dialog: str
    node: str
    message: str = ""
    media: Media | None = None


class Turn:
    """The working state of one turn. Local to `advance`: it never outlives the call."""

    def __init__(self, library: Library, session: Session, context: Context) -> None:
        self.library, self.before, self.context = library, session, context
        self.fields = dict(context.person.fields)
        self.events: list[Event] = []
        self.parts: list[Part] = []
        self.stack: list[Frame] = list(session.stack)
        self.trail: list[Place] = list(session.trail)
        self.left: Place = session.left
        self.stated: dict[str, str] = dict(session.stated)
        self.told: Place = session.told
        self.seeking = ""  # what led into a topic: of the choices there, the one that comes nearest is pointed out
        self.hops = 0
        self.rescued = False
        self.tapped = False
        self.was_handed_off = False

    def set(self, name: str, value: str) -> None:
        """Set a field for the rest of the turn, and report it if that changes anything."""
        if self.fields.get(name, "") == value:
            return
        if value:
            self.fields[name] = value
        else:
            self.fields.pop(name, None)
        self.events.append(FieldChanged(name, value))

    def phrase(self, key: str, **filled: str) -> None:
        """Say one of the fixed phrases, if the library has it."""
        text = phrase(self.library, key, self.fields, **filled)
        if text:
            self.parts.append(Part(text, self.before.dialog, self.before.node))

    def hand_off(self, queue: str) -> None:
        """The conversation waits for an officer from now on."""
        self.events.append(HandedOff(queue))
        self.was_handed_off = True

    def tell_absence(self) -> None:
        """After a hand-off outside office hours, behind all that is said of it: when an officer will read it."""
        away = self.context.away.get(language_of(self.library, self.fields), "")
        if self.was_handed_off and away:
            self.phrase("officer-away", **{"khi-nao": away})
        self.was_handed_off = False

    def say(self, dialog: str, node: Node) -> None:
        """Say a node's items: the words, and those content messages that are for this person today."""
        for item in node.say:
            if item.message:
                self.tell(dialog, node.id, item.message)
            else:
                self.words(dialog, node.id, item.text)

    def words(self, dialog: str, node: str, text: str) -> None:
        """Say connecting words, unless they count with a number that the person never told."""
        said = words_of(self.library, text, self.fields)
        if "{" in said:
            said = with_numbers(said, self.fields | self.stated, self._shown)
        if said:
            self.parts.append(Part(said, dialog, node))

    def _shown(self, field: str, value: float) -> str:
        """A number that the person told. A sum below a million is right to ten thousand đồng: nobody reckons closer."""
        language = language_of(self.library, self.fields)
        if not is_sum(field):
            return digits_of(value, language)
        if value < 1:
            return phrase(self.library, "sum", self.fields, so=digits_of(round(value * MILLION, -4), language))
        return phrase(self.library, "sum-of-millions", self.fields, so=digits_of(value, language))

    def tell(self, dialog: str, node: str, name: str) -> None:
        """Say a content message, if it is for this person today; the honest fallback where a fact of it has lapsed."""
        message = self.library.messages.get(name)
        if message is None:
            self.events.append(Replaced(name, "", "unknown message"))
            return
        today = self.context.today
        if not is_in_season(message, today) or not fits(message, self.fields.get("ho") or NOT_TOLD):
            return
        rendered = render(self.library, message, self.fields, today)
        if rendered.lapse is not None:
            self.events.append(Replaced(message.id, rendered.lapse.fact, rendered.lapse.reason))
            if any(part.text == rendered.text for part in self.parts):
                return  # the fallback said once covers several lapsed messages in a row
        self.parts.append(Part(rendered.text, dialog, node, message.id, rendered.media))
        self.told = ((dialog, node),)

    def flush(self, choices: tuple[Choice, ...] = (), asks_phone: bool = False) -> bool:
        """Turn the gathered parts into `Said` events, the choices under the last; true if that one is bare."""
        bubbles = _bubbles(self.parts)
        for index, bubble in enumerate(bubbles):
            last, content = index == len(bubbles) - 1, [p for p in bubble if p.message]
            first = bubble[0] if not content else content[0]
            said = Said(
                text=bubble[0].text if len(bubble) == 1 else "\n\n".join(part.text for part in bubble),
                choices=choices if last else (),
                dialog=first.dialog,
                node=first.node,
                message=first.message,
                replaces=self.tapped and index == 0 and bool(self.before.bare) and not first.media,
                asks_phone=asks_phone and last,
                media=first.media,
            )
            self.events.append(said)
        self.parts = []
        return bool(bubbles) and not any(part.message for part in bubbles[-1])


def _bubbles(parts: list[Part]) -> list[list[Part]]:
    """One content message a bubble; words between two of them introduce the second, words at the end stay."""
    if not parts:
        return []
    bubbles: list[list[Part]] = [[]]
    for part in parts:
        current = bubbles[-1]
        held = next((i for i, p in enumerate(current) if p.message), None)
        if part.message and held is not None:
            bubbles[-1], intro = current[: held + 1], current[held + 1 :]
            bubbles.append([*intro, part])
        else:
            current.append(part)
    return bubbles


def numbered(turn: Turn, node: Node, options: list[Option], page: int) -> tuple[Choice, ...]:
    """The choices of a page, each with its number; "0. Xem thêm" stands under them when there are more."""
    library, fields = turn.library, turn.fields
    first = page * PAGE if len(options) > PAGE else 0
    shown = options[first : first + PAGE] if len(options) > PAGE else options
    language = language_of(library, fields)
    seq = f"{turn.before.seq + 1:x}."
    choices = [
        Choice(seq + option.token, _label(library, language, option.label, number))
        for number, option in enumerate(shown, first + 1)
    ]
    if len(options) > PAGE:
        choices.append(Choice(f"{seq}more", _label(library, language, library.phrases.get("more", "Xem thêm"), 0)))
    if isinstance(node, AskTyped) and node.skip is not None:
        choices.append(Choice(f"{seq}skip", phrase(library, "skip", fields) or "Bỏ qua"))
    return tuple(choices)


def way_back(turn: Turn) -> tuple[Choice, ...]:
    """The button to what free text led away from, or on to what was asked for with it; its words, typed, do as well."""
    label = way_back_label(turn)
    return (Choice(f"{turn.before.seq + 1:x}.left", label),) if label else ()


def way_back_label(turn: Turn) -> str:
    """What that button says; "" where there is none."""
    if not turn.left or turn.left[-1][0] not in turn.library.dialogs:
        return ""
    dialog, node = turn.left[-1]
    key, title = "back-to" if node else "onward-to", title_of(turn.library, dialog, turn.fields)
    return phrase(turn.library, key, turn.fields, chuyen=title)


@lru_cache(maxsize=4096)
def _label(library: Library, language: str, label: str, number: int) -> str:
    return f"{number}. {library.translate(language, label)}"

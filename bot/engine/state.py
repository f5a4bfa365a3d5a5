"""What the engine knows between turns and of the world: session, person, place, library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from msgspec import Struct, to_builtins

from bot.engine.content import Fact, Message, Template
from bot.engine.events import Event
from bot.engine.model import Dialog, Target
from bot.engine.understanding.model import Model
from bot.engine.understanding.signs import Dangers
from bot.engine.understanding.spelling import BARE, Spellings

Frame = tuple[str, str]
"""(dialog, node): where to go on."""
Place = tuple[Frame, ...]
"""A question as "back" finds it again: who called its dialog, outermost first, and then the question itself."""


class Session(Struct, frozen=True, omit_defaults=True):
    """One contact's place. At rest `node` is empty. JSON between turns (`to_dict`, `from_dict`).

    `seq` numbers the questions asked, so that a button of an older one is known as such.
    `digest` is the node's as it was asked; `stack` holds callers, `trail` the places before this one ("back"),
    `offers` the values of choices made up on the way (communes that share a name), `taken` the last tap used;
    `bare` is 1 while the open question carries no content, so that what a tap leads to may take its place;
    `album` is the one whose first picture was answered last; `interrupted` is 1 once an officer has written after the
    question: what is typed is then for them, and only a button still answers the question.
    `left` is the question that free text led away from, to which a button leads back; its node is empty for a dialog
    that was asked for in the same breath and waits its turn. While topics are offered, `offers` holds them ("/vay-von")
    and `words` what was typed; `stated` are numbers that the person told unasked, by the field that asks for them;
    `told` is the node whose content was said last.
    """

    dialog: str = ""
    node: str = ""
    digest: str = ""
    seq: int = 0
    stack: tuple[Frame, ...] = ()
    trail: tuple[Place, ...] = ()
    misses: int = 0
    tries: int = 0
    page: int = 0
    offers: tuple[str, ...] = ()
    taken: str = ""
    bare: int = 0
    album: str = ""
    interrupted: int = 0
    left: Place = ()
    words: str = ""
    stated: tuple[tuple[str, str], ...] = ()
    told: Place = ()

    def to_dict(self) -> dict[str, object]:
        """Only what differs from a new session: most of a session is empty."""
        built: dict[str, object] = to_builtins(self)
        return built

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Session:
        """Whatever is unknown or of the wrong shape is dropped: an old session never breaks a turn."""
        kept = {name: read(data[name]) for name, read in _READERS.items() if name in data}
        return cls(**{name: value for name, value in kept.items() if value is not None})  # type: ignore[arg-type]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None


def _frames(value: object) -> tuple[Frame, ...] | None:
    if not isinstance(value, (list, tuple)):
        return None
    return tuple((str(f[0]), str(f[1])) for f in value if isinstance(f, (list, tuple)) and len(f) == 2)


def _places(value: object) -> tuple[Place, ...] | None:
    if not isinstance(value, (list, tuple)):
        return None
    return tuple(place for place in map(_frames, value) if place)


def _texts(value: object) -> tuple[str, ...] | None:
    return tuple(str(v) for v in value) if isinstance(value, (list, tuple)) else None


_READERS: Mapping[str, Callable[[object], object]] = (
    dict.fromkeys(("dialog", "node", "digest", "taken", "album", "words"), _text)
    | dict.fromkeys(("seq", "misses", "tries", "page", "bare", "interrupted"), _count)
    | {"stack": _frames, "trail": _places, "offers": _texts, "left": _frames, "stated": _frames, "told": _frames}
)


class Person(Struct, frozen=True):
    """What the engine may know of a contact. It gives meaning to the fields `ho`, `xa`, `lang`, `ten`."""

    fields: Mapping[str, str] = {}
    topics: frozenset[str] = frozenset()
    stop: str = "none"


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune or ward since 1 July 2025. `old` are the names of the communes and districts it was made from."""

    code: str
    name: str
    kind: str  # "xã" or "phường"
    old_communes: tuple[str, ...] = ()
    old_districts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """Everything the engine reads, as loaded and checked.

    `translate(language, text)` returns *text* when it has no translation. Compared by identity: caches hang on it.
    """

    dialogs: Mapping[str, Dialog]
    messages: Mapping[str, Message]
    facts: Mapping[str, Fact]
    communes: Mapping[str, Commune]
    phrases: Mapping[str, str]
    commands: Mapping[str, tuple[str, ...]]
    plan: Mapping[str, str]  # section -> its words
    translate: Callable[[str, str], str] = lambda _language, text: text
    languages: tuple[str, ...] = ("vi",)
    is_translated: Callable[[str, str], bool] = lambda _language, _text: False
    lines: Mapping[str, int] = field(default_factory=dict)
    """Where entries of files that are one table stand, for the linter: "phrases:help", "plan:I.1.a"."""
    holidays: Mapping[date, str] = field(default_factory=dict)
    """Days on which no broadcast goes out, by their names."""
    unsettled: Mapping[date, str] = field(default_factory=dict)
    """Those of them that the State has yet to announce: what to look at again."""
    templates: Mapping[str, tuple[Template, ...]] = field(default_factory=dict)
    """By the message that they carry."""
    spellings: Spellings = BARE
    """How people's chat spelling is read, and the words that they use with us."""
    model: Model | None = None
    """What free text is understood with; without it only the dialogs' `words` are."""
    dangers: Dangers | None = None
    """What a cry for help is known by; without it nobody is ever alarmed."""

    def target_of(self, dialog: str, target: Target) -> Frame:
        """The (dialog, node) that *target* of *dialog* names; the node is empty for a dialog that is not there."""
        if target.dialog:
            other = self.dialogs.get(target.dialog)
            return target.dialog, other.start if other else ""
        return dialog, target.node


class Sprint(Struct, frozen=True):
    """One turn of the engine: where the contact now is, and what happened, in order."""

    session: Session
    events: tuple[Event, ...]


class Context(Struct, frozen=True):
    """All the engine may know of the world: handed in, never looked up.

    `held`: an officer answers this person now. `away` says, in each language, when officers are next there; it is
    empty while they are.
    """

    person: Person
    today: date
    held: bool = False
    away: Mapping[str, str] = {}

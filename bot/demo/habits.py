"""What a person of the made-up city does next: pick, type, ask for an officer, or put the phone away."""

from __future__ import annotations

from collections.abc import Mapping

from bot.demo.people import Citizen, Move
from bot.demo.words import (
    ASIDE_TEXTS,
    BUYERS,
    GREETINGS,
    POSTERS,
    QUESTIONS,
    STORIES,
    STRANGE,
    THANKS,
    WORK,
)
from bot.engine.model import AskChoice, AskTyped, Option
from bot.engine.state import Library
from bot.engine.words import fold
from bot.messages import Choice, Kind

LEFT_EARLY = 0.03
"""Who drops out at one of the first three questions, which are short, or on the way to an officer whom they want."""
MATCHES, CONTRADICTS, WANTED, RARELY = 30.0, 0.05, 8.0, 0.3
"""How much likelier a choice is that says what is true of them, or what they came for; the others count 1."""
NUMBERS = {"vay-trieu": ("20", "30", "50", "50 triệu", "100"), "vay-thang": ("24", "36", "48", "60")}
TEXTS = {"hoi-can-bo": QUESTIONS, "vay-lam-gi": WORK, "vay-ban-cho": BUYERS, "viec-nho": WORK}
KINDS = (Kind.STICKER, Kind.PHOTO, Kind.VOICE)


def first_move(one: Citizen, library: Library) -> Move:
    """How somebody comes who has never been here: by the link of a poster, by the button, or with a word."""
    random = one.random
    if random.random() < 0.6:
        return Move(Kind.START, f"{_topic(one)}__{random.choice(POSTERS)}")
    if one.asks_officers and random.random() < 0.3:
        return _said(one, "gặp cán bộ")
    if random.random() < 0.5:
        return Move(Kind.START)
    return _said(one, random.choice(GREETINGS) if random.random() < 0.5 else _words(one, library))


def coming_back(one: Citizen, library: Library) -> Move:
    """How somebody begins who was here before."""
    random, chance = one.random, one.random.random()
    if one.asks_officers and random.random() < 0.5:
        return _said(one, "gặp cán bộ")
    if chance < 0.6:
        return _said(one, _words(one, library))
    if chance < 0.78:
        return _said(one, "menu")
    if chance < 0.9:
        return _said(one, random.choice(STRANGE))
    return Move(random.choice(KINDS)) if chance > 0.98 else _said(one, random.choice(ASIDE_TEXTS))


def thanks(one: Citizen) -> Move:
    """What a broadcast gets for an answer."""
    return _said(one, one.random.choice(THANKS))


def enough(one: Citizen) -> Move:
    """They want no more of it."""
    return _said(one, "dừng")


def next_move(one: Citizen, library: Library) -> Move | None:
    """What they do about the question before them; None: nothing, for today."""
    assert one.known is not None
    session, random = one.known.session, one.random
    dialog = library.dialogs.get(session.dialog)
    node = dialog.nodes.get(session.node) if dialog else None
    is_hello = session.dialog == "chao" or any(frame[0] == "chao" for frame in session.stack)
    is_set = is_hello or (one.asks_officers and session.dialog == "lien-he" and session.node != "da-gui")
    if node is None or random.random() < (LEFT_EARLY if is_set else 1 - one.patience):
        return None
    if isinstance(node, AskTyped):
        return _typed(one, node)
    if not isinstance(node, AskChoice):
        return None
    if not is_hello and random.random() < one.types:
        return _said(one, random.choice(STRANGE) if random.random() < 0.3 else _words(one, library))
    return _picked(one, session.dialog, {option.token: option for option in node.options})


def _picked(one: Citizen, dialog: str, options: Mapping[str, Option]) -> Move | None:
    if not one.shown:
        return None
    weights = [_weight(one, dialog, options.get(_token(choice)), choice) for choice in one.shown]
    choice = one.random.choices(one.shown, weights)[0]
    if one.random.random() < one.types:  # on an old phone: the number that stands before it
        return _said(one, choice.label.split(".")[0])
    return Move(Kind.TAP, tap=choice.id)


def _token(choice: Choice) -> str:
    return choice.id.partition(".")[2]


def _weight(one: Citizen, dialog: str, option: Option | None, choice: Choice) -> float:
    """How likely this one is."""
    if option is None:  # a word that works everywhere: more, menu, officer, skip
        return 0.8 if _token(choice) == "more" else RARELY
    for name, value in option.set.items():
        if name in one.truth:
            return MATCHES if one.truth[name] == value else CONTRADICTS
    if dialog == "dung" or option.go.dialog == "dung":
        return 1.0 if option.go.node == "de-nguyen" else RARELY
    if option.go.node == "loi-nhan":
        return WANTED if one.asks_officers else CONTRADICTS
    return WANTED if option.go.dialog in one.wants else 1.0


def _typed(one: Citizen, node: AskTyped) -> Move:
    random = one.random
    skip = next((choice for choice in one.shown if _token(choice) == "skip"), None)
    offers = [choice for choice in one.shown if _token(choice).startswith("o")]
    if offers:
        return Move(Kind.TAP, tap=random.choice(offers).id)
    if skip is not None and random.random() < 0.07:
        return Move(Kind.TAP, tap=skip.id)
    match node.type:
        case "commune":
            return _said(one, one.place if random.random() < 0.95 else random.choice(STRANGE))
        case "number":
            return _said(one, random.choice(NUMBERS.get(node.field, ("2", "3", "4"))))
        case "date":
            return _said(one, f"{random.randint(1, 28)}/{random.randint(1, 12)}/{random.randint(1950, 2020)}")
        case "phone":
            return _said(one, f"09{random.randrange(10**8):08}")
        case _:
            return _said(one, random.choice(TEXTS.get(node.field, STORIES)))


def _topic(one: Citizen) -> str:
    """What worries them most, most of the time."""
    return one.wants[0] if len(one.wants) == 1 or one.random.random() < 0.6 else one.random.choice(one.wants)


def _words(one: Citizen, library: Library) -> str:
    """Words that lead to a topic of theirs."""
    dialog = library.dialogs[_topic(one)]
    return one.random.choice(dialog.words or (dialog.title,))


def _said(one: Citizen, text: str) -> Move:
    return Move(Kind.TEXT, fold(text) if one.is_plain else text)

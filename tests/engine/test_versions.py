"""Dialogs are edited while people are in them: from any version to any other nobody is stranded or left silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.model import AnyNode, AskChoice, AskTyped, Dialog, Item, Say
from bot.engine.state import Library, Person, Session
from tests.engine.household import TODAY
from tests.engine.wanderer import MOVES, PEOPLE, Move, Wanderer
from tests.shipped import shipped

KEPT = ("menu", "hoi")
"""The one question that stays whatever is edited: without any menu nobody could be led there."""


def edited(library: Library, dice: Random, share: float) -> Library:
    """*library* after somebody dropped, renamed and changed about *share* of everything in it."""
    dialogs = {
        name: _edited(dialog, dice, share)
        for name, dialog in library.dialogs.items()
        if name == KEPT[0] or dice.random() > share / 4
    }
    return replace(library, dialogs=dialogs)


def _edited(dialog: Dialog, dice: Random, share: float) -> Dialog:
    nodes: dict[str, AnyNode] = {}
    for name, node in dialog.nodes.items():
        kept = (dialog.id, name) == KEPT
        if dice.random() > share:
            nodes[name] = node
        elif dice.random() < 0.3 and not kept:
            continue
        elif dice.random() < 0.2 and not kept:
            nodes[f"{name}-moi"] = replace(node, id=f"{name}-moi")
        else:
            nodes[name] = _changed(node, dice)
    start = dialog.start if dialog.start in nodes else next(iter(nodes), "")
    return replace(dialog, nodes=nodes, start=start)


def _changed(node: AnyNode, dice: Random) -> AnyNode:
    digest = f"{dice.getrandbits(48):012x}"
    if isinstance(node, AskChoice):
        options = list(node.options)
        dice.shuffle(options)
        return replace(node, digest=digest, options=tuple(options[: dice.randint(1, len(options))]))
    if isinstance(node, AskTyped) and dice.random() < 0.5:
        return replace(node, digest=digest, type=dice.choice(["text", "number", "date", "phone", "commune"]))
    if isinstance(node, Say) and dice.random() < 0.5:
        return replace(node, digest=digest, say=(Item(message="khong.co"), Item(text="Lời mới.")))
    return replace(node, digest=digest)


@settings(max_examples=120, deadline=None)
@given(
    start=st.sampled_from(["", *sorted(shipped().dialogs)]),
    fields=PEOPLE,
    moves=st.lists(MOVES, max_size=12),
    after=st.lists(MOVES, min_size=1, max_size=6),
    seeds=st.tuples(st.integers(0, 2**32), st.integers(0, 2**32)),
    share=st.sampled_from([0.02, 0.2, 0.6, 1.0]),
)
def test_any_version_takes_up_a_session_of_any_other(
    start: str, fields: Mapping[str, str], moves: list[Move], after: list[Move], seeds: tuple[int, int], share: float
) -> None:
    first, second = (edited(shipped(), Random(seed), share) for seed in seeds)
    person = Wanderer(first, fields, TODAY)
    for move in [Move("start", text=start), *moves]:
        person.do(move)
    person.library = second
    for move in after:
        person.do(move)
    _reaches_the_menu(person)


def _reaches_the_menu(person: Wanderer) -> None:
    person.person = Person({**person.person.fields, "da-chao": "1"})
    person.do(Move("say", text="menu"))
    assert person.at == KEPT
    person.do(Move("tap"))


@settings(max_examples=60, deadline=None)
@given(
    dialog=st.sampled_from(sorted(shipped().dialogs)), pick=st.integers(0, 99), seed=st.integers(0, 2**32),
    moves=st.lists(MOVES, min_size=1, max_size=4),
)  # fmt: skip
def test_from_any_question_of_the_shipped_dialogs_one_is_led_on(
    dialog: str, pick: int, seed: int, moves: list[Move]
) -> None:
    nodes = [node for node in shipped().dialogs[dialog].nodes.values() if isinstance(node, AskChoice | AskTyped)]
    if not nodes:
        return
    person = Wanderer(edited(shipped(), Random(seed), 0.8), {"da-chao": "1"}, TODAY)
    node = nodes[pick % len(nodes)]
    person.put(Session(dialog=dialog, node=node.id, digest=node.digest, seq=7))
    for move in moves:
        person.do(move)
    _reaches_the_menu(person)

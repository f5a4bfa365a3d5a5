"""The drawn dialog with its numbers: what stands in each box, how people get from question to question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.console.breakdowns import words_of
from bot.console.visit import Visit
from bot.engine.checks.drawing import Figures
from bot.engine.checks.layout import layout_of
from bot.engine.checks.moves import Move, moves_of
from bot.engine.checks.wording import PlainWording
from bot.engine.model import WAITING, AnyNode, AskChoice, AskTyped, Dialog
from bot.services.discretion import Count, Few, discreet, told, veiled
from bot.services.exporting.table import Column, Row, Table
from bot.services.insight.figures import DialogNumbers, NodeNumbers
from bot.speech import _

NOTHING = NodeNumbers()


@dataclass(frozen=True, slots=True)
class Part:
    """What became of those who came to a question, or who took a choice of it."""

    label: str
    count: Count


@dataclass(frozen=True, slots=True)
class Step:
    """One node with its words and its numbers, those that may be told.

    It was come to so often (`came`; None: it says nothing, so that nobody counts). Who is asked something answers or
    doesn't (`parts`); who answers takes one of the `choices`.
    """

    node: AnyNode
    words: str
    came: Count | None
    parts: Mapping[str, Count]
    missed: Count
    choices: Sequence[Part]

    @property
    def waits(self) -> bool:
        """Whether it asks something."""
        return isinstance(self.node, WAITING)


@dataclass(frozen=True, slots=True)
class Tree:
    """A dialog as officers read it, its steps in the order in which people walk it."""

    dialog: Dialog
    wording: PlainWording
    steps: Mapping[str, Step]

    @property
    def questions(self) -> Sequence[Step]:
        """The steps that ask something."""
        return [step for step in self.steps.values() if step.waits]


PARTS = {
    "answered": _("trả lời"), "left": _("sang chuyện khác"), "dropped": _("bỏ dở"),
}  # fmt: skip
"""What may become of who is asked."""


def tree_of(visit: Visit, dialog: Dialog, numbers: DialogNumbers) -> Tree:
    """*dialog* in the officer's language with its *numbers*."""
    wording = PlainWording(visit.site.library(), dialog, visit.say, visit.site.today())
    places = layout_of(dialog, 0, wording).at
    ordered = sorted(dialog.nodes, key=lambda node: places[node])
    steps = {node: _step(dialog.nodes[node], wording, numbers.nodes.get(node, NOTHING)) for node in ordered}
    return Tree(dialog, wording, steps)


def _step(node: AnyNode, wording: PlainWording, numbers: NodeNumbers) -> Step:
    options = node.options if isinstance(node, AskChoice) else ()
    taken = discreet({option.id: (numbers.choices or {}).get(option.id, 0) for option in options})
    parts = discreet({name: getattr(numbers, name) for name in PARTS})
    if parts["answered"] is Few.HIDDEN:  # else it could be added up from the choices
        taken = veiled(taken)
    choices = [Part(wording.asked(option.label), taken[option.id]) for option in options]
    came = numbers.asked if isinstance(node, WAITING) else numbers.said if node.say else None
    return Step(
        node, words_at(node, wording), None if came is None else told(came), parts, told(numbers.missed), choices
    )


def words_at(node: AnyNode, wording: PlainWording) -> str:
    """What a node is known by: its question, else what it says, else what it does."""
    if isinstance(node, AskChoice | AskTyped):
        return wording.asked(node.ask)
    said = [line for item in node.say for line in wording.told(item)]
    return said[0] if said else (wording.effect(node) or wording.head(node))


def figures_of(visit: Visit, tree: Tree) -> Mapping[str, Figures]:
    """What stands in the boxes."""
    most = max((step.came for step in tree.steps.values() if isinstance(step.came, int)), default=0)
    return {name: _figures(visit, step, most) for name, step in tree.steps.items()}


def _figures(visit: Visit, step: Step, most: int) -> Figures:
    ways = [_taken(step, index, move) for index, move in enumerate(moves_of(step.node))]
    dropped = step.parts["dropped"]
    words = _("✕ bỏ dở: {count}").format(count=words_of(visit, dropped)) if dropped else ""
    came = "" if step.came is None else words_of(visit, step.came)
    weights = [count / most if isinstance(count, int) and most else 0.0 for count in ways]
    return Figures(came, ["" if count is None else words_of(visit, count) for count in ways], words, weights)


def _taken(step: Step, index: int, move: Move) -> Count | None:
    """How many took a way; None where nobody counts them: the arms of a branch, what follows by itself."""
    match move.by:
        case "choice":
            return step.choices[index].count
        case "answer":
            return step.parts["answered"]
        case _:
            return None


def steepest(visit: Visit, tree: Tree) -> str:
    """The title of the picture: where most people give up."""
    asked = [step for step in tree.questions if isinstance(step.parts["dropped"], int) and step.parts["dropped"]]
    if not asked:
        return _("Chưa thấy câu nào có nhiều người bỏ dở")
    worst = max(asked, key=lambda step: step.parts["dropped"] if isinstance(step.parts["dropped"], int) else 0)
    told_ = _("Bỏ dở nhiều nhất ở câu “{words}”: {count} lượt")
    return told_.format(words=worst.words, count=words_of(visit, worst.parts["dropped"]))


def table_of(tree: Tree) -> Table:
    """All of it as a table: a row a node, and one below it for each of its choices."""
    columns = (
        Column("words", _("Câu")), Column("choice", _("Lựa chọn")), Column("came", _("Lượt tới"), "number"),
        *(Column(name, _(words), "number") for name, words in PARTS.items()),
        Column("missed", _("chưa hiểu"), "number"), Column("node", _("Nút")),
    )  # fmt: skip
    return Table(columns, [row for step in tree.steps.values() for row in _rows(step)])


def _rows(step: Step) -> Sequence[Row]:
    nobody = (None,) * (len(PARTS) + 1)
    choices = [(step.words, part.label, part.count, *nobody, step.node.id) for part in step.choices]
    own = (step.words, "", step.came, *(step.parts[name] for name in PARTS), step.missed, step.node.id)
    return [own, *choices]

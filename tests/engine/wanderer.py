"""Random people: whatever they might send, as Hypothesis strategies, and what must hold after each of their turns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

from bot.engine.events import Said, Silent
from bot.engine.state import Context, Library, Session, Sprint
from bot.engine.step import advance
from bot.engine.turn import MAX_HOPS
from bot.messages import Choice, Incoming, Kind
from tests.engine.household import HERE, Household
from tests.shipped import shipped

DAYS = st.dates(date(2026, 10, 1), date(2027, 6, 30))
JUNK = (
    "ok em", "trời hôm nay đẹp quá", "Nhà tôi khó khăn lắm, chồng ốm, hai con còn nhỏ, không biết trông vào đâu",
    "???", ".", "😀😀", "alo alo", "1 2 3", "12", "99", "0", "4 người", "sáu triệu rưỡi", "2/9/1980", "0912345678",
    "xa ba vi", "huyện Thanh Trì", "phường Hoàn Kiếm", "Sài Gòn", "đúng", "chưa", "vâng ạ", "không",
    "<b>đậm</b> & **x**",
    "a" * 4096, "\u202e\u0000\ufffd", "nuôi gà", "hộ nghèo", "hộ cận nghèo", "đồng ý", "bỏ qua",
)  # fmt: skip


def _vocabulary(library: Library) -> list[str]:
    said = [word for words in library.commands.values() for word in words]
    return [*said, *(word for dialog in library.dialogs.values() for word in dialog.words), *JUNK]


@dataclass(frozen=True)
class Move:
    """One thing to do; `pick` chooses among the buttons shown, counted from the first."""

    act: str
    pick: int = 0
    text: str = ""


PICKS = st.integers(0, 9)
MOVES = st.one_of(
    st.builds(Move, st.just("tap"), PICKS),
    st.builds(Move, st.just("number"), PICKS),
    st.builds(Move, st.just("label"), PICKS),
    st.builds(Move, st.just("say"), st.just(0), st.sampled_from(_vocabulary(shipped()))),
    st.builds(Move, st.sampled_from(["old tap", "any text", "forged", *(k.value for k in Kind if k is not Kind.TAP)]),
              st.integers(0, 60), st.text(max_size=30)),
)  # fmt: skip
KINDS = st.sampled_from(["", "ngheo", "can-ngheo", "moi-thoat", "khac", "strange"])
FIELDS = st.fixed_dictionaries({
    "da-chao": st.sampled_from(["", "1"]), "ho": KINDS, "xa": st.sampled_from(["", "09700", "none"]),
    "lang": st.sampled_from(["", "vi", "en", "fr"]), "ten": st.sampled_from(["", "Mai", "Đỗ <b>"]),
    "dong-y": st.sampled_from(["", "co", "khong"]), "viec-nho": st.sampled_from(["", "nuôi gà"]),
})  # fmt: skip
PEOPLE = st.builds(lambda fields: {name: value for name, value in fields.items() if value}, FIELDS)


class Wanderer(Household):
    """A household whose every turn is checked."""

    def __init__(self, library: Library, fields: Mapping[str, str], today: date) -> None:
        super().__init__(library, {"da-chao": ""} | dict(fields), today)
        self.seen: list[Choice] = []

    def do(self, move: Move) -> None:
        shown = self.shown[move.pick % len(self.shown)] if self.shown else Choice("0.0", "1. x")
        match move.act:
            case "tap":
                incoming = Incoming(HERE, "1", Kind.TAP, tap=shown.id)
            case "number":
                incoming = Incoming(HERE, "1", text=shown.label.split(".")[0])
            case "label":
                incoming = Incoming(HERE, "1", text=shown.label.split(". ")[-1])
            case "say" | "any text":
                incoming = Incoming(HERE, "1", text=move.text)
            case "old tap":
                old = self.seen[move.pick % len(self.seen)] if self.seen else shown
                incoming = Incoming(HERE, "1", Kind.TAP, tap=old.id)
            case "forged":
                incoming = Incoming(HERE, "1", Kind.TAP, tap=f"{json.loads(self.stored).get('seq', 0):x}.{move.text}")
            case kind:
                phone = "+84912345678" if move.pick % 2 else ""
                incoming = Incoming(HERE, "1", Kind(kind), text=move.text, phone=phone)
        self._checked(incoming)

    def _checked(self, incoming: Incoming) -> None:
        kept = Session.from_dict(json.loads(self.stored))
        before = self.sprint.session
        assert kept == before, "storing a session changes nothing"
        context = Context(self.person, self.today)
        self.send(incoming.kind, incoming.text, incoming.tap, incoming.phone)
        assert advance(self.library, before, incoming, context) == self.sprint
        self.seen += [choice for said in self.all(Said) for choice in said.choices]
        check(self.library, self.sprint)
        assert len(self.stored.encode()) < 2048


def check(library: Library, sprint: Sprint) -> None:
    """What must hold after any turn of anybody."""
    said = [event for event in sprint.events if isinstance(event, Said)]
    assert said or any(isinstance(event, Silent) and event.reason for event in sprint.events), sprint
    assert len(sprint.events) <= 4 * MAX_HOPS
    for one in said:
        assert one.text.strip(), sprint
        assert "{" not in one.text, one.text
        _check_choices(one.choices, sprint.session)
    assert all(not one.choices for one in said[:-1]), "buttons stand under the last message"
    session = sprint.session
    if said and session.node:  # who met silence stays where they were, also if that is gone by now
        assert session.node in library.dialogs[session.dialog].nodes


def _check_choices(choices: tuple[Choice, ...], session: Session) -> None:
    labels = [choice.label for choice in choices]
    assert len(set(labels)) == len(labels), labels
    assert all("{" not in label for label in labels)
    assert all(len(choice.id.encode()) <= 64 and choice.id.startswith(f"{session.seq:x}.") for choice in choices)
    numbers = [int(label.split(".")[0]) for label in labels if label.split(".")[0].isdigit()]
    counted = [number for number in numbers if number]
    assert counted == list(range(counted[0], counted[0] + len(counted))) if counted else True, labels
    assert numbers in (counted, [*counted, 0]), labels

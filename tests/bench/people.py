"""Scripted people: one walks a menu tree and knows what it must hear, one wanders through any dialogs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Protocol

from tests.bench.botapi import Shown

THANKS = "Nhà tôi muốn hỏi thêm về vốn vay và lớp học nghề gần nhà, nhờ cán bộ xem giúp. Xin cảm ơn."
DEEP = 3
"""Presses from the root of the tree to a leaf."""
WORDS = (
    "menu", "quay lại", "trợ giúp", "nói lại", "gặp cán bộ", "vay vốn", "học nghề", "tiền điện", "bhyt", "bỏ qua",
    "ba vi", "phường Hoàn Kiếm", "hộ nghèo", "hộ cận nghèo", "nuôi gà", "trời hôm nay đẹp quá", "2/9/1980", "999",
    "Nhà tôi khó khăn lắm, chồng ốm, hai con còn nhỏ", "😀", "english", "tiếng việt", "<b>đậm</b> & **x**",
)  # fmt: skip
FORGETTING = ("xóa", "delete", "erase")
"""Nobody asks to be forgotten: nothing would be left to count."""


class Person(Protocol):
    """Somebody on Telegram. `patience` is how many seconds they wait for an answer before they go on."""

    chat: int
    patience: float
    random: Random

    def act(self) -> dict[str, Any]:
        """Their next update, without its id."""
        ...

    def hear(self, shown: Shown, *, is_answer: bool) -> str:
        """They see a message: what is wrong with it, "" if nothing."""
        ...

    def give_up(self) -> None:
        """No answer came."""
        ...


class _Body:
    """What Telegram's updates hold of everybody."""

    def __init__(self, chat: int, seed: int) -> None:
        self.chat, self.random = chat, Random(seed)
        self.user = {"id": chat, "is_bot": False, "first_name": "Mai", "language_code": "vi"}
        self._chat = {"id": chat, "first_name": "Mai", "type": "private"}
        self._next_id = 10_000_000

    def says(self, text: str) -> dict[str, Any]:
        self._next_id += 1
        message: dict[str, Any] = {"message_id": self._next_id, "from": self.user, "chat": self._chat}
        message |= {"date": int(time.time()), "text": text}
        if text.startswith("/"):
            message["entities"] = [{"offset": 0, "length": len(text), "type": "bot_command"}]
        return {"message": message}

    def taps(self, shown: Shown, index: int) -> dict[str, Any]:
        self._next_id += 1
        query = {"id": f"4{self.chat}{self._next_id}", "from": self.user, "message": shown}
        return {"callback_query": {**query, "chat_instance": "-31415", "data": shown.buttons[index].callback_data}}


class Walker(_Body):
    """/start, a choice on each of three levels, free text, again. *tree* as `tests.bench.tree` makes it."""

    patience = 15.0

    def __init__(self, chat: int, seed: int, tree: Mapping[str, Any]) -> None:
        super().__init__(chat, seed)
        self._tree = tree
        self._step = 0
        self._extra = seed % (DEEP + 2)  # so many more /start first: people are out of phase, the mix is steady
        self._at = str(tree["root"])
        self._last: Shown | None = None
        self._expected = ""

    def act(self) -> dict[str, Any]:
        nodes = self._tree["nodes"]
        if self._step == 0 or self._last is None:
            self._at = str(self._tree["root"])
            self._expected = nodes[self._at]["text"]
            return self.says("/start")
        if self._step > DEEP:
            self._expected = self._tree["thanks"][self._at]
            return self.says(THANKS)
        pick = self.random.randrange(len(nodes[self._at]["choices"]))
        self._at = nodes[self._at]["choices"][pick]["id"]
        self._expected = nodes[self._at]["text"]
        return self.taps(self._last, pick)

    def hear(self, shown: Shown, *, is_answer: bool) -> str:
        if not is_answer:
            return "a message nobody waited for"
        choices = len(self._tree["nodes"][self._at]["choices"]) if self._step <= DEEP else 0
        if not shown.text.startswith(self._expected) or len(shown.buttons) < choices:
            self._step = 0
            return f"expected {self._expected[:40]!r}, got {shown.text[:40]!r}, {len(shown.buttons)} buttons"
        if self._step == 0 and self._extra:
            self._extra -= 1
        else:
            self._step = (self._step + 1) % (DEEP + 2)
        self._last = shown
        return ""

    def give_up(self) -> None:
        self._step = 0


class Wanderer(_Body):
    """Taps buttons that they see or saw, types labels, numbers and *words*; some don't wait for answers."""

    def __init__(self, chat: int, seed: int, patience: Sequence[float], words: Sequence[str] = WORDS) -> None:
        super().__init__(chat, seed)
        self.patience = self.random.choice(patience)
        self._words = words
        self._seen: list[Shown] = []
        self._is_new = False
        self.texts: list[str] = []
        """What they sent, in order, as the log must have it; a tap is ""."""

    def act(self) -> dict[str, Any]:
        is_new, self._is_new = self._is_new, False
        if not self.texts:
            return self._type("/start")
        if not self._seen:
            return self._type(self.random.choice(self._words))
        luck, shown = self.random.random(), self._seen[-1]
        picks = _harmless(shown)
        if luck < 0.65 and picks:
            self.texts.append("")
            return self.taps(shown, self.random.choice(picks))
        if luck < 0.70:
            return self._tap_old()
        if luck < 0.85 and picks:
            number, _, label = shown.buttons[self.random.choice(picks)].text.partition(". ")
            is_clear = is_new and len(picks) == len(shown.buttons)  # else the number might mean what they avoid
            return self._type(number if is_clear and luck < 0.75 else label or number)
        return self._type(self.random.choice(self._words) if luck < 0.98 else "/start")

    def hear(self, shown: Shown, *, is_answer: bool) -> str:
        if shown.buttons:
            self._seen = [*self._seen[-9:], shown]
            self._is_new = True
        return ""

    def give_up(self) -> None:
        pass

    def _tap_old(self) -> dict[str, Any]:
        shown = self.random.choice(self._seen)
        picks = _harmless(shown)
        if not picks:
            return self._type("menu")
        self.texts.append("")
        return self.taps(shown, self.random.choice(picks))

    def _type(self, text: str) -> dict[str, Any]:
        self.texts.append("" if text == "/start" else text)
        return self.says(text)


class Talker(_Body):
    """Taps a button of the newest message, or types "menu": what is always answered, so that silence is a fault."""

    patience = 15.0

    def __init__(self, chat: int, seed: int) -> None:
        super().__init__(chat, seed)
        self._newest: Shown | None = None

    def act(self) -> dict[str, Any]:
        shown, self._newest = self._newest, None
        picks = _harmless(shown) if shown is not None else []
        if shown is None or not picks or self.random.random() < 0.4:
            return self.says("menu")
        return self.taps(shown, self.random.choice(picks))

    def hear(self, shown: Shown, *, is_answer: bool) -> str:
        self._newest = shown if shown.buttons else self._newest
        return ""

    def give_up(self) -> None:
        self._newest = None


def _harmless(shown: Shown) -> list[int]:
    """Which buttons of *shown* don't lead to being forgotten."""
    labels = [button.text.lower() for button in shown.buttons]
    return [i for i, label in enumerate(labels) if not any(word in label for word in FORGETTING)]

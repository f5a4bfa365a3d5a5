"""The people of the made-up city: who they are, what they want, and how they go about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from bot.demo.words import FAMILIES, GIVEN, MIDDLES
from bot.engine.state import Commune
from bot.messages import Address, Choice, Kind
from bot.store.turns import Known

HOUSEHOLDS = {"ngheo": 18, "can-ngheo": 27, "moi-thoat": 12, "khac": 28, "": 15}
"""Hundredths of each kind; "" doesn't tell. Many more poor ones than the city has: posters address them."""
CONSENTS = {"co": 74, "hoi-dap": 19, "khong": 7}
WANTS = {
    "vay-von": 20, "bhyt": 14, "viec-lam": 12, "hoc-nghe": 12, "tro-cap": 12, "hoc-phi": 8, "tieu-chuan": 8,
    "nha-o": 6, "tien-dien": 6, "tu-luc": 4, "guong-dien-hinh": 4, "nuoc-sach": 3, "thoat-ngheo": 3, "ke-chuyen": 2,
    "phong-trao": 2, "tro-giup-phap-ly": 2, "thong-tin": 2, "ke-hoach": 1,
}  # fmt: skip
"""What people come for; how often, beside each other."""
RURAL = 3
"""How many more come from a commune than from a ward: that is where most poor households live."""
EARLY = 0.7
"""Below 1 more people come in the first weeks, when posters are new: days since the start go with a power of chance."""
HOURS = (0, 0, 0, 0, 0, 1, 3, 5, 6, 6, 6, 8, 9, 6, 5, 5, 6, 7, 8, 11, 12, 9, 5, 2)
"""When people write, by the hour in Hà Nội: at noon, and after supper."""


class Move(NamedTuple):
    """One thing to send."""

    kind: Kind
    text: str = ""
    tap: str = ""


@dataclass(slots=True)
class Citizen:
    """One person. `truth` are fields as they would tell them; `wants` topics in the order of their worry.

    `patience`: the chance that they take one step more. `types`: that they write where they could press. `is_plain`:
    without diacritics, as on an old phone. `known` and `shown` are as after their last turn; `in_mind` is what they
    will send next, whatever is before them.
    """

    address: Address
    name: str
    commune: Commune
    truth: Mapping[str, str]
    wants: Sequence[str]
    joined: datetime
    patience: float
    types: float
    is_plain: bool
    asks_officers: bool
    random: Random
    known: Known | None = None
    in_mind: Move | None = None
    shown: tuple[Choice, ...] = ()
    is_gone: bool = False

    @property
    def place(self) -> str:
        """Their commune, as they write it."""
        return self.commune.name


def people_of(
    communes: Mapping[str, Commune], topics: Sequence[str], *, count: int, seed: int, start: datetime, span: timedelta
) -> list[Citizen]:
    """*count* people who come within *span* of *start*, in the order in which they do."""
    random = Random(seed)
    places = sorted(communes.values(), key=lambda commune: commune.code)
    weights = [(RURAL if one.kind == "xã" else 1) * random.lognormvariate(0, 0.5) for one in places]
    wants = {topic: weight for topic, weight in WANTS.items() if topic in topics}
    found = [
        _citizen(Random(random.getrandbits(64)), number, place, wants, start, span)
        for number, place in enumerate(random.choices(places, weights, k=count))
    ]
    return sorted(found, key=lambda one: (one.joined, one.address.id))


def moment_in(random: Random, day: datetime) -> datetime:
    """When on *day* (midnight in Hà Nội) somebody writes."""
    hour = random.choices(range(24), HOURS)[0]
    return day + timedelta(hours=hour, seconds=random.randrange(3600))


def _citizen(
    random: Random, number: int, commune: Commune, wants: Mapping[str, int], start: datetime, span: timedelta
) -> Citizen:
    channel = "telegram" if random.random() < 0.7 else "webchat"
    key = str(700_000_000 + number) if channel == "telegram" else f"{random.getrandbits(96):024x}"
    joined = moment_in(random, start + timedelta(days=int(span.days * random.random() ** (1 / EARLY))))
    return Citizen(
        Address(channel, key), f"{random.choice(FAMILIES)} {random.choice(MIDDLES)} {random.choice(GIVEN)}",
        commune, _truth(random), _some(random, wants), joined,
        patience=random.uniform(0.05, 0.3), types=random.choice((0.03, 0.1, 0.4)), is_plain=random.random() < 0.4,
        asks_officers=random.random() < 0.15, random=random,
    )  # fmt: skip


def _truth(random: Random) -> Mapping[str, str]:
    household = _one(random, HOUSEHOLDS)
    told = {"ho": household} if household else {"ho": "", "ho-khong-noi": "1"}
    return {"dong-y": _one(random, CONSENTS), "lang": "en" if random.random() < 0.02 else "vi", **told}


def _one(random: Random, weights: Mapping[str, int]) -> str:
    return random.choices(list(weights), list(weights.values()))[0]


def _some(random: Random, weights: Mapping[str, int]) -> Sequence[str]:
    """One to three different ones."""
    return list(dict.fromkeys(_one(random, weights) for _ in range(random.randint(1, 3)))) if weights else []

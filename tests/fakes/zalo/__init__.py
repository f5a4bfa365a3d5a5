"""A stand-in for Zalo: its Official Accounts, tokens, templates, webhook and Bot Platform, on one port.

    async with FakeZalo() as zalo:
        settings = zalo.settings()                     # what `bot run` needs to use it: {"zalo_api": zalo.url, …}
        await zalo.register(f"{bot}/hooks/zalo")       # probes, then sends events there, signed
        hoa = zalo.user("2512523625412515", name="Hoa")
        await hoa.write("xin chào"); await hoa.click("Vay vốn")
        hoa.texts, zalo.books, zalo.refreshes          # what she read, what was charged, how tokens were used

By hand: `python -m tests.fakes.zalo`.
"""

from tests.fakes.zalo.app import FakeZalo
from tests.fakes.zalo.books import Attempt, Button, Call, Charge, Pair, Parameter, Refresh, Shown, Template
from tests.fakes.zalo.clock import HANOI, Clock, Time
from tests.fakes.zalo.people import FakeUser
from tests.fakes.zalo.rules import Rules

__all__ = [
    "HANOI", "Attempt", "Button", "Call", "Charge", "Clock", "FakeUser", "FakeZalo", "Pair", "Parameter", "Refresh",
    "Rules", "Shown", "Template", "Time",
]  # fmt: skip

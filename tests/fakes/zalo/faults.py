"""Faults of a server and of the way to it, planned by a test."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from tests.fakes.zalo.books import Call

Fault = Literal["crashes", "is_a_proxy", "hangs", "drops", "loses_answer", "talks_nonsense"]
PAGES = {"crashes": 502, "is_a_proxy": 403, "talks_nonsense": 200}


@dataclass
class _Planned:
    fault: Fault | int
    path: str
    to: str
    times: int


class Faults:
    """What goes wrong next. `drops`: before anything was done; `loses_answer`: after it."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._released = asyncio.Event()

    def plan(self, fault: Fault | int, path: str, to: str, times: int) -> None:
        self._planned.append(_Planned(fault, path, to, times))

    def heal(self) -> None:
        """Forget what was planned, and let go of what hangs."""
        self._planned.clear()
        self._released.set()
        self._released = asyncio.Event()

    def next(self, call: Call) -> Fault | int | None:
        """What is to happen to *call*; it counts as one time."""
        for planned in self._planned:
            if call.path.endswith(planned.path) and planned.to.encode() in call.body:
                planned.times -= 1
                if planned.times == 0:
                    self._planned.remove(planned)
                return planned.fault
        return None

    async def act(self, fault: Fault, request: web.Request) -> web.StreamResponse:
        """Fail."""
        if fault in PAGES:
            return web.Response(status=PAGES[fault], text="<html>no answer of Zalo</html>", content_type="text/html")
        if fault == "hangs":
            await self._released.wait()
        elif request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

"""The console's routes, each with the right that it takes, so that no page is ever open by oversight."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

from bot.console.visit import Visit
from bot.store.officers import Role

Right = Literal["open", "read", "draft", "release", "answer", "teach", "check", "administer"]
DRAFTERS: frozenset[Role] = frozenset(("officer", "approver", "admin"))
RIGHTS: Mapping[Right, frozenset[Role]] = {
    "read": frozenset(("staff", "officer", "approver", "admin")),
    "draft": DRAFTERS,
    "answer": DRAFTERS,
    "teach": DRAFTERS,
    "release": frozenset(("approver", "admin")),
    "check": frozenset(("approver", "admin")),
    "administer": frozenset(("admin",)),
}
"""Who may: read pages and export them; draft broadcasts; answer people; sort what was not understood; release; say
that a fact was checked; run the place. "open" is for who isn't signed in. Areas narrow every one of them."""
Handler = Callable[[Visit], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One page or act."""

    method: str
    path: str
    right: Right
    handler: Handler


@dataclass(slots=True)
class Routes:
    """The routes of one module of pages."""

    all: list[Route] = field(default_factory=list)

    def get(self, path: str, right: Right) -> Callable[[Handler], Handler]:
        """Show a page at *path*, below /console, to who has *right*."""
        return self._add("GET", path, right)

    def post(self, path: str, right: Right) -> Callable[[Handler], Handler]:
        """Do something. The form's token was checked by then."""
        return self._add("POST", path, right)

    def _add(self, method: str, path: str, right: Right) -> Callable[[Handler], Handler]:
        def keep(handler: Handler) -> Handler:
            self.all.append(Route(method, path, right, handler))
            return handler

        return keep


def may(role: Role, right: Right) -> bool:
    """Whether officers of *role* have *right*."""
    return right == "open" or role in RIGHTS[right]

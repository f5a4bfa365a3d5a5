"""One request to the console: who asks, in which language, and how a page is shown to them."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from aiohttp import web
from multidict import MultiDictProxy

from bot.store.credentials import SignedIn
from bot.store.handoffs import NO_CROWD, Crowd
from bot.store.officers import Officer
from bot.web.guard import HEADERS

if TYPE_CHECKING:
    from bot.console.site import Site

COOKIE, LOOK, FLASH = "vuonlen-console", "vuonlen-look", "vuonlen-said"
PREFIX = "/console"
LANGUAGES, THEMES = ("vi", "en"), ("auto", "light", "dark")
YEAR = 365 * 86400


@dataclass(frozen=True, slots=True)
class Visit:
    """`officer` is None only on open pages. `token` is what the cookie holds; forms carry a digest of it. `waiting` is
    who of the officer's area waits for an answer; `is_alarmed`: an account lost what lets us act for it.

    Handlers get a visit and give back `page`, `piece`, `redirect`, or raise `web.HTTPNotFound`.
    """

    site: Site
    request: web.Request
    token: str
    language: str
    theme: str
    signed_in: SignedIn | None = None
    known: Officer | None = None
    form: MultiDictProxy[str] | None = None
    waiting: Crowd = NO_CROWD
    is_alarmed: bool = False

    @property
    def officer(self) -> Officer:
        """Who asks; only on pages that need signing in."""
        assert self.known is not None
        return self.known

    @property
    def login(self) -> str:
        """The login of who asks."""
        return self.officer.login

    @property
    def query(self) -> Mapping[str, str]:
        """What stands behind the question mark."""
        return self.request.query

    @property
    def is_piece(self) -> bool:
        """Whether htmx asks for a part of a page, to put it in place."""
        return "HX-Request" in self.request.headers

    @property
    def csrf(self) -> str:
        """What every form must bring back: nobody who can't read our pages can know it."""
        return hmac.new(self.site.secret.encode(), f"csrf:{self.token}".encode(), sha256).hexdigest()

    def number(self, name: str = "id") -> int:
        """The number in the address. HTTPNotFound: it is none that a database could hold."""
        text = self.request.match_info[name]
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise web.HTTPNotFound
        return int(text)

    def field(self, name: str) -> str:
        """A field of the form that was sent, trimmed; "" when it isn't there. NULs can't be stored and are dropped."""
        return cleaned(self.form.get(name, "")) if self.form is not None else ""

    def secret(self, name: str) -> str:
        """A field whose every character counts."""
        return self.form.get(name, "") if self.form is not None else ""

    def fields(self, name: str) -> list[str]:
        """All values of a field that may come more than once."""
        return [cleaned(one) for one in self.form.getall(name, [])] if self.form is not None else []

    def say(self, text: str) -> str:
        """*text* in the officer's language: for texts that were marked where they stand."""
        return self.site.translate(self.language, text)

    def page(self, template: str, *, status: int = 200, **values: object) -> web.Response:
        """A whole page."""
        text = self.site.pages.render(self, template, values)
        response = web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)
        response.enable_compression()
        return response

    def piece(self, template: str, *, status: int = 200, **values: object) -> web.Response:
        """A part of a page, for htmx. htmx shows also what has a status of 422."""
        return self.page(template, status=status, **values)

    def redirect(self, path: str, *, done: str = "") -> web.Response:
        """On to *path* (below /console), where *done* is told once."""
        there = PREFIX + path
        if self.is_piece:
            response = web.Response(headers={**HEADERS, "HX-Redirect": there})
        else:
            response = web.Response(status=303, headers={**HEADERS, "Location": there})
        if done:
            response.set_cookie(
                FLASH, quote(done), max_age=60, path=PREFIX, httponly=True, secure=self.site.is_secure, samesite="Lax"
            )
        return response

    def remember(self, response: web.StreamResponse, token: str) -> None:
        """Have the browser hold *token* until it is closed."""
        response.set_cookie(
            COOKIE, token, path=PREFIX, httponly=True, secure=self.site.is_secure, samesite="Lax"
        )  # fmt: skip

    def url(self, path: str, **query: object) -> str:
        """An address of ours, with those of *query* that say something."""
        said = {name: value for name, value in query.items() if value not in ("", None)}
        return f"{PREFIX}{path}" + (f"?{urlencode(said)}" if said else "")


def cleaned(text: object) -> str:
    """Without what can't be stored: NUL (PostgreSQL), halves of characters (UTF-8)."""
    if not isinstance(text, str):
        return ""
    return text.replace("\0", "").encode(errors="ignore").decode().replace("\r\n", "\n").strip()

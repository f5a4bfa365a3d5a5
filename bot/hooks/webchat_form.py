"""The page's forms as they come in: read, bounded, and turned into messages that act once."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from aiohttp import web

from bot.messages import Address, Incoming, Kind

MOST_CHOICE: Final = 128
LANGUAGES: Final = ("vi", "en")
SLUG: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
KEY: Final = re.compile(r"[A-Za-z0-9_.-]{8,80}")


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it came. `key` was made with the form; `after` is the last turn that the page's script has."""

    key: str
    text: str
    choice: str
    start: str
    language: str
    after: str

    def incoming(self, address: Address, kind: Kind, *, text: str, tap: str = "") -> Incoming:
        """The same form with the same words is the same message; other words in it (page left by "back") are not."""
        mark = "\n".join((address.id, self.key, kind, tap or text))
        return Incoming(
            address=address,
            external_id=sha256(mark.encode()).hexdigest()[:32],
            kind=kind,
            text=text,
            tap=tap,
            language=self.language,
        )


async def sent_in(request: web.Request) -> Sent:
    """What the form holds. HTTPBadRequest: it is no form of ours."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise web.HTTPBadRequest
    try:
        form = await request.post()
    except (ValueError, LookupError) as exc:  # not in the encoding it claims, or one that is not there
        raise web.HTTPBadRequest from exc
    key = cleaned(form, "key")
    language = cleaned(form, "lang")
    return Sent(
        key=key if KEY.fullmatch(key) else new_key(),
        text=cleaned(form, "text"),
        choice=cleaned(form, "choice")[:MOST_CHOICE],
        start=slug_in(form, "start"),
        language=language if language in LANGUAGES else "",
        after=cleaned(form, "after"),
    )


def slug_in(values: Mapping[str, object], name: str) -> str:
    """A deep link's payload; empty when it is none."""
    value = cleaned(values, name)
    return value if SLUG.fullmatch(value) else ""


def cleaned(values: Mapping[str, object], name: str) -> str:
    """The text of a field, without what can't be stored: NUL (PostgreSQL), halves of characters (UTF-8)."""
    value = values.get(name)
    if not isinstance(value, str):
        return ""
    return value.replace("\0", "").encode(errors="ignore").decode().strip()


def new_key() -> str:
    """Unguessable: nobody can use up the key of another's form."""
    return secrets.token_urlsafe(16)

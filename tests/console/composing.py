"""The form of a broadcast, as a browser sends it."""

from __future__ import annotations

import re
from typing import Any

from bot.console.forms.broadcast import typed_of
from bot.services.broadcasting.drafting import Draft, draft_of
from bot.services.broadcasting.model import Broadcast
from tests.console.office import Console, Page
from tests.services.office import DRAFT


def form_of(draft: Draft = DRAFT, **typed: str) -> dict[str, Any]:
    """Every field of the form that says *draft*, and what was typed in place of some of them."""
    form = typed_of(draft)
    fields = {name: text for name, text in form.fields.items() if text}
    return {**fields, "messages": list(form.messages), "days": list(form.days), **typed}


async def drafted(console: Console, draft: Draft = DRAFT, login: str = "an") -> Broadcast:
    """A broadcast that *login* wrote with the form."""
    answer = await console.post("/broadcasts", login, form_of(draft))
    assert answer.status == 303, text_of(answer)
    return await console.office.find(int(answer.to.split("/")[2]))


async def saved(console: Console, one: Broadcast, login: str = "an", **typed: str) -> Page:
    """What comes back when *login*, who has *one* on their screen, changes some fields and saves."""
    return await console.post(
        f"/broadcasts/{one.id}", login, form_of(draft_of(one), version_seen=str(one.version), **typed)
    )


def text_of(page: Page) -> str:
    """What stands on the page, without its markup, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())

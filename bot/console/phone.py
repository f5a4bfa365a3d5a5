"""A message on a phone: exactly what a channel would send, as its app shows it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bot.channels.base import Channel
from bot.channels.shown import carried_in, shown_in
from bot.channels.webchat import html_from
from bot.messages import Address, Outgoing

NOBODY = "1"
"""Whom the calls are made for, which are only looked at; Telegram's must be a number."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What a phone shows: `parts` are bubbles, as `encode` cut them; `choices` hang under the last."""

    parts: Sequence[Markup]
    choices: Sequence[str]


def screen_of(channel: Channel, message: Outgoing) -> Screen:
    """*message* as *channel* would send it. ValueError when it can't."""
    calls = channel.encode(Address(channel.name, NOBODY), message)
    bodies = [json.loads(call.body) for call in calls]
    if not any(map(_is_plain, bodies)):
        return Screen([_part(body) for body in bodies], [choice.label for choice in message.choices])
    shown = [one for one in (shown_in(call.body) for call in calls) if one is not None]
    return Screen([Markup(one.html) for one in shown], [label for one in shown for label in one.choices])


def _is_plain(body: Mapping[str, object]) -> bool:
    """Zalo's apps show letters as they come, and choices in words where there are no buttons."""
    return "recipient" in body or isinstance(body.get("chat_id"), str)


def _part(body: Mapping[str, object]) -> Markup:
    """Both kinds of HTML are made by our own channels, which escape whatever people wrote."""
    if "html" in body:
        return Markup(str(body["html"]))
    text, carried = str(body.get("text", body.get("caption", ""))), Markup(carried_in(dict(body)))
    if body.get("parse_mode") == "HTML":  # lines are broken where the text breaks them
        return carried + Markup('<div class="said">{}</div>').format(Markup(text))
    return carried + Markup(html_from(text))

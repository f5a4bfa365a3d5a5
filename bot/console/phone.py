"""A message on a phone: exactly what a channel would send, as its app shows it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bot.channels.base import Channel
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
    return Screen([_part(json.loads(call.body)) for call in calls], [choice.label for choice in message.choices])


def _part(body: Mapping[str, object]) -> Markup:
    """Both kinds of HTML are made by our own channels, which escape whatever people wrote."""
    if "html" in body:
        return Markup(str(body["html"]))
    text = str(body.get("text", ""))
    if body.get("parse_mode") == "HTML":  # lines are broken where the text breaks them
        return Markup('<div class="said">{}</div>').format(Markup(text))
    return Markup(html_from(text))

"""The form of a broadcast, and the draft that it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import get_args

from msgspec.structs import replace

from bot.console.forms.repeating import choices_of, missing_in, rule_from
from bot.console.forms.values import moment_from, money_from, number_from, typed_moment, typed_money, typed_number
from bot.console.visit import Visit
from bot.services.broadcasting.drafting import CONFIRMATIONS, Draft
from bot.services.broadcasting.faults import Fault, by_field
from bot.services.broadcasting.model import UNKNOWN_POLICY, Body, Policy, Timing
from bot.speech import _

KINDS = ("text", "messages", "dialog")
WHENS = ("now", "once", "rule")
NEW = Draft("", Body(text={"vi": ""}), "")
_PLACES = {"body": "kind", "confirmed": "segment"}
"""Faults of the service that are told beside another field than the one they are named after."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: one text by field; the content messages and weekdays that are ticked."""

    fields: Mapping[str, str]
    messages: Sequence[str] = ()
    days: Sequence[str] = ()
    errors: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def told(self, faults: Sequence[Fault]) -> Typed:
        """The same with *faults* beside their fields; what could not even be read is told first."""
        found = {_place(name): text for name, text in by_field(faults).items()}
        if self.errors.keys() & {"every", "until", "count"}:  # the rule that they make is no news then
            found.pop("rule", None)
        return Typed(self.fields, self.messages, self.days, found | dict(self.errors))


def _place(name: str) -> str:
    return _PLACES.get(name, name.removeprefix("confirm.").replace("text.", "text-"))


def typed_in(visit: Visit) -> Typed:
    """What was sent, as it was typed."""
    assert visit.form is not None
    fields = {name: visit.field(name) for name in visit.form}
    return Typed(fields, tuple(dict.fromkeys(visit.fields("messages"))), tuple(visit.fields("days")))


def typed_of(draft: Draft) -> Typed:
    """The form that says *draft*."""
    body, timing, policy = draft.body, draft.timing, draft.policy
    choices, days = choices_of(timing.rule) if timing.rule else ({"repeat": "weekly", "ends": "until"}, ())
    fields = {
        "name": draft.name, "kind": _kind(body), "dialog": body.dialog, "source": body.source, "segment": draft.segment,
        **{f"text-{language}": text for language, text in body.text.items()},
        "when": "rule" if timing.rule else "once" if timing.at else "now", "at": typed_moment(timing.at), **choices,
        "opens": timing.opens, "closes": timing.closes, "not_after": typed_moment(timing.not_after),
        "on_holidays": "1" if timing.on_holidays else "", "urgent": "1" if draft.urgent else "",
        "shelf_life": typed_number(timing.shelf_life), "grace": typed_number(timing.grace),
        "gap": typed_number(policy.gap), "growth": typed_number(100 * policy.growth), "unknown": policy.unknown,
        "errors": typed_number(100 * policy.errors), **dict.fromkeys(policy.confirmed, "1"),
        "budget": typed_money(policy.budget), "phone": "1" if policy.phone else "",
        "waits": "1" if policy.waits else "",
    }  # fmt: skip
    return Typed(fields, body.messages, days)


def _kind(body: Body) -> str:
    return "messages" if body.messages else "dialog" if body.dialog else "text"


def draft_from(typed: Typed, base: Draft = NEW) -> tuple[Draft, Typed]:
    """The draft that *typed* says, with *base* where it can't be read; and *typed* with what could not."""
    reader = _Reader(typed.fields)
    draft = Draft(
        typed["name"], _body(typed, base.body), typed["segment"], _timing(typed, reader, base.timing),
        _policy(typed, reader, base.policy), bool(typed["urgent"]),
    )  # fmt: skip
    return draft, Typed(typed.fields, typed.messages, typed.days, reader.errors)


def _body(typed: Typed, base: Body) -> Body:
    match typed["kind"]:
        case "messages":  # the order that was there stays; boxes have none
            kept = [name for name in base.messages if name in typed.messages]
            return Body(messages=(*kept, *(name for name in typed.messages if name not in kept)))
        case "dialog":
            return Body(dialog=typed["dialog"])
        case _:
            texts = {name.removeprefix("text-"): text for name, text in typed.fields.items() if name[:5] == "text-"}
            written = {language: text for language, text in texts.items() if text}
            return Body(text=written or {"vi": ""}, source=typed["source"])


def _timing(typed: Typed, reader: _Reader, base: Timing) -> Timing:
    when = typed["when"]
    at = reader.moment("at", base.at, is_due=when == "once") if when in ("once", "rule") else None
    if when == "rule":
        reader.errors |= missing_in(typed.fields)
    return Timing(
        at, rule_from(typed.fields, typed.days) if when == "rule" else "", typed["opens"], typed["closes"],
        bool(typed["on_holidays"]), reader.number("shelf_life", base.shelf_life),
        reader.moment("not_after", base.not_after), reader.number("grace", base.grace),
    )  # fmt: skip


def _policy(typed: Typed, reader: _Reader, base: Policy) -> Policy:
    policy = replace(
        base, gap=reader.number("gap", base.gap), growth=reader.share("growth", base.growth),
        errors=reader.share("errors", base.errors), confirmed=tuple(word for word in CONFIRMATIONS if typed[word]),
        budget=reader.money("budget", base.budget), phone=bool(typed["phone"]), waits=bool(typed["waits"]),
    )  # fmt: skip
    for known in get_args(UNKNOWN_POLICY):
        policy = replace(policy, unknown=known) if typed["unknown"] == known else policy
    return policy


class _Reader:
    """Reads fields, and keeps what to say of those that can't be read."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields, self.errors = fields, dict[str, str]()

    def moment(self, name: str, default: datetime | None, *, is_due: bool = False) -> datetime | None:
        text = self._fields.get(name, "")
        if text == typed_moment(default):  # to the second as it was
            found = default
        elif not text:
            found = None
        else:
            try:
                return moment_from(text)
            except ValueError:
                self.errors[name] = _("Viết ngày rồi giờ, ví dụ 30/11/2026 9:00.")
                return default
        if found is None and is_due:
            self.errors[name] = _("Chọn ngày giờ bắt đầu, hoặc chọn gửi ngay.")
        return found

    def number(self, name: str, default: float) -> float:
        try:
            return number_from(self._fields.get(name, ""))
        except ValueError:
            self.errors[name] = _("Viết một số, ví dụ {example}.").format(example=typed_number(default))
            return default

    def money(self, name: str, default: int) -> int:
        """Đồng; an empty field is nothing."""
        try:
            return money_from(self._fields.get(name, "") or "0")
        except ValueError:
            self.errors[name] = _("Viết số tiền bằng đồng, ví dụ 200.000. Không chi gì thì viết 0.")
            return default

    def share(self, name: str, default: float) -> float:
        """A share, which is typed as so many in a hundred."""
        percent = self.number(name, 100 * default)
        if name not in self.errors and not 0 <= percent <= 100:
            self.errors[name] = _("Viết số phần trăm, từ 0 đến 100.")
            return default
        return percent / 100


def differences(theirs: Draft, own: Typed) -> Iterator[tuple[str, str]]:
    """The fields in which a saved draft isn't as the form: (field, what was saved)."""
    saved = typed_of(theirs)
    for name, text in saved.fields.items():
        if text != own[name]:
            yield name, text
    if tuple(saved.messages) != tuple(own.messages):
        yield "messages", ", ".join(saved.messages)
    if tuple(saved.days) != tuple(own.days):
        yield "days", ", ".join(saved.days)

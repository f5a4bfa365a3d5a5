"""Rules for what comes again, as plain choices: every day, certain weekdays, a day of the month; until when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from bot.console.forms.values import moment_from
from bot.services.broadcasting.recurrence import WEEKDAYS
from bot.speech import _

FREQUENCIES = {"daily": "DAILY", "weekly": "WEEKLY", "monthly": "MONTHLY"}
OWN = "own"
"""The choice of a rule that is written out, for what has no plain words."""
PLAIN = {"daily": set[str](), "weekly": {"BYDAY"}, "monthly": {"BYMONTHDAY"}}
"""Parts beside FREQ, INTERVAL and the end that the choices of each frequency can say."""


def rule_from(fields: Mapping[str, str], days: Sequence[str]) -> str:
    """The rule that the choices say; what is missing or makes no sense in it is for the service to tell."""
    frequency = FREQUENCIES.get(fields.get("repeat", ""))
    if frequency is None:
        return fields.get("rule", "")
    parts = [f"FREQ={frequency}"]
    if fields.get("every", "1") not in ("", "1"):
        parts.append(f"INTERVAL={fields['every']}")
    if frequency == "WEEKLY" and days:
        parts.append("BYDAY=" + ",".join(day for day in WEEKDAYS if day in days))
    if frequency == "MONTHLY" and fields.get("month_day"):
        parts.append(f"BYMONTHDAY={fields['month_day']}")
    return ";".join([*parts, *_end(fields)])


def missing_in(fields: Mapping[str, str]) -> dict[str, str]:
    """What is missing in the choices, or makes no sense, by field."""
    if fields.get("repeat", "") not in FREQUENCIES:
        return {}
    missing = {}
    if not re.fullmatch(r"|[1-9]\d{0,2}", fields.get("every", "")):
        missing["every"] = _("Viết một số từ 1 đến 999.")
    if not _end(fields):
        is_count = fields.get("ends") == "count"
        told = _("Viết số lần gửi.") if is_count else _("Chọn ngày cuối cùng còn gửi.")
        missing["count" if is_count else "until"] = told
    return missing


def _end(fields: Mapping[str, str]) -> list[str]:
    if fields.get("ends") == "count":
        return [f"COUNT={fields['count']}"] if re.fullmatch(r"[1-9]\d{0,4}", fields.get("count", "")) else []
    try:
        return [f"UNTIL={moment_from(fields.get('until', '')):%Y%m%d}"]
    except ValueError:
        return []


def choices_of(rule: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The fields that say *rule*, and its weekdays. One that the choices can't say is written out."""
    parts = dict(part.partition("=")[::2] for part in rule.upper().removeprefix("RRULE:").split(";") if part)
    frequency = next((name for name, word in FREQUENCIES.items() if word == parts.get("FREQ")), "")
    known = {"FREQ", "INTERVAL", "COUNT", "UNTIL"} | PLAIN.get(frequency, set())
    until, days = parts.get("UNTIL", ""), tuple(parts.get("BYDAY", "").split(",")) if "BYDAY" in parts else ()
    is_plain = frequency and parts.keys() <= known and len(until) in (0, 8) and set(days) <= set(WEEKDAYS)
    if not is_plain or "," in parts.get("BYMONTHDAY", ""):
        return {"repeat": OWN, "rule": rule}, ()
    fields = {
        "repeat": frequency, "every": parts.get("INTERVAL", "1"), "month_day": parts.get("BYMONTHDAY", ""),
        "ends": "count" if "COUNT" in parts else "until", "count": parts.get("COUNT", ""), "until": _day(until),
        "rule": rule,
    }  # fmt: skip
    return fields, days


def _day(until: str) -> str:
    try:
        return date.fromisoformat(f"{until[:4]}-{until[4:6]}-{until[6:]}").isoformat()
    except ValueError:
        return ""

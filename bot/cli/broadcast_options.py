"""The options of `bot broadcast draft` and `edit` as a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from msgspec.structs import replace

from bot.cli.log import moment_of
from bot.services.broadcasting.drafting import Draft
from bot.services.broadcasting.followup import DAILY, MOST, first_slot, follow_up
from bot.services.broadcasting.model import UNKNOWN_POLICY, Body, Policy, Timing
from bot.speech import _

UNREAD = "…"
"""Stands for a text that could not be read, which is a fault already."""


class Options:
    """Reads options into a draft; what can't be read at all is left out of it and told in `faults`."""

    def __init__(self, given: Mapping[str, Any], now: datetime) -> None:
        self._given, self._now, self.faults = given, now, list[str]()

    def draft(self, base: Draft) -> Draft:
        """*base* with all that was given in place of its own."""
        given = self._given
        timing, policy, body = self._timing(base.timing), self._policy(base.policy), self._body(base.body)
        draft = replace(base, body=body, timing=timing, policy=policy)
        draft = replace(draft, **{key: given[key] for key in ("name", "segment", "urgent") if key in given})
        if "follow_up" in given:
            draft = self._followed_up(draft)
        return draft

    def _body(self, base: Body) -> Body:
        given = self._given
        if not any(given.get(key) for key in ("message", "dialog", "text")):
            return replace(base, source=given.get("source", base.source))
        texts = self._texts(given.get("text") or ())
        kept = base.source if base.text and texts else ""
        return Body(tuple(given.get("message") or ()), given.get("dialog", ""), texts, given.get("source", kept))

    def _texts(self, options: Sequence[str]) -> dict[str, str]:
        texts = {}
        for option in options:
            language, equals, file = option.partition("=")
            if not equals:
                told = _("--text {option}: viết thứ tiếng rồi tệp, ví dụ vi=tin.vi.md.")
                self.faults.append(told.format(option=option))
            elif language in texts:
                self.faults.append(_("--text {language}: nêu hai lần.").format(language=language))
            else:
                texts[language] = self._text_in(Path(file))
        return texts

    def _text_in(self, file: Path) -> str:
        try:
            return file.read_text(encoding="utf-8-sig").strip()
        except UnicodeDecodeError as error:
            told = _("{file}: không phải chữ UTF-8 (byte thứ {place}). Lưu lại tệp bằng UTF-8.")
            self.faults.append(told.format(file=file, place=error.start + 1))
        except OSError as error:
            told = _("{file}: không đọc được tệp ({why}).")
            self.faults.append(told.format(file=file, why=error.strerror))
        return UNREAD

    def _timing(self, base: Timing) -> Timing:
        plain = {key: self._given[key] for key in ("rule", "shelf_life", "grace", "on_holidays") if key in self._given}
        moments = {key: self._moment(key) for key in ("at", "not_after") if key in self._given}
        return replace(base, **plain, **moments, **self._hours())

    def _hours(self) -> dict[str, str]:
        if "hours" not in self._given:
            return {}
        opens, dash, closes = self._given["hours"].partition("-")
        if not dash:
            self.faults.append(_("--hours {hours}: viết hai giờ, ví dụ 07:00-20:30.").format(hours=opens))
            return {}
        return {"opens": opens.strip(), "closes": closes.strip()}

    def _moment(self, key: str) -> datetime | None:
        try:
            return moment_of(self._given[key])
        except ValueError as error:
            self.faults.append(f"--{key.replace('_', '-')} {error}")
            return None

    def _policy(self, base: Policy) -> Policy:
        given = self._given
        if given.get("unknown", "ask") not in get_args(UNKNOWN_POLICY):
            told = _("--unknown {word}: chọn trong: {known}.")
            self.faults.append(told.format(word=given["unknown"], known=", ".join(get_args(UNKNOWN_POLICY))))
        plain = {key: given[key] for key in ("gap", "growth", "most", "unknown", "budget", "phone") if key in given}
        plain |= {"waits": given["wait"]} if "wait" in given else {}
        return replace(base, **plain, **({"confirmed": tuple(given["confirm"])} if given.get("confirm") else {}))

    def _followed_up(self, draft: Draft) -> Draft:
        """The segment and the daily rule of a follow-up, beside what was given of either."""
        given = self._given
        query = follow_up(given["follow_up"], given["days"], given["unless"])
        if given.get("segment", "").startswith("@"):
            self.faults.append(_("--follow-up không ghép được với nhóm đã lưu (@): viết thẳng điều kiện ở --segment."))
        elif given.get("segment"):
            query = f"({query}) va ({given['segment']})"
        timing = replace(draft.timing, rule=draft.timing.rule or DAILY, at=draft.timing.at or first_slot(self._now))
        policy = replace(draft.policy, most=draft.policy.most or MOST)
        return replace(draft, segment=query, timing=timing, policy=policy)

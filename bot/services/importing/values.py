"""What a cell says: from an officer's words to the values that the bot keeps. Pure; `Wrong` says what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

from rapidfuzz import fuzz, process

from bot.engine.model import HOUSEHOLD_KINDS
from bot.engine.places import find_communes
from bot.engine.state import Commune, Library
from bot.engine.words import fold
from bot.speech import _

CHANNELS = {
    "telegram": "telegram", "tele": "telegram", "webchat": "webchat", "web chat": "webchat", "web": "webchat",
    "zalo": "zalo",
}  # fmt: skip
HOUSEHOLDS = {
    **{fold(kind): kind for kind in HOUSEHOLD_KINDS},
    "mới thoát nghèo": "moi-thoat", "thoát nghèo": "moi-thoat", "poor": "ngheo", "near poor": "can-ngheo",
    "newly escaped": "moi-thoat", "other": "khac",
}  # fmt: skip
LANGUAGES = {"tiếng Việt": "vi", "Việt": "vi", "Vietnamese": "vi", "tiếng Anh": "en", "Anh": "en", "English": "en"}
LONGEST_NAME, LONGEST_EVIDENCE, LONGEST_SHOWN = 200, 1000, 60
TELEGRAM_ID = re.compile(r"[1-9][0-9]{0,15}")
"""Telegram's ids of people have at most 52 significant bits."""
ZALO_ID = re.compile(r"[0-9]{6,25}")
WEBCHAT_ID = re.compile(r"[\x21-\x7e]{1,64}")
DATE = re.compile(r"\b(?:(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})|(\d{4})-(\d{2})-(\d{2}))\b")
REFUSALS = re.compile(
    r"\b(khong|chua|chang|k|ko) (dong y|cho phep|muon|nhan)|\btu choi|\brut (lai )?dong y|^(khong|ko|k|no)$"
)
SAYS_NOTHING = frozenset(
    ("co", "da", "roi", "dong", "y", "ngay", "vao", "luc", "yes", "ok", "x", "v", "true", "agreed", "agree", "nguoi",
     "dan", "ba", "con", "ong")
)  # fmt: skip
"""Words that say that somebody agreed, and nothing of where or how."""

AS_A_DAY = _("ghi ngày/tháng/năm: 03/11/2026")
AS_EVIDENCE = _("ghi ở đâu, ngày nào, bằng cách nào, ví dụ: Phiếu số 12 ngày 03/11/2026")


class Wrong(Exception):
    """A cell that can't be taken. `what` is wrong with it, `remedy` is what the officer can do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


class Values:
    """Reads cells for one library and day. Cells are stripped; an empty one isn't asked about."""

    def __init__(self, library: Library, today: date) -> None:
        self._library, self._today = library, today
        self._languages = _folded({name: code for name, code in LANGUAGES.items() if code in library.languages})
        self._languages |= {code: code for code in library.languages}
        dialogs = [dialog for dialog in library.dialogs.values() if dialog.topic]
        self._topics = _folded({dialog.title: dialog.id for dialog in dialogs} | {d.id: d.id for d in dialogs})
        self._ids = sorted(dialog.id for dialog in dialogs)
        self._channels, self._households = _folded(CHANNELS), _folded(HOUSEHOLDS)
        self.commune = lru_cache(maxsize=4096)(self._commune)

    def channel(self, text: str) -> str:
        """The channel: telegram, webchat, zalo."""
        return _one_of(self._channels, text, _("không có kênh này"), ("telegram", "webchat", "zalo"))

    def external_id(self, channel: str, text: str) -> str:
        """The person's id there."""
        pattern = {"telegram": TELEGRAM_ID, "zalo": ZALO_ID}.get(channel, WEBCHAT_ID)
        if pattern.fullmatch(text):
            return text
        if re.fullmatch(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+", text):
            what = _("Excel đã rút gọn số này, chữ số cuối không còn")
            raise Wrong(what, _("định dạng cột là Text (Văn bản) rồi nhập lại mã đầy đủ"))
        if channel == "webchat":
            raise Wrong(_("mã webchat không có dấu cách hay chữ có dấu, nhiều nhất 64 ký tự"), _("chép lại nguyên mã"))
        told = _("mã {channel} chỉ gồm chữ số").format(channel=channel)
        raise Wrong(told, _("ghi mã số của người đó trên kênh, không phải số điện thoại hay tên"))

    def household(self, text: str) -> str:
        """The kind of household."""
        bare = fold(text).removeprefix("ho ")
        return _one_of(self._households, bare, _("không có diện hộ này"), ("nghèo", "cận nghèo", "mới thoát", "khác"))

    def language(self, text: str) -> str:
        """The language: vi, en."""
        return _one_of(self._languages, text, _("bot chưa nói tiếng này"), sorted(self._library.languages))

    def name(self, text: str) -> str:
        """The name, on one line. A cell that looks like a formula is what it says: text."""
        name = " ".join(text.split())
        if len(name) > LONGEST_NAME:
            raise Wrong(_("tên dài quá {most} chữ").format(most=LONGEST_NAME), _("ghi ngắn lại"))
        return name

    def topics(self, text: str) -> tuple[str, ...]:
        """Topics by their dialog's id or title, parted by commas."""
        parts = [part.strip() for part in re.split(r"[,;|\n]", text) if part.strip()]
        what = _("không có chủ đề này")
        return tuple(dict.fromkeys(_one_of(self._topics, part, what, self._ids) for part in parts))

    def _commune(self, text: str) -> str:
        """The code of the commune or ward, by its code or by a name new or old that only one has."""
        if text in self._library.communes:
            return text
        found = find_communes(self._library, text)
        named = [commune for commune in found if _is_named(commune, text)]
        if len(named) == 1:
            return named[0].code
        listed = "; ".join(f"{c.code} = {c.kind} {c.name}" for c in (named or found)[:8])
        if named:
            what = _("tên “{text}” có thể là nhiều nơi").format(text=_short(text))
            raise Wrong(what, _("ghi mã thay cho tên: {listed}").format(listed=listed))
        what = _("không có xã, phường “{text}”").format(text=_short(text))
        raise Wrong(what, _("gần nhất: {listed}").format(listed=listed) if listed else _("ghi tên như trong danh mục"))

    def day(self, text: str) -> str:
        """A day that has come, in ISO; "03/11/2026" or "2026-11-03"."""
        match = DATE.fullmatch(text)
        if match is None:
            raise Wrong(_("“{text}” không phải là ngày").format(text=_short(text)), AS_A_DAY)
        return self._past(match).isoformat()

    def evidence(self, text: str, day: str) -> str:
        """Where, when and how the person agreed; *day* (ISO) is when, if *text* doesn't say it."""
        if REFUSALS.search(fold(text)):
            remedy = _("bỏ dòng này khỏi tệp: không ai bị ghi là đồng ý thay mình")
            raise Wrong(_("dòng này nói người đó không đồng ý"), remedy)
        evidence = " ".join(text.split())
        days = [self._past(match) for match in DATE.finditer(evidence)]
        if not day and not days:
            raise Wrong(_("không ghi đồng ý ngày nào"), AS_EVIDENCE)
        if not _says_how(evidence):
            raise Wrong(_("chưa nói đồng ý ở đâu, bằng cách nào"), AS_EVIDENCE)
        if len(evidence) > LONGEST_EVIDENCE:
            raise Wrong(_("bằng chứng dài quá {most} chữ").format(most=LONGEST_EVIDENCE), _("ghi ngắn lại"))
        said = date.fromisoformat(day) if day else None
        return evidence if said is None or said in days else f"{evidence} ({said:%d/%m/%Y})"

    def _past(self, match: re.Match[str]) -> date:
        day = _day_of(match)
        if day > self._today:
            raise Wrong(_("ngày {day:%d/%m/%Y} chưa tới").format(day=day), _("ghi đúng ngày người đó đồng ý"))
        return day


def _day_of(match: re.Match[str]) -> date:
    day, month, year, iso_year, iso_month, iso_day = match.groups()
    try:
        return date(int(year or iso_year), int(month or iso_month), int(day or iso_day))
    except ValueError:
        raise Wrong(_("không có ngày {text}").format(text=match[0]), AS_A_DAY) from None


def _says_how(evidence: str) -> bool:
    words = fold(DATE.sub(" ", evidence)).split()
    return len("".join(word for word in words if word not in SAYS_NOTHING)) >= 3


def _is_named(commune: Commune, text: str) -> bool:
    """Whether *text* is one of its names, whatever stands in front of it; not merely near one."""
    written = " " + (fold(text.split(",")[0]) or fold(text))
    names = (commune.name, *commune.old_communes, *commune.old_districts)
    return any(written.endswith(" " + fold(name)) for name in names) or _is_district(commune, written.strip())


def _is_district(commune: Commune, written: str) -> bool:
    return any(fold(name).endswith(" " + written) for name in commune.old_districts)


def _folded(values: Mapping[str, str]) -> dict[str, str]:
    return {fold(name): value for name, value in values.items()}


def _one_of(values: Mapping[str, str], text: str, what: str, names: Sequence[str]) -> str:
    """The value of the name *text*; else `Wrong`, with the nearest of *names* and all of them."""
    found = values.get(fold(text))
    if found is not None:
        return found
    listed = ", ".join(names)
    nearest = process.extractOne(fold(text), names, scorer=fuzz.WRatio, processor=fold, score_cutoff=60)
    if nearest is None:
        raise Wrong(f"{what}: “{_short(text)}”", _("chọn trong: {names}").format(names=listed))
    remedy = _("gần nhất: {name}; chọn trong: {names}").format(name=nearest[0], names=listed)
    raise Wrong(f"{what}: “{_short(text)}”", remedy)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"

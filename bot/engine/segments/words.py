"""The words of the query language: kinds of token by folded phrase, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping

_PHRASES: Mapping[str, str] = {
    "_AND": "va, and",
    "_OR": "hoac, or",
    "_NOT": "khong, khong phai, chua, not",
    "_IN": "trong, trong vong, in, within",
    "_BEFORE": "before",
    "_AGO": "ago",
    "_TRUOC": "truoc",  # "trước 1/11" is before, "3 ngày trước" is ago
    "_AFTER": "sau, after",
    "NEVER": "chua bao gio, never",
    "SET": "da co, co, is set, set",
    "UNSET": "chua co, khong co, is not set, is unset, not set, unset",
    "DAYS": "ngay, day, days",
    "HOURS": "gio, tieng dong ho, hour, hours, h",
    "HOUSEHOLD": "ho, ho gia dinh, loai ho, household, household kind",
    "COMMUNE": "xa, phuong, xa phuong, commune, ward",
    "LANGUAGE": "tieng, ngon ngu, language",
    "CHANNEL": "kenh, channel",
    "TOPIC": "chu de, topic",
    "CONSENT": "dong y, consent",
    "STOP": "dung tin, dung, stop, stopped",
    "SOURCE": "nguon, source",
    "FIELD": "truong, field",
    "LAST": "gap cuoi, lan cuoi, last seen",
    "FIRST": "gap dau, lan dau, first seen",
    "REACHED": "da toi, da den, reached, reached dialog, reached node",
    "ANSWERED": "da tra loi, answered, answered node",
    "FINISHED": "xong, da xong, finished, finished dialog",
    "GOT": "da nhan, da nhan tin, got, got broadcast, received, received broadcast",
    "CONTACTED": "da gui, da gui tin, contacted",
    "TALKING": "dang tro chuyen, dang trong hoi thoai, in dialog, in a dialog, in a dialog right now",
    "EVERYONE": "tat ca, moi nguoi, everyone, all",
}
PHRASES: Mapping[str, str] = {phrase: kind for kind, listed in _PHRASES.items() for phrase in listed.split(", ")}
"""Kind of token by phrase. Hyphens and spaces are one: "da-toi", "đã tới" and "Da toi" are the same phrase."""
LONGEST = max(phrase.count(" ") + 1 for phrase in PHRASES)
CLAIMS = (
    "HOUSEHOLD", "COMMUNE", "LANGUAGE", "CHANNEL", "TOPIC", "CONSENT", "STOP", "SOURCE", "FIELD", "LAST", "FIRST",
    "REACHED", "ANSWERED", "FINISHED", "GOT", "CONTACTED", "TALKING", "EVERYONE",
)  # fmt: skip
"""What a condition may begin with."""
FIELD_PHRASES = tuple(phrase.replace(" ", "-") for phrase, kind in PHRASES.items() if kind in CLAIMS)
"""The same as an error names them."""

_HOUSEHOLDS: Mapping[str, str] = {
    "ngheo": "ngheo, ho ngheo, poor",
    "can-ngheo": "can ngheo, ho can ngheo, near poor",
    "moi-thoat": "moi thoat, moi thoat ngheo, ho moi thoat ngheo, newly escaped",
    "khac": "khac, ho khac, other",
    "": "chua ro, chua noi, chua biet, not told, unknown, none",
}
_LANGUAGES: Mapping[str, str] = {"vi": "vi, viet, tieng viet, vietnamese", "en": "en, anh, tieng anh, english"}
_CHANNELS: Mapping[str, str] = {
    "telegram": "telegram", "zalo": "zalo", "zalobot": "zalobot, zalo bot",
    "webchat": "webchat, web, trang web, web chat",
}  # fmt: skip
_CONSENTS: Mapping[str, str] = {
    "co": "co, dong y, yes, agreed",
    "hoi-dap": "hoi dap, chi hoi dap, questions only",
    "khong": "khong, khong dong y, no, refused",
    "": "chua hoi, not asked, none",
}
_STOPS: Mapping[str, str] = {
    "none": "khong, none, no",
    "week": "tuan, mot tuan, week, a week",
    "broadcasts": "tin chung, broadcasts",
    "all": "tat ca, moi tin, all",
}
NO_COMMUNE = "chua ro, khong co, none, not told, unknown"
NO_TOPIC = "chua chon, khong co, none"
NO_SOURCE = "khong co, none"
FIXED: Mapping[str, Mapping[str, str]] = {
    "ho": _HOUSEHOLDS, "tieng": _LANGUAGES, "kenh": _CHANNELS, "dong-y": _CONSENTS, "dung-tin": _STOPS,
}  # fmt: skip
"""Subjects whose values don't come from the library: stored value -> how people may write it."""

"""Whether the machine's own things are in order: the database, what signs and seals, what is said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from bot.engine.checks.table import check_library
from bot.engine.state import Library
from bot.library.source import LibraryError
from bot.services.checkup.sign import Sign
from bot.speech import _

SHOWN = 3
"""Faults of the library that are told one by one: all of them are in `bot check`."""


def of_database(*, is_up_to_date: bool | None, is_synthetic: bool = False) -> Sequence[Sign]:
    """None: it isn't there, or doesn't answer."""
    if is_up_to_date is None:
        return [
            Sign("home", "bad", _("Không mở được cơ sở dữ liệu."), _("Xem BOT_DATABASE_URL, rồi chạy “bot migrate”."))
        ]
    if not is_up_to_date:
        return [Sign("home", "bad", _("Cơ sở dữ liệu chưa ở bản mới nhất."), _("Chạy “bot migrate”."))]
    found = [Sign("home", "ok", _("Cơ sở dữ liệu mở được, ở bản mới nhất."))]
    if is_synthetic:
        told = _("Dữ liệu là thử: không tin nào ra khỏi máy này, kênh nào cũng tắt.")
        found.append(Sign("home", "warn", told, _("Dùng thật thì đặt BOT_DATABASE_URL tới một cơ sở dữ liệu khác.")))
    return found


def of_secret(*, is_set: bool, file: Path, is_shared: bool) -> Sign:
    """The secret that signs cookies and seals tokens: *is_set* in the settings, or kept in *file*. *is_shared*: several
    machines may work on the database."""
    if is_set:
        return Sign("home", "ok", _("BOT_WEB_SECRET đã đặt: cookie và token đọc lại được sau khi chạy lại."))
    remedy = _("Đặt BOT_WEB_SECRET, giữ nguyên mãi, và chép vào nơi cất an toàn.")
    if is_shared:
        told = _("BOT_WEB_SECRET chưa đặt: máy khác không đọc được token và cookie của máy này.")
        return Sign("home", "warn", told, remedy)
    if not file.exists():
        return Sign("home", "warn", _("Chưa có khóa bí mật: lần chạy đầu sẽ tạo ở {file}.").format(file=file), remedy)
    return Sign("home", "ok", _("Khóa bí mật nằm ở {file}: sao lưu cùng cơ sở dữ liệu.").format(file=file))


def of_address(public_url: str) -> Sign:
    """How the world reaches us."""
    if not public_url:
        told = _("Chưa đặt BOT_PUBLIC_URL: Telegram vẫn chạy, nhưng Zalo không gửi tin tới đây được.")
        return Sign("home", "warn", told, _("Đặt địa chỉ https mà bên ngoài vào được."))
    if not public_url.startswith("https:"):
        return Sign(
            "home", "warn", _("{url} không phải https.").format(url=public_url), _("Zalo và Telegram cần https.")
        )
    return Sign("home", "ok", _("Bên ngoài vào qua {url}.").format(url=public_url))


def of_library(loaded: Library | LibraryError, today: date) -> Sequence[Sign]:
    """What `bot check` finds."""
    if isinstance(loaded, LibraryError):
        lines = [str(problem) for problem in loaded.problems[:SHOWN]]
        told = _("Không đọc được thư viện: {count} lỗi.").format(count=len(loaded.problems))
        return [Sign("library", "bad", " ".join((told, *lines)), _("Chạy “bot check” để xem hết."))]
    findings = check_library(loaded, today)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        told = _("Nội dung có {count} lỗi: {first}").format(count=len(errors), first=errors[0].shown(_))
        return [Sign("library", "bad", told, _("Chạy “bot check” để xem hết."))]
    told = _("{dialogs} hội thoại, {messages} tin, {facts} dữ kiện: không có lỗi, {warnings} điều nên xem.").format(
        dialogs=len(loaded.dialogs), messages=len(loaded.messages), facts=len(loaded.facts), warnings=len(findings)
    )
    return [Sign("library", "ok", told)]

"""What `bot run` says when it is ready: where its pages are, and how each channel is reached."""

from __future__ import annotations

from bot.config import Settings
from bot.hooks.telegram import PATH as TELEGRAM_PATH
from bot.speech import _


def announcement(settings: Settings, port: int, is_synthetic: bool) -> list[str]:
    """Its lines; *port* is the one that was taken."""
    host = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0", "::") else settings.host
    lines = [_("Trang trò chuyện: {url}").format(url=f"http://{host}:{port}/")]
    lines.append(_("Trang của cán bộ: {url}").format(url=f"http://{host}:{port}/console"))
    lines.append(_("Tình trạng máy:   {url}").format(url=f"http://{host}:{port}/health"))
    if is_synthetic:
        lines.append(_("Telegram: không bật. Dữ liệu này là thử: tin gửi đi không tới ai ngoài máy này."))
    elif settings.telegram_token is None:
        lines.append(_("Telegram: chưa bật. Đặt BOT_TELEGRAM_TOKEN để bật."))
    elif settings.public_url:
        lines.append(_("Telegram: nhận tin qua webhook ở {url}").format(url=settings.public_url + TELEGRAM_PATH))
    else:
        lines.append(_("Telegram: tự hỏi tin mới (long polling)."))
    return lines if is_synthetic else lines + _zalo(settings) + _zalobot(settings)


def _zalo(settings: Settings) -> list[str]:
    if not settings.zalo_app_id:
        return []
    from bot.hooks.zalo import PATH as ZALO_PATH

    if settings.public_url:
        return [_("Zalo: nhận tin qua webhook ở {url}").format(url=settings.public_url + ZALO_PATH)]
    return [_("Zalo: nhận tin qua webhook ở {path}, dưới địa chỉ https mà Zalo gọi tới được.").format(path=ZALO_PATH)]


def _zalobot(settings: Settings) -> list[str]:
    if settings.zalobot_token is None:
        return []
    from bot.hooks.zalobot import PATH as ZALOBOT_PATH

    if settings.public_url:
        return [_("Zalo Bot: nhận tin qua webhook ở {url}").format(url=settings.public_url + ZALOBOT_PATH)]
    return [_("Zalo Bot: tự hỏi tin mới (long polling).")]

"""Whether Telegram and the Zalo Bot Platform answer us, and send what people write to us."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.base import SendError
from bot.channels.bot_api import BotApi
from bot.channels.telegram.account import Account
from bot.channels.telegram.errors import error_in
from bot.channels.zalobot.account import Account as ZalobotAccount
from bot.channels.zalobot.errors import error_in as zalobot_error_in
from bot.services.checkup.sign import Sign
from bot.speech import _

SECONDS = 10.0
"""How long a platform has to answer."""
MANY = 100
"""Updates that wait at Telegram: more than a busy minute brings."""


async def of_telegram(token: str, *, api: str, webhook: str) -> Sequence[Sign]:
    """Ask Telegram who we are and where it sends updates. *webhook* is where it should ("": we poll)."""
    if not token:
        return [Sign("telegram", "off", _("Telegram chưa bật."), _("Đặt BOT_TELEGRAM_TOKEN để bật."))]
    bot = BotApi(token, api, error_in, read_seconds=SECONDS)
    try:
        return await _looked_at(Account(bot), webhook)
    except SendError as error:
        told = _("Telegram không trả lời được: {reason}").format(reason=error.reason)
        return [Sign("telegram", "bad", told, _("Xem BOT_TELEGRAM_TOKEN và đường mạng ra ngoài."))]
    finally:
        await bot.close()


async def _looked_at(account: Account, webhook: str) -> Sequence[Sign]:
    username = await account.introduce()
    found = [Sign("telegram", "ok", _("Telegram nhận ra bot @{name}.").format(name=username))]
    told = await account.webhook()
    found += _of_place("telegram", told.url, webhook)
    if told.last_error_message:
        line = _("Lần gần nhất Telegram không gửi tới được: {error}").format(error=told.last_error_message)
        found.append(Sign("telegram", "warn", line, _("Xem BOT_PUBLIC_URL và máy chủ trung gian.")))
    if told.pending_update_count > MANY:
        line = _("{count} tin đang đợi ở Telegram.").format(count=told.pending_update_count)
        found.append(Sign("telegram", "warn", line, _("Xem bot có đang chạy không.")))
    return found


async def of_zalobot(token: str, *, api: str, webhook: str) -> Sequence[Sign]:
    """As `of_telegram`, for the Zalo Bot Platform."""
    if not token:
        return [Sign("zalobot", "off", _("Zalo Bot Platform chưa bật."), _("Đặt BOT_ZALOBOT_TOKEN để bật."))]
    bot = BotApi(token, api, zalobot_error_in, read_seconds=SECONDS)
    account = ZalobotAccount(bot)
    try:
        name = await account.introduce()
        found = [Sign("zalobot", "ok", _("Zalo Bot Platform nhận ra bot {name}.").format(name=name))]
        return [*found, *_of_place("zalobot", await account.webhook(), webhook)]
    except SendError as error:
        told = _("Zalo Bot Platform không trả lời được: {reason}").format(reason=error.reason)
        return [Sign("zalobot", "bad", told, _("Xem BOT_ZALOBOT_TOKEN và đường mạng ra ngoài."))]
    finally:
        await bot.close()


def _of_place(area: str, there: str, wanted: str) -> Sequence[Sign]:
    """Whether updates are sent where they should be ("": they are polled for)."""
    if there == wanted:
        return []
    shown = there or _("không đặt")
    told = _("Webhook đang là {shown}, đáng ra {wanted}.").format(shown=shown, wanted=wanted or _("không đặt"))
    return [Sign(area, "warn", told, _("Chạy lại bot: lệnh run tự đặt lại."))]

"""How the Official Account stands: what the database knows of it, and what Zalo itself says when it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.base import Misconfigured, SendError
from bot.channels.zalo.account import About, Allowance, ZaloAccount
from bot.channels.zalo.api import Token
from bot.engine.content import Template
from bot.services import templates as registry
from bot.services.broadcasting.timing_words import day_and_time
from bot.services.checkup.checklist import Evidence
from bot.services.checkup.sign import Sign
from bot.services.sealing import Unsealable
from bot.services.sightings import REASONS
from bot.services.zalo_standing import ACCOUNT, Standing, seal_of, standing, trouble_of
from bot.speech import _
from bot.store import audit, grants, sightings, templates, unread
from bot.store.sightings import Sighting
from bot.store.templates import Filed

CHANNEL = "zalo"
CONSENT = "zalo.authorise"
"""The audit log's word for an admin's consent."""
SOON = timedelta(hours=2)
"""A token that ends so soon should have been renewed by now: that happens five hours ahead."""
REFUSED_TOKEN = _("Mã truy cập không còn được nhận: bot đang chạy sẽ xin mã mới, không thì cấp phép lại ở trang Kênh.")
REMEDIES: Mapping[int, str] = {
    -216: REFUSED_TOKEN,
    -220: REFUSED_TOKEN,
    -204: _("OA đang bị tắt: mở lại ở oa.zalo.me."),
    -205: _("Không có OA này: xem BOT_ZALO_OA_ID."),
    -209: _("Ứng dụng chưa kích hoạt: bật ở developers.zalo.me."),
    -212: _("Ứng dụng chưa đăng ký API này: xem quyền ở developers.zalo.me."),
    -219: _("Ứng dụng đã bị xóa hoặc tắt: xem developers.zalo.me."),
    -221: _("OA chưa xác thực: làm thủ tục ở oa.zalo.me."),
    -223: _("OA chưa cấp quyền này cho ứng dụng: cấp phép lại, chọn đủ quyền."),
    -224: _("Gói của OA không có API này: nâng gói ở oa.zalo.me."),
    -242: _("Ứng dụng đòi appsecret_proof: đặt BOT_ZALO_PROOF=true, xem BOT_ZALO_APP_SECRET."),
    -320: _("Chưa liên kết Zalo Cloud Account: liên kết để gửi tin có phí."),
    -321: _("Zalo Cloud Account hết tiền: nạp thêm."),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What the database says. `filed` are templates as Zalo told of them last."""

    tokens: Standing
    seen: Mapping[str, Sighting]
    unread: int
    filed: Mapping[str, Filed]
    evidence: Evidence


async def known(db: AsyncConnection, *, now: datetime, web_secret: str) -> Known:
    """What is in the database."""
    tokens = await standing(db, now=now, seal=seal_of(web_secret))
    seen = await sightings.of(db, CHANNEL)
    consents = await audit.recent(db, subject=f"channel:{CHANNEL}", outcome="done", limit=audit.PAGE)
    unsigned = seen["unsigned"].count if "unsigned" in seen else 0
    signed = max(0, seen["webhook"].count - unsigned) if "webhook" in seen else 0
    evidence = Evidence(
        signed, max(0, tokens.version - 1), sum(entry.action == CONSENT for entry in consents)
    )  # fmt: skip
    filed = await templates.of(db, CHANNEL)
    return Known(tokens, seen, (await unread.counts(db)).get(CHANNEL, 0), filed, evidence)


def of_known(found: Known, *, now: datetime, hours: float, soaks: bool) -> Sequence[Sign]:
    """The tokens, and what came in during the last *hours*."""
    return [_of_tokens(found.tokens, now), *_of_webhook(found.seen, now, hours, soaks), *_of_unread(found.unread)]


def _of_tokens(tokens: Standing, now: datetime) -> Sign:
    trouble = trouble_of(tokens)
    if trouble:
        return Sign(CHANNEL, "bad", trouble)
    until = day_and_time(tokens.expires_at or now)
    if (tokens.expires_at or now) < now + SOON:
        told = _("Mã truy cập hết hạn lúc {at} mà chưa được làm mới.").format(at=until)
        return Sign(CHANNEL, "warn", told, _("Xem bot có đang chạy không: lệnh run tự làm mới."))
    return Sign(CHANNEL, "ok", _("Có mã truy cập, dùng được tới {at}, tự làm mới.").format(at=until))


def _of_webhook(seen: Mapping[str, Sighting], now: datetime, hours: float, soaks: bool) -> Sequence[Sign]:
    found = []
    last, since = seen.get("webhook"), now - timedelta(hours=hours)
    remedy = _("Nhắn thử cho OA. Không thấy thì mở lại webhook ở developers.zalo.me: Zalo tự tắt khi máy ngừng lâu.")
    if last is None:
        found.append(Sign(CHANNEL, "bad", _("Chưa từng nhận sự kiện nào của Zalo."), remedy))
    elif last.at < since:
        told = _("Không có sự kiện nào trong {hours} giờ qua; lần cuối lúc {at}.")
        found.append(Sign(CHANNEL, "bad", told.format(hours=f"{hours:g}", at=day_and_time(last.at)), remedy))
    else:
        told = _("Webhook chạy: sự kiện gần nhất lúc {at}.").format(at=day_and_time(last.at))
        found.append(Sign(CHANNEL, "ok", told))
    return [*found, *_of_signatures(seen, since, soaks)]


def _of_signatures(seen: Mapping[str, Sighting], since: datetime, soaks: bool) -> Sequence[Sign]:
    found = []
    refused, unsigned = seen.get("refused"), seen.get("unsigned")
    key = _("Xem BOT_ZALO_OA_SECRET có đúng là OA Secret Key của trang webhook, BOT_ZALO_APP_ID đúng ứng dụng.")
    if refused is not None and refused.at >= since:
        told = _("Đã từ chối {count} sự kiện từ trước tới nay, gần nhất lúc {at}: {why}.")
        why = _(REASONS[refused.detail]) if refused.detail in REASONS else "–"
        line = told.format(count=refused.count, at=day_and_time(refused.at), why=why)
        found.append(Sign(CHANNEL, "warn", line, key))
    if unsigned is not None and unsigned.at >= since:
        told = _("{count} sự kiện sai chữ ký vẫn được nhận, gần nhất lúc {at}: {why}.")
        why = _(REASONS[unsigned.detail]) if unsigned.detail in REASONS else "–"
        line = told.format(count=unsigned.count, at=day_and_time(unsigned.at), why=why)
        found.append(Sign(CHANNEL, "warn", line, key))
    if soaks:
        told = _("BOT_ZALO_SOAK đang bật: sự kiện sai chữ ký vẫn được nhận.")
        found.append(Sign(CHANNEL, "warn", told, _("Qua những ngày đầu thì đặt lại false.")))
    return found


def _of_unread(count: int) -> Sequence[Sign]:
    if not count:
        return []
    told = _("{count} sự kiện không ai hiểu, còn giữ nguyên.").format(count=count)
    return [Sign(CHANNEL, "warn", told, _("Quản trị xem và tải về ở trang Kênh."))]


class Borrowed:
    """The access token as it is, never renewed: looking changes nothing. Implements `bot.channels.zalo.api.Tokens`."""

    def __init__(self, text: str, version: int) -> None:
        self._token = Token(text, version)

    async def current(self) -> Token:
        """The token."""
        return self._token

    async def renew(self, seen: Token) -> Token:
        """There is none."""
        raise Misconfigured("not renewed by who only looks")


async def borrowed(db: AsyncConnection, web_secret: str) -> Borrowed | None:
    """The access token that is in the database; None when there is none, or it is sealed with another secret."""
    grant = await grants.find(db, ACCOUNT)
    if grant is None:
        return None
    try:
        return Borrowed(seal_of(web_secret).open(grant.access), grant.version)
    except Unsealable:
        return None


async def of_account(account: ZaloAccount, oa_id: str) -> Sequence[Sign]:
    """Ask Zalo who we are and what we may still send."""
    try:
        about = await account.about()
        found = [*_of_about(about, oa_id), *_of_allowances(await account.allowances())]
    except SendError as error:
        told = _("Zalo không trả lời được: {reason}").format(reason=error.reason)
        return [Sign(CHANNEL, "bad", told, _remedy_of(error.reason))]
    return found


def _remedy_of(reason: str) -> str:
    first = reason.partition(" ")[0]
    code = int(first) if first.lstrip("-").isdigit() else 0
    return _(REMEDIES[code]) if code in REMEDIES else _("Xem đường mạng ra ngoài, và trạng thái OA ở oa.zalo.me.")


def _of_about(about: About, oa_id: str) -> Sequence[Sign]:
    found = [Sign(CHANNEL, "ok", _("Zalo nhận ra OA “{name}” ({id}).").format(name=about.name, id=about.id))]
    if about.id and oa_id and about.id != oa_id:
        told = _("Mã truy cập là của OA {theirs}, cài đặt ghi {ours}.").format(theirs=about.id, ours=oa_id)
        found.append(Sign(CHANNEL, "bad", told, _("Xem BOT_ZALO_OA_ID, hoặc cấp phép lại bằng đúng OA.")))
    if about.is_verified is False:
        told = _("OA chưa xác thực: không gửi được tin mẫu, và ít người tin.")
        found.append(Sign(CHANNEL, "warn", told, _("Làm thủ tục xác thực ở oa.zalo.me.")))
    if about.tier:
        told = _("Gói {tier}, đến {until}.").format(tier=about.tier, until=about.until or "–")
        found.append(Sign(CHANNEL, "ok", told))
    if about.has_zca is False:
        told = _("Chưa liên kết Zalo Cloud Account: tin có phí không gửi được.")
        found.append(Sign(CHANNEL, "warn", told, _("Liên kết và nạp tiền trước đợt gửi có ngân sách.")))
    return found


def _of_allowances(allowances: Sequence[Allowance]) -> Sequence[Sign]:
    told = _("Còn {remain} trên {total} tin miễn phí của gói ({kind}), đến {until}.")
    return [
        Sign(
            CHANNEL, "ok" if one.remain else "warn",
            told.format(remain=one.remain, total=one.total, kind=one.kind, until=one.until or "–"),
            "" if one.remain else _("Hết lượt miễn phí: tin sau 48 giờ tính tiền, theo ngân sách của từng đợt."),
        )
        for one in allowances
    ]  # fmt: skip


def of_templates(listed: Sequence[Template], filed: Mapping[str, Filed]) -> Sequence[Sign]:
    """What content's templates are at Zalo, and what they cost there."""
    found = []
    for template in listed:
        one = filed.get(template.id)
        why = registry.why_not(template, one)
        if why or one is None:
            found.append(Sign("templates", "warn", _("Tin {name}: {why}").format(name=template.message, why=why)))
            continue
        told = _("Tin {name}: mẫu {id} dùng được.").format(name=template.message, id=template.id)
        found.append(Sign("templates", "ok", " ".join((told, *prices_in_words(template, one)))))
    return found


def prices_in_words(template: Template, filed: Filed) -> Sequence[str]:
    """What Zalo told that one message by *template* costs, for each way that it may go."""
    told = []
    if "template" in template.by and filed.detail.price_by_id is not None:
        told.append(_("Theo mã: {price} đồng.").format(price=filed.detail.price_by_id))
    if "phone" in template.by and filed.detail.price_by_phone is not None:
        told.append(_("Theo số điện thoại: {price} đồng.").format(price=filed.detail.price_by_phone))
    return told

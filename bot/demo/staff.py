"""The officers of the made-up city, and what they sign in with. Their keys are new each time, whatever the seed."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pyotp
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.demo.clock import Clock
from bot.engine.state import Commune
from bot.services.broadcasting.rights import Refused
from bot.services.sealing import Seal, Unsealable
from bot.services.signing_in import SignIn
from bot.services.staffing import Staff
from bot.speech import _
from bot.store import credentials, markers
from bot.store.officers import Role

ADMIN, CITY_OFFICER, CITY_APPROVER, READER = "quan-tri", "thu-ha", "minh-duc", "thanh-lich"
AREA_OFFICER, AREA_APPROVER = "van-nam", "kim-oanh"
PLACES = ("Ba Vì", "Suối Hai", "Yên Bài")
"""The communes that two of them look after; each by its name, as segments have it."""
AREA = ", ".join(f'"{place}"' for place in PLACES)
SYLLABLES = (
    "lua", "tre", "song", "nui", "trau", "co", "sen", "gao", "cau", "trau-khong", "dua", "bau", "bi", "mit", "na",
    "nhan", "vai", "chuoi", "khoai", "san", "ngo", "dau", "lac", "vung", "che", "muop", "rau", "ca", "tom", "cua",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works there; `here` true: only for PLACES."""

    login: str
    name: str
    role: Role
    here: bool = False


STAFF: Sequence[Person] = (
    Person(ADMIN, "Lê Minh Châu", "admin"),
    Person(CITY_OFFICER, "Nguyễn Thu Hà", "officer"),
    Person(CITY_APPROVER, "Trần Minh Đức", "approver"),
    Person(READER, "Phạm Thanh Lịch", "staff"),
    Person(AREA_OFFICER, "Đỗ Văn Nam", "officer", here=True),
    Person(AREA_APPROVER, "Phùng Kim Oanh", "approver", here=True),
)


@dataclass(frozen=True, slots=True)
class Keys:
    """What they sign in with: one password for all, and the secret of each one's authenticator, by login."""

    password: str
    secrets: Mapping[str, str]


def new_password() -> str:
    """Of one database, told once: that its people are made up is no reason for a door that is open to everybody.

    30 ** 4 * 9000 of them, behind a second factor and a lock after five wrong guesses.
    """
    words = (secrets.choice(SYLLABLES) for _ in range(4))
    return f"{'-'.join(words)}-{1000 + secrets.randbelow(9000)}"


async def hire(staff: Staff, door: SignIn, clock: Clock, communes: Collection[Commune]) -> Keys:
    """Everybody comes, and is set up through a link of their own, as anybody would be."""
    known = {commune.code for commune in communes}
    area = [commune.code for commune in communes if commune.name in PLACES]
    password, phones = new_password(), {}
    for person in STAFF:
        where = area if person.here else ()
        await staff.add(person.login, role=person.role, known=known, name=person.name, communes=where)
        token = await door.invite(person.login)
        sealed, address = door.new_phone(person.login)
        secret = parse_qs(urlsplit(address).query)["secret"][0]
        code = pyotp.TOTP(secret).at(clock())
        await door.enroll(token, password=password, again=password, sealed=sealed, code=code)
        phones[person.login] = secret
    return Keys(password, phones)


async def code_of(db: AsyncConnection, login: str, *, web_secret: str, at: datetime) -> str:
    """The six digits that *login*'s phone would show. Raises `Refused` where people are real, or nobody is so named."""
    if not await markers.is_synthetic(db):
        raise Refused(_("Mã chỉ xem được ở cơ sở dữ liệu thử, do lệnh demo làm ra."))
    known = await credentials.find(db, login)
    if known is None or not known.totp:
        raise Refused(_("Không có cán bộ “{login}” đã cài đặt: xem lệnh “bot user list”.").format(login=login))
    try:
        return pyotp.TOTP(Seal(web_secret, "totp").open(known.totp)).at(at)
    except Unsealable:
        raise Refused(_("BOT_WEB_SECRET không còn như khi làm ra dữ liệu thử: lấy lại khóa ấy.")) from None

"""A Zalo to try a bot against by hand: it prints what to set for `bot run`; its page makes you the citizen."""

from __future__ import annotations

import argparse
import asyncio
import json
import shlex
from urllib.parse import urlsplit

from tests.fakes.zalo.app import FakeZalo
from tests.fakes.zalo.books import Parameter, Template

PEOPLE = (
    ("2512523625412515001", "Nguyễn Thị Hoa", "84912345678"),
    ("2512523625412515002", "Trần Văn Bình", "84987654321"),
    ("2512523625412515003", "Lê Thị Mai", ""),
)
TEMPLATE = Template(
    "300001",
    "Chào <ten>, phường có thông tin mới dành cho bà con. Mời bà con nhắn tin cho OA để xem.",
    (Parameter("ten", max_length=30),),
    name="Mời bà con nhắn tin",
)
HELLO = """
Zalo giả đang chạy. Trang để đóng vai bà con: {url}/

1. Ở cửa sổ khác, đặt các biến này rồi chạy bot:

{exports}

   python -m bot run

2. Muốn thử cả Zalo Bot Platform thì thêm:

   export BOT_ZALOBOT_TOKEN={bot}

3. Sự kiện sẽ được gửi tới {webhook} ngay khi bot trả lời lời gọi thử.
   Trang cấp quyền lại chấp nhận {callback}

Ctrl-C để dừng. Mọi thứ chỉ ở trong bộ nhớ: mỗi lần chạy là một Zalo mới, với cặp token mới.
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.zalo", description=__doc__)
    parser.add_argument("--port", type=int, default=8082)
    parser.add_argument("--webhook", default="http://127.0.0.1:8080/hooks/zalo", help="where the bot hears events")
    parser.add_argument("--callback", default="", help="the console's consent callback, at the webhook's host if unset")
    parser.add_argument("--buttons", choices=("accept", "-201", "-233"), default="accept", help="what becomes of them")
    parser.add_argument("--receipts", choices=("off", "received", "seen"), default="received")
    parser.add_argument("--set", action="append", default=[], metavar="RULE=JSON", help="a rule: has_tier=false")
    parser.add_argument("--quiet", action="store_true", help="don't print each call")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    parts = urlsplit(arguments.webhook)
    callback = arguments.callback or f"{parts.scheme}://{parts.netloc}/console/channels/zalo/callback"
    zalo = FakeZalo(
        buttons=arguments.buttons, receipts=arguments.receipts, verbose=not arguments.quiet, asks_admin=True,
        redirect_uris={callback}, templates={TEMPLATE.id: TEMPLATE},
    )  # fmt: skip
    zalo.bot.takes_local = True  # the bot that is tried runs here
    for rule in arguments.set:
        name, _, value = rule.partition("=")
        getattr(zalo, name)
        setattr(zalo, name, json.loads(value))
    for uid, name, phone in PEOPLE:
        zalo.user(uid, name=name, phone=phone)
    await zalo.start(arguments.port)
    settings = zalo.settings() | {"zalo_buttons": "true", "port": str(parts.port or 80)}
    exports = "\n".join(f"   export BOT_{name.upper()}={shlex.quote(value)}" for name, value in settings.items())
    print(HELLO.format(
        url=zalo.url, exports=exports, bot=shlex.quote(zalo.bot.token), webhook=arguments.webhook, callback=callback
    ), flush=True)  # fmt: skip
    try:
        await _run(zalo, arguments.webhook)
    finally:
        await zalo.stop()


async def _run(zalo: FakeZalo, webhook: str) -> None:
    """Keep probing the webhook until it answers; from then on send again what it did not take."""
    while True:
        if not zalo.webhook and await zalo.register(webhook):
            print(f"Webhook đã lưu: {webhook}", flush=True)
        await zalo.hook.run_due()
        await asyncio.sleep(1)


if __name__ == "__main__":
    try:
        asyncio.run(_serve(_arguments()))
    except KeyboardInterrupt:
        print("\nĐã dừng.")

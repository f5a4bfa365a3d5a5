"""The page of the channels where Zalo is off, or only pretended."""

from __future__ import annotations

from bot.channels.pretend import Pretend
from tests.console.composing import text_of
from tests.console.office import Console
from tests.fakes.metered import MeteredChannel


async def test_without_zalo_there_is_nothing_of_it(console: Console) -> None:
    page = await console.get("/channels", "dung")
    told = text_of(page)
    assert page.status == 200
    for words in ("Zalo Official Account", "Tin mẫu đã duyệt", "OA thật", "Có kênh hỏng"):
        assert words not in told
    assert (await console.post("/channels/zalo/templates", "dung")).status == 404
    assert "Mở trang Kênh" not in (await console.get("/")).text


async def test_a_pretended_channel_is_said_to_be_one_and_lacks_nothing(console: Console) -> None:
    console.channels["zalo"] = Pretend(MeteredChannel(console.clock, name="zalo"))  # type: ignore[index]
    told = text_of(await console.get("/channels", "dung"))
    assert "chạy thử, không gửi ra ngoài" in told
    assert "Cần cấp phép lại" not in told
    assert "Mở trang Kênh" not in (await console.get("/")).text

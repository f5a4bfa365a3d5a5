"""While it is sent: the page is told by a stream, and shows what became of whom."""

from __future__ import annotations

import pytest

from bot.console.visit import PREFIX
from bot.services.broadcasting.model import Body, Broadcast, State
from tests.console.composing import text_of
from tests.console.office import Console
from tests.services.broadcasts import add_broadcast, add_messages

BODY = Body(("tin.lai",))


async def sending(console: Console, state: State = "sending") -> Broadcast:
    one = await add_broadcast(
        console.database, BODY, "ho = ngheo", state=state, audience=40, started_at=console.clock()
    )  # fmt: skip
    await add_messages(console.database, one.id, 1, {"sent": 6, "failed": 3}, error="chat not found")
    await add_messages(console.database, one.id, 2, {"sent": 10, "queued": 9}, state="claimed")
    return one


@pytest.mark.parametrize("state", ["done", "cancelled"])
async def test_the_stream_gives_a_look_and_ends_with_the_broadcast(console: Console, state: State) -> None:
    one = await sending(console, state)
    page = await console.get(f"/broadcasts/{one.id}/progress", "xem")
    assert page.headers["Content-Type"] == "text/event-stream"
    looks = page.text.split("\n\n")
    assert [look.split("\n")[0] for look in looks if look] == ["event: look", "event: end"]
    assert "chat not found" in looks[0]
    assert all(line.startswith("data: ") for line in looks[0].split("\n")[1:])


async def test_a_page_that_follows_is_told_at_once_and_may_leave(console: Console) -> None:
    one = await sending(console)
    headers = {"Cookie": f"vuonlen-console={await console.sign_in('an')}; vuonlen-look=en.auto"}
    async with console.client.get(f"{PREFIX}/broadcasts/{one.id}/progress", headers=headers) as answer:
        first = (await answer.content.readuntil(b"\n\n")).decode()
    assert "19" in first  # 16 sent and 3 failed
    assert "40" in first
    assert f"/broadcasts/{one.id}/pause" in first


async def test_the_monitor_works_by_reload_too(console: Console) -> None:
    page = await console.get(f"/broadcasts/{(await sending(console)).id}")
    told = text_of(page)
    for part in ("đã xử lý, trên 40 tin", "Đã gửi 16", "Hỏng 3", "Đang chờ 9", "chat not found", "Tạm dừng"):
        assert part in told
    assert 'sse-connect="/console/broadcasts/' in page.text


async def test_recipients_are_found_by_outcome_and_reason_page_by_page(console: Console) -> None:
    one = await sending(console, "done")
    failed = await console.get(f"/broadcasts/{one.id}/recipients?status=failed", "xem")
    assert failed.text.count("chat not found</span>") == 3
    other = await console.get(f"/broadcasts/{one.id}/recipients?error=nothing+like+it", "xem")
    assert "Không có ai như vậy" in other.text
    await add_messages(console.database, one.id, 3, {"sent": 60})
    first = await console.get(f"/broadcasts/{one.id}/recipients?status=sent", "xem")
    assert first.text.count('<th scope="row">') == 50
    [after] = [part.split("&")[0].split('"')[0] for part in first.text.split("after=")[1:]]
    second = await console.get(f"/broadcasts/{one.id}/recipients?status=sent&after={after}", "xem")
    assert second.text.count('<th scope="row">') == 26
    for odd in ("x", "1:2:3", "9" * 30, "-1:0"):
        assert (await console.get(f"/broadcasts/{one.id}/recipients?after={odd}", "xem")).status == 200

"""What the platform says to a call that no ledger keeps counts all the same. In virtual time."""

from __future__ import annotations

from bot.channels.base import Payload, Throttled
from bot.services.turn_values import Owed
from tests.services.test_courier import LAN, MAI, Post
from tests.virtual import in_virtual_time, passed


@in_virtual_time
async def test_too_fast_rests_the_account_also_when_buttons_are_taken_off() -> None:
    post = Post(latency=0)
    post.channel.fail("mai", Throttled(30))
    post.courier.owe([Owed(0, MAI, Payload("close", b'{"to":"mai"}'))])
    await passed(1)
    post.owe(LAN, "a")
    await passed(28)
    assert post.times(LAN) == []
    await passed(2)
    assert post.channel.texts("lan") == ["a"]

"""What a Telegram update keeps of an album."""

from __future__ import annotations

from bot.messages import Kind
from tests.channels.test_telegram_wire import PICTURE, incoming, message


def test_each_picture_of_an_album_names_it() -> None:
    picture = incoming({"message": message(photo=[PICTURE], media_group_id="13371337", caption="giấy này")})
    assert picture is not None
    assert (picture.kind, picture.album, picture.text) == (Kind.PHOTO, "13371337", "giấy này")

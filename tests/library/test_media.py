"""Pictures and files of the content: which messages carry them, and mistakes named where they are."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from bot.library.media import MAX_SIDES, MediaFiles
from bot.messages import Media
from tests.library.media import PDF, jpeg, png
from tests.library.packs import LAI, SOUND, changed, load, problems_with, write

CARRIES = changed(LAI, "topic: vay-von\n", "topic: vay-von\nmedia: {file: to-roi.png, says: Tờ rơi về vay vốn}\n")
FILE = "content/messages/vay-von/lai.md"


def put(root: Path, name: str, content: bytes) -> None:
    folder = root / "content/media"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def test_a_message_carries_a_picture_with_what_it_shows(tmp_path: Path) -> None:
    put(tmp_path, "to-roi.png", png(200, 100))
    write(tmp_path, SOUND | {FILE: CARRIES})
    digest = sha256(png(200, 100)).hexdigest()[:32]
    assert load(tmp_path).messages["vay-von.lai"].media == Media(
        "to-roi.png", digest, "image", "Tờ rơi về vay vốn", 200, 100
    )


def test_a_file_has_no_sides_and_a_photo_those_of_its_frame(tmp_path: Path) -> None:
    put(tmp_path, "mau-don.pdf", PDF)
    put(tmp_path, "anh.jpg", jpeg(1200, 800))
    write(tmp_path, SOUND | {
        FILE: changed(CARRIES, "to-roi.png", "mau-don.pdf"),
        "content/messages/vay-von/khac.md": changed(CARRIES, "to-roi.png", "anh.jpg"),
    })  # fmt: skip
    found = {name: message.media for name, message in load(tmp_path).messages.items()}
    file, photo = found["vay-von.lai"], found["vay-von.khac"]
    assert file is not None
    assert photo is not None
    assert (file.kind, file.width, file.height) == ("file", 0, 0)
    assert (photo.kind, photo.width, photo.height) == ("image", 1200, 800)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("to-roi.gif", b"GIF89a", "tên tệp không dùng được. Chỉ chữ thường không dấu"),
        ("Tờ rơi.png", png(), "tên tệp không dùng được"),
        ("to-roi.png", PDF, "tệp này không phải là .png. Lưu lại đúng loại tệp."),
        ("to-roi.png", png(more=bytes(1 << 20)), "tệp nặng 1024 KB, nhiều nhất 1024 KB. Thu nhỏ tệp."),
        ("to-roi.png", png(MAX_SIDES, 1), "ảnh 10000×1 điểm không gửi được. Rộng và cao cộng lại dưới 10000 điểm."),
        ("to-roi.jpg", b"\xff\xd8\xff\xd9", "ảnh 0×0 điểm không gửi được"),
    ],
)
def test_what_some_platform_would_refuse_is_named(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    put(tmp_path, name, content)
    [problem] = problems_with(tmp_path, {})
    assert f"content/media/{name}:1: {words}" in str(problem)


def test_a_file_that_is_not_there_is_named_at_its_line_with_the_nearest(tmp_path: Path) -> None:
    put(tmp_path, "to-roi-vay.png", png())
    [problem] = problems_with(tmp_path, {FILE: CARRIES})
    assert str(problem) == f"{FILE}:4: không có tệp 'to-roi.png' trong media/. Gần nhất: 'to-roi-vay.png'."


def test_what_it_shows_must_be_said(tmp_path: Path) -> None:
    put(tmp_path, "to-roi.png", png())
    [problem] = problems_with(tmp_path, {FILE: changed(CARRIES, ", says: Tờ rơi về vay vốn", "")})
    assert "thiếu 'says'" in str(problem)


def test_the_bytes_are_read_by_name_and_digest(tmp_path: Path) -> None:
    put(tmp_path, "to-roi.png", png())
    write(tmp_path, SOUND | {FILE: CARRIES})
    media = load(tmp_path).messages["vay-von.lai"].media
    assert media is not None
    files = MediaFiles(tmp_path / "content")
    assert files.read(media.ref) == png()
    for other in (f"{media.digest}/khac.png", f"{media.digest}/../plan.yaml", "to-roi.png", "/", f"x/{media.name}"):
        with pytest.raises(LookupError):
            files.read(other)
    put(tmp_path, "to-roi.png", png(3, 3))
    with pytest.raises(LookupError):
        files.read(media.ref)  # another picture under the same name

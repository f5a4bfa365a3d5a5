"""What people type made into words, in any keyboard's leftovers, chat spelling and haste."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.understanding.spelling import BARE, accented_in, words_in
from bot.engine.understanding.syllables import SYLLABLES, settled
from bot.engine.words import fold
from tests.engine.test_words import VIETNAMESE
from tests.shipped import ROOT, shipped

SPELLINGS = shipped().spellings
SAID = [
    line
    for file in sorted((ROOT / "content/examples").glob("*.txt"))
    for line in file.read_text(encoding="utf-8").splitlines()
]
SHORTS = {fold(typed) for all_typed in SPELLINGS.shorts().values() for typed in all_typed}
SHORT = ("ko", "k", "dc", "bh", "hn", "tn", "h", "50tr", "t7", "vo61n", "dduwowcj", "kooo", "ngh", "èo", "tr", "ợ", "5")
TYPED = st.one_of(
    st.sampled_from(SAID),
    VIETNAMESE,
    st.text(),
    st.lists(st.sampled_from(sorted({word for line in SAID for word in line.split()})), max_size=12).map(" ".join),
    st.lists(st.sampled_from(SHORT), max_size=8).map(" ".join),
)


def read(text: str) -> str:
    return " ".join(accented_in(text, SPELLINGS))


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("dduwowcj", "được"), ("dduwowjc", "được"), ("hoox trowj", "hỗ trợ"), ("ngheof", "nghèo"), ("nghefo", "nghèo"),
        ("vieecj lamf", "việc làm"), ("nguwowif", "người"), ("nguwowfi", "người"), ("đươcj", "được"), ("hojc", "học"),
        ("d9uoc75", "được"), ("d9u7o7c5", "được"), ("vay vo61n", "vay vốn"), ("viec65 la2m", "việc làm"),
    ],
)  # fmt: skip
def test_what_a_keyboard_left_uncomposed_is_composed(typed: str, read_as: str) -> None:
    assert accented_in(typed) == tuple(read_as.split()) or read(typed) == read_as


@pytest.mark.parametrize(
    "word", ["taxi", "test", "photo", "zalo", "facebook", "wifi", "down", "kkk", "haha", "3g", "otp"]
)
def test_what_is_no_vietnamese_stays(word: str) -> None:
    assert "".join(words_in(word, SPELLINGS)) == word


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("ko dc vay", "không được vay"), ("k bt lm s", "không biết làm sao"), ("thủ tục ntn", "thủ tục như thế nào"),
        ("mk mún xin vc", "mình muốn xin việc"), ("làm j z", "làm gì vậy"), ("bn tiền", "bao nhiêu tiền"),
        ("thẻ bhyt", "thẻ bảo hiểm y tế"), ("đi xkld", "đi xuất khẩu lao động"), ("con hs", "con học sinh"),
        ("nộp hs vay", "nộp hồ sơ vay"), ("hộ cn", "hộ cận nghèo"), ("làm cn", "làm công nhân"),
        ("sổ hn", "sổ hộ nghèo"),
        ("ở hn", "ở hà nội"), ("thẻ bh", "thẻ bảo hiểm"), ("hai vc em", "hai vợ chồng em"),
        ("fải", "phải"), ("thjk", "thich"), ("ngèo", "nghèo"), ("nhữg", "những"), ("mìh", "mình"), ("khák", "khác"),
        ("htrợ tcấp", "ho tro tro cap"), ("kbiết", "khong biet"), ("cận ngheo", "cận ngheo"),
    ],
)  # fmt: skip
def test_chat_spelling_is_written_out_as_its_neighbours_say(typed: str, read_as: str) -> None:
    assert read(typed) == read_as


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("kooo", "không"), ("nghèooo quáaaa", "nghèo quá"), ("dạaaa", "dạ"), ("vayvon", "vay von"),
        ("hongheo", "ho ngheo"), ("xuatkhaulaodong", "xuat khau lao dong"), ("vay 50tr", "vay 50 triệu"),
        ("500k", "500 nghìn"), ("1.500.000đ", "1500000 đồng"), ("so2", "so 2"), ("kh0ng", "khong"), ("ngh èo", "nghèo"),
        ("Vаy vốn", "vay vốn"), ("ｖａｙ", "vay"), ("v\u200bay", "vay"), ("Ðược", "được"), ("① ②", "1 2"),
        ("hoà", "hoà"), ("hòa", "hoà"), ("lước sạch", "nước sạch"), ("minh châu", "minh châu"), ("", ""), ("…", ""),
        ("học trờng", "học trường"), ("chyen tien", "chuyen tien"), ("tchuyen tien", "chuyen tien"),
    ],
)  # fmt: skip
def test_letters_and_spaces_too_many_or_too_few_are_put_right(typed: str, read_as: str) -> None:
    assert read(typed) == read_as


@given(TYPED)
@settings(max_examples=400)
def test_reading_what_was_read_changes_nothing_more(text: str) -> None:
    accented = accented_in(text, SPELLINGS)
    assert accented_in(" ".join(accented), SPELLINGS) == accented


@given(st.sampled_from(SAID))
def test_without_diacritics_only_a_chat_spelling_is_read_otherwise(line: str) -> None:
    """ "Túi" is a bag and "tui" is me: what was typed with diacritics keeps a meaning that is lost without them."""
    words = words_in(line, SPELLINGS)
    if SHORTS.isdisjoint(words) and SHORTS.isdisjoint(fold(line).split()):
        assert words_in(" ".join(words), SPELLINGS) == words == words_in(fold(line), SPELLINGS)


@given(TYPED)
def test_composition_and_case_make_no_difference(text: str) -> None:
    plain = words_in(text, SPELLINGS)
    for form in ("NFC", "NFD"):
        assert words_in(unicodedata.normalize(form, text), SPELLINGS) == plain
    if text.upper().lower() == text.lower():  # "ß" has no capital that comes back
        assert words_in(text.upper(), SPELLINGS) == plain


@given(TYPED)
def test_words_are_plain_ascii_and_as_many_as_the_accented_ones(text: str) -> None:
    words = words_in(text, SPELLINGS)
    assert all(not word or (word.isascii() and word.isalnum()) for word in words)
    assert list(words) == [fold(word) for word in accented_in(text, SPELLINGS)]


@pytest.mark.parametrize("line", SAID[::40])
def test_what_is_spelt_well_is_left_alone(line: str) -> None:
    chat = {"e", "tui", "k", "hn", "cn", "c", "bhyt", "nhang", "mun", "tks", "thanks", "thank", "oke"}
    words = fold(line).split()
    if chat.isdisjoint(words) and all(word.isalpha() or word.isdigit() for word in words):  # "2h" is "2 giờ"
        assert " ".join(words_in(line, SPELLINGS)) == fold(line)


LONG = ("truong", "nghiep", "chuyen", "khuyet", "phuong", "duong", "giuong", "nghien", "khoang")


@given(st.sampled_from(LONG), st.integers(0, 3), st.booleans())
def test_letters_doubled_or_in_the_wrong_order_are_put_right_in_a_long_word(word: str, at: int, twice: bool) -> None:
    typed = word[: at + 1] + word[at:] if twice else word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    assert typed == word or words_in(typed, SPELLINGS) in ((word,), (fold(typed),)[: fold(typed) in SYLLABLES])


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("nhà xrường có tha", "nha truong co tha"), ("vốn cuyện", "von chuyen"), ("ở pường nào", "o phuong nao"),
        ("nghxch quá", "nghich qua"), ("tao muốn cht quá", "tao muon chet qua"), ("khng biết", "khong biet"),
        ("người huyết tật", "nguoi khuyet tat"), ("thansk bạn", "cam on ban"), ("Usubscribe", "unsubscribe"),
        ("con học trườgn", "con hoc truong"), ("lớp mười ra trưởng", "lop muoi ra truong"),
        ("khuyế tật", "khuyet tat"), ("bảo hiển y tế", "bao hien y te"), ("hộ nghèp", "ho ngheo"),
        ("that nghiwp", "that nghiep"), ("bức tường", "buc tuong"), ("trung thu", "trung thu"),
    ],
)  # fmt: skip
def test_a_slip_is_mended_where_the_words_around_it_speak_for_one(typed: str, read_as: str) -> None:
    assert words_in(typed, SPELLINGS) == tuple(read_as.split())


def test_a_library_without_a_table_still_repairs_what_no_syllable_is() -> None:
    assert words_in("dduwowcj vay ko", BARE) == ("duoc", "vay", "ko")


@pytest.mark.parametrize(("one", "other"), [("hòa", "hoà"), ("thủy", "thuỷ"), ("xóa", "xoá"), ("khỏe", "khoẻ")])
def test_a_tone_stands_in_one_place(one: str, other: str) -> None:
    assert settled(one) == settled(other)


def test_every_word_of_the_examples_is_a_syllable_or_foreign() -> None:
    foreign = {fold(word) for line in SAID for word in line.split()} - SYLLABLES
    vietnamese = {"nghieng", "khuyu", "quyet", "giay", "gi", "quoc", "khuya", "thuo", "huyen", "uong", "yeu"}
    assert foreign.isdisjoint(vietnamese)
    assert vietnamese <= SYLLABLES

"""A file of contacts as officers make it in Excel, line by line: what each says, or what is wrong with it. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from msgspec import Struct
from rapidfuzz import fuzz, process

from bot.engine.words import fold
from bot.services.importing.values import Values, Wrong
from bot.speech import _

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "kênh": ("channel",),
    "mã": ("id", "mã người", "mã số", "external id", "mã kênh"),
    "hộ": ("loại hộ", "diện hộ", "household", "loại", "diện"),
    "xã": ("xã phường", "phường", "phường xã", "nơi ở", "commune", "ward"),
    "tiếng": ("ngôn ngữ", "tiếng nói", "language", "lang"),
    "tên": ("họ tên", "họ và tên", "name", "full name"),
    "chủ đề": ("các chủ đề", "topics", "topic", "chủ đề quan tâm"),
    "đồng ý": ("bằng chứng", "bằng chứng đồng ý", "consent", "evidence", "consent evidence"),
    "ngày đồng ý": ("ngày", "consent date", "date", "ngày ký"),
}
"""Our columns, and what else officers call them; with or without diacritics."""
REQUIRED = ("kênh", "mã", "đồng ý")
IGNORED = frozenset(map(fold, ("stt", "số thứ tự", "tt", "no", "ghi chú", "note", "notes")))
_NAMES = {fold(name): column for column, others in COLUMNS.items() for name in (column, *others)}
DELIMITERS = ",;\t"


class Fault(Struct, frozen=True):
    """What is wrong in one place. `line` counts as an editor does; `column` is the header ("" for the whole line)."""

    line: int
    column: str
    what: str
    remedy: str

    def __str__(self) -> str:
        place = _("Dòng {line}, cột “{column}”") if self.column else _("Dòng {line}")
        return f"{place.format(line=self.line, column=self.column)}: {self.what}. {_capital(self.remedy)}."


class Entry(Struct, frozen=True):
    """One person of the file. `fields` has only what is told: ho, xa, lang, ten."""

    line: int
    channel: str
    external_id: str
    fields: Mapping[str, str]
    topics: tuple[str, ...]
    evidence: str

    @property
    def key(self) -> tuple[str, str]:
        """Their address."""
        return self.channel, self.external_id


def read_contacts(content: bytes, values: Values) -> Iterator[Entry | Fault]:
    """What *content* says, in its order: an `Entry` for each good line, else a `Fault` for each bad cell of it.

    Only the addresses seen so far are kept in memory. A header that is wrong ends it at once.
    """
    fault = _undecodable(content)
    if fault is not None:
        yield fault
        return
    rows = _rows(content)
    header = _header(next(rows, (1, [])))
    if not isinstance(header, _Header):
        yield from header
        return
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        if isinstance(row, Fault):
            yield row
            return
        yield from _unrepeated(_line(*row, header, values), seen)


class _Header(Struct, frozen=True):
    """Our column -> its place in a row; and every header as it is written."""

    places: Mapping[str, int]
    written: tuple[str, ...]


def _undecodable(content: bytes) -> Fault | None:
    remedy = _("trong Excel chọn Lưu thành (Save as), kiểu “CSV UTF-8”")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Fault(1, "", _("tệp ở dạng Unicode Text, không phải CSV UTF-8"), remedy)
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Fault(line, "", _("có chữ không phải UTF-8"), remedy)
    zero = content.find(b"\0")
    if zero >= 0:
        return Fault(content.count(b"\n", 0, zero) + 1, "", _("có ký tự NUL: đây không phải tệp CSV"), remedy)
    return None


def _rows(content: bytes) -> Iterator[tuple[int, list[str]] | Fault]:
    """(line, stripped cells) of every row that has any; a `Fault` where the quotes don't close."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    delimiter, skipped = _delimiter(text)
    reader = csv.reader(text, delimiter=delimiter, strict=True, skipinitialspace=True)
    start = skipped + 1
    try:
        for cells in reader:
            row = [cell.strip() for cell in cells]
            if any(row):
                yield start, row
            start = skipped + reader.line_num + 1
    except csv.Error:
        yield Fault(start, "", _("dấu ngoặc kép mở mà không đóng, hoặc đặt sai chỗ"), _('sửa dấu " ở dòng này'))


def _delimiter(text: io.TextIOWrapper) -> tuple[str, int]:
    """What parts the cells, and how many lines say so alone ("sep=;"); leaves *text* after those."""
    first, count = text.readline(), 1
    while first and not first.strip():
        first, count = text.readline(), count + 1
    if first.lower().startswith("sep=") and len(first.rstrip("\r\n")) == 5:
        return first[4], count
    text.seek(0)
    return max(DELIMITERS, key=first.count), 0


def _header(row: tuple[int, list[str]] | Fault) -> _Header | list[Fault]:
    if isinstance(row, Fault):
        return [row]
    line, written = row
    places: dict[str, int] = {}
    faults: list[Fault] = []
    for place, name in enumerate(written):
        column = _NAMES.get(fold(name))
        if column is None and name and fold(name) not in IGNORED:
            faults.append(_unknown(line, name))
        elif column in places:
            faults.append(Fault(line, name, _("cột này có hai lần"), _("chỉ giữ một cột")))
        elif column is not None:
            places[column] = place
    missing = [column for column in REQUIRED if column not in places]
    if missing:
        told = _("thiếu cột {columns}").format(columns=", ".join(missing))
        names = ", ".join(COLUMNS)
        faults.append(Fault(line, "", told, _("dòng đầu ghi tên các cột: {names}").format(names=names)))
    return faults or _Header(places, tuple(written))


def _unknown(line: int, name: str) -> Fault:
    nearest = process.extractOne(fold(name), _NAMES.keys(), scorer=fuzz.WRatio)
    remedy = _("gần nhất: {name}; cột không cần thì bỏ đi").format(name=_NAMES[nearest[0]])
    return Fault(line, name[:60], _("không có cột này"), remedy)


def _line(line: int, row: list[str], header: _Header, values: Values) -> Iterator[Entry | Fault]:
    """The entry of a row, or each of its faults."""
    faults: list[Fault] = []

    def read(column: str, meaning: Callable[[str], str]) -> str:
        try:
            return meaning(cell(column))
        except Wrong as wrong:
            faults.append(Fault(line, header.written[header.places[column]], wrong.what, wrong.remedy))
            return ""

    def cell(column: str) -> str:
        place = header.places.get(column)
        return row[place] if place is not None and place < len(row) else ""

    def told(column: str, meaning: Callable[[str], str]) -> str:
        return read(column, meaning) if cell(column) else ""

    channel = read("kênh", _required(values.channel))
    external_id = read("mã", _required(partial(values.external_id, channel))) if channel else ""
    fields = {
        "ho": told("hộ", values.household), "xa": told("xã", values.commune),
        "lang": told("tiếng", values.language), "ten": told("tên", values.name),
    }  # fmt: skip
    topics = told("chủ đề", lambda text: ",".join(values.topics(text)))
    day = told("ngày đồng ý", values.day)
    if day or not cell("ngày đồng ý"):  # else that fault is enough
        evidence = read("đồng ý", _required(lambda text: values.evidence(text, day)))
    if any(row[len(header.written) :]):
        faults.append(Fault(line, "", _("nhiều ô hơn số cột"), _("chữ có dấu phẩy thì để trong ngoặc kép")))
    if faults:
        yield from faults
        return
    kept = {name: value for name, value in fields.items() if value}
    yield Entry(line, channel, external_id, kept, tuple(filter(None, topics.split(","))), evidence)


def _required(meaning: Callable[[str], str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not text:
            raise Wrong(_("ô này trống"), _("mỗi người cần kênh, mã và bằng chứng đồng ý; không có thì bỏ dòng này"))
        return meaning(text)

    return read


def _unrepeated(found: Iterator[Entry | Fault], seen: dict[tuple[str, str], int]) -> Iterator[Entry | Fault]:
    for one in found:
        if isinstance(one, Entry) and one.key in seen:
            what = _("người này đã có ở dòng {line}").format(line=seen[one.key])
            yield Fault(one.line, "", what, _("chỉ giữ một dòng"))
            continue
        if isinstance(one, Entry):
            seen[one.key] = one.line
        yield one


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

"""A small library and the people who try it, for the tests of the engine's turns."""

from __future__ import annotations

from bot.engine.state import Library
from tests.engine.household import Household
from tests.shipped import library_of

FIRST = """
dialog: chao
title: Làm quen
words: [bạn là ai]
nodes:
  a:
    say: [{text: Xin chào.}]
    ask: Bà con đồng ý chứ?
    choices: [{label: "Vâng, đồng ý", go: b}, {label: "Không, cảm ơn", go: b}]
  b: {call: hoi-ten, next: c}
  c: {end: true}
"""
NAME = """
dialog: hoi-ten
title: Tên
nodes:
  ten: {ask: Tên là gì?, type: text, field: ten, low: 2, high: 20, give_up: het, skip: het, next: het}
  het: {end: true}
"""
MENU = """
dialog: menu
title: Trang chính
nodes:
  hoi:
    ask: Chuyện gì?
    choices: [{label: Vay vốn, go: /vay}, {label: Nhà ở, go: /nha}]
"""
LOAN = """
dialog: vay
title: Vay vốn
topic: true
words: [vay vốn, vay tiền]
nodes:
  hoi:
    ask: Xem phần nào?
    choices:
      - {label: Mức vay, go: muc}
      - {label: Hồ sơ, go: ho-so, set: {xem: ho-so}}
      - {label: Nơi vay, go: muc}
      - {label: Chỉ hộ nghèo, go: muc, when: {ho: ngheo}}
      - {label: Nhận tin, go: nhan}
      - {label: Gặp người, go: gap}
      - {label: Số người, go: nguoi}
      - {label: Nơi ở, go: xa}
      - {label: Điện thoại, go: dien-thoai}
  muc: {say: [{text: Vay được.}], next: hoi}
  ho-so: {ask: Có giấy chưa?, choices: [{label: Có rồi, go: hoi}, {label: Chưa có, go: tu-choi}, {label: "Bỏ qua", go: hoi}]}
  tu-choi: {say: [{text: Ra xã xin.}], end: true}
  nhan: {subscribe: [vay], next: hoi}
  gap: {handoff: vay, next: hoi}
  nguoi: {ask: Mấy người?, type: number, field: so-nguoi, low: 1, high: 20, again: "Gõ một số, ví dụ 4.", tries: 2, give_up: thoi, skip: hoi, next: hoi}
  thoi: {say: [{text: Không sao.}], next: hoi}
  xa: {ask: Ở đâu?, type: commune, field: xa, give_up: thoi, next: hoi}
  dien-thoai: {ask: Số nào?, type: phone, field: sdt, give_up: thoi, next: hoi}
"""  # noqa: E501
HOUSE = "{dialog: nha, title: Nhà ở, words: [nhà ở], nodes: {a: {say: [{text: Nhà.}], end: true}}}"
STOP = """
dialog: dung
title: Dừng
nodes:
  a: {stop: broadcasts, next: b}
  b: {say: [{text: Đã dừng.}], ask: Thế nào?, choices: [{label: Để nguyên, go: c}, {label: Xóa, go: x}]}
  c: {end: true}
  x: {stop: forget, next: y}
  y: {say: [{text: Tạm biệt.}], end: true}
"""
OFFICER = """
dialog: lien-he
title: Gặp cán bộ
nodes:
  a: {handoff: chung, next: b}
  b: {say: [{text: Đã chuyển lời.}], end: true}
"""
TRADES = """
dialog: nghe
title: Học nghề
topic: true
words: [học nghề]
nodes:
  hoi: {ask: Nghề gì?, choices: [{label: May vá, go: may}, {label: Gặp nhà, go: /nha}, {label: Trang đầu, go: /menu}]}
  may: {ask: May gì?, choices: [{label: Áo, go: hoi}, {label: Quần, go: hoi}]}
"""
SOURCES = {"chao": FIRST, "hoi-ten": NAME, "menu": MENU, "vay": LOAN, "nha": HOUSE, "dung": STOP, "lien-he": OFFICER}
LIBRARY = library_of(SOURCES)
TWO = library_of(SOURCES | {"nghe": TRADES})
"""With a second topic beside loans."""
PHRASES = LIBRARY.phrases
PLACES = ["choices", "typed", "rest"]


def at_loans(library: Library = LIBRARY, **fields: str) -> Household:
    return Household(library, fields).start("vay")


def at_people() -> Household:
    """At the question how many people there are: typed, to be skipped, two tries."""
    return at_loans().say("số người")


def at(place: str) -> Household:
    """At a question with choices, at a typed one, or at rest."""
    return at_people() if place == "typed" else at_loans() if place == "choices" else at_loans().start("nha")


def edited(old: str, new: str, source: str = LOAN) -> Library:
    """The library after somebody edited the dialog about loans."""
    assert old in source
    return library_of(SOURCES | {"vay": source.replace(old, new)})


WITHOUT_LOANS = {name: text for name, text in SOURCES.items() if name != "vay"} | {"menu": MENU.replace("/vay", "/nha")}

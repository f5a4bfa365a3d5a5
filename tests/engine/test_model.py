"""The weights that understanding rests on, as they are read and as they add up."""

from __future__ import annotations

from base64 import b64encode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.engine.understanding.features import bare, features_of
from bot.engine.understanding.model import NOUGHT, Model, Stored, shared, unshared

ROWS = [(2, 100, 0, NOUGHT + 50, 1, NOUGHT - 20), (1, 100, 1, NOUGHT + 40)]
"""Of "nghe" and "vay": how many labels, how rare, and each label with its weight."""
SMALL = Stored(
    labels=("hoc-nghe", "vay-von"), biases=(-0.5, -0.25), scale=0.1, rarity_scale=0.01, concepts={}, asides=("bao",),
    features=shared(["nghe", "vay"]), weights=b64encode(bytes(byte for row in ROWS for byte in row)).decode(),
)  # fmt: skip


def test_weights_of_known_features_add_up_by_the_length_of_what_was_said() -> None:
    model = Model(SMALL)
    assert model.scores(["vay"]) == pytest.approx({"hoc-nghe": -0.5, "vay-von": -0.25 + 4.0})
    both = model.scores(["nghe", "vay"])
    assert both == pytest.approx({"hoc-nghe": -0.5 + 5 / 2**0.5, "vay-von": -0.25 + (4 - 2) / 2**0.5})


def test_what_was_not_learnt_counts_for_nothing() -> None:
    model = Model(SMALL)
    assert model.scores(["vay", "lạ", "lắm"]) == model.scores(["vay"])
    assert model.scores([]) == {"hoc-nghe": -0.5, "vay-von": -0.25}


def test_the_evidence_is_what_each_feature_adds() -> None:
    model = Model(SMALL)
    found = dict(model.evidence(["nghe", "vay"], "vay-von"))
    assert list(found) == ["vay", "nghe"]
    assert sum(found.values()) - 0.25 == pytest.approx(model.scores(["nghe", "vay"])["vay-von"])


@pytest.mark.parametrize(
    "broken",
    [
        replace(SMALL, weights="!"), replace(SMALL, weights=""), replace(SMALL, features=""),
        replace(SMALL, biases=(0.0,)),
    ],
)  # fmt: skip
def test_parts_that_do_not_fit_are_refused(broken: Stored) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - binascii's, msgspec's and ours are all such
        Model.from_json(msgspec.json.encode(broken))


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff"])
def test_a_file_that_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Model.from_json(data)


@given(st.sets(st.text(st.characters(exclude_characters="\n", codec="utf-8"), max_size=50)))
def test_names_are_read_as_they_were_stored(names: set[str]) -> None:
    assert list(unshared(shared(sorted(names)))) == sorted(names)


def test_words_that_stand_for_one_another_are_seen_by_the_longest_entry() -> None:
    concepts = {"bò": ("vat-nuoi",), "bo": ("vat-nuoi",), "bảo hiểm y tế": ("the-y-te",), "y tế": ("kham",)}
    assert "~vat-nuoi" in features_of(["mua", "bò"], concepts)
    assert "~vat-nuoi" in features_of(["mua", "bo"], concepts)
    assert "~vat-nuoi" not in features_of(["mua", "bó"], concepts)
    said = features_of(["bảo", "hiểm", "y", "tế"], concepts)
    assert "~the-y-te" in said
    assert "~kham" not in said


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("dạ cho em hỏi vay vốn với ạ", "vay vốn"), ("cho hoi vay von a", "vay von"), ("bạn ơi vay vốn nhé", "vay vốn"),
        ("đã vay vốn", "đã vay vốn"), ("nuôi voi", "nuôi"), ("nuôi vôi", "nuôi vôi"), ("dạ", "dạ"), ("em ơi", "em ơi"),
        ("dạ vâng ạ", "vâng"),
    ],
)  # fmt: skip
def test_courtesies_are_left_out_unless_there_is_nothing_else(said: str, left: str) -> None:
    assert " ".join(bare(said.split())) == left

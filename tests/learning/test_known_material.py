"""Weights know a material whose every phase they tell apart on labels that they have not seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from keramos.core import VOID_SOLID, PhaseTable
from keramos.learning import AnnotatedSlice, AnnotatedSlices
from keramos.learning.known_material import has_learnt, knows_material
from keramos.networks import Checkpoint, give_phases, load_bundled


@pytest.fixture(scope="module")
def bundled() -> Checkpoint:
    known = load_bundled("porous-solid", 1)
    assert known is not None
    return known


def data(source: str = "abc", z: int = 7) -> AnnotatedSlices:
    """A slice of bright solid and dark void in stripes."""
    codes = (np.arange(96) // 12 % 2).astype(np.uint8)[None].repeat(96, 0)
    grey = np.clip(60 + 120 * codes + np.random.default_rng(0).normal(0, 8, codes.shape), 0, 255).astype(np.uint8)
    return AnnotatedSlices((AnnotatedSlice(grey, codes, "image.tif", z, source=source),), VOID_SOLID, None)


def test_the_bundled_weights_know_stripes_of_void_and_solid(bundled: Checkpoint) -> None:
    assert knows_material(bundled, data(), data())


def test_labels_the_other_way_round_are_another_material(bundled: Checkpoint) -> None:
    item = data().slices[0]
    inverted = replace(data(), slices=(replace(item, codes=1 - item.codes),))
    assert not knows_material(bundled, inverted, inverted)


def test_a_phase_that_begins_as_two_is_not_known(bundled: Checkpoint) -> None:
    split = give_phases(bundled, PhaseTable.from_names(("void", "solid", "more solid")), (0, 1, 1))
    item = data().slices[0]
    codes = item.codes.copy()
    codes[:10][codes[:10] == 1] = 2
    three = AnnotatedSlices((replace(item, codes=codes),), split.card.phase_table, None)
    assert not knows_material(split, three, three)


@pytest.mark.parametrize(("source", "z", "is_learnt"), [("abc", 7, True), ("abc", 8, False), ("def", 7, False)])
def test_slices_that_a_model_has_learnt_are_told(bundled: Checkpoint, source: str, z: int, is_learnt: bool) -> None:
    learnt = {"images": ("i.tif", "k.tif"), "sources": ("xyz", "abc"), "annotated_slices": ((8,), (7, 9))}
    card = bundled.card.model_copy(update={"training": bundled.card.training.model_copy(update=learnt)})
    assert has_learnt(card, data(source, z)) is is_learnt
    assert knows_material(replace(bundled, card=card), data(source, z), data(source, z)) is not is_learnt

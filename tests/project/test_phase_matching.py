"""Prediction and truth mean the same phases before they are compared."""

from __future__ import annotations

import numpy as np
import pytest
from doubles import Notes
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, LabelVolume, PhaseTable
from keramos.core.errors import LabelError, ShapeError
from keramos.core.progress import Reporter
from keramos.project.label_views import only_slices, place_in_stack, without_slices
from keramos.project.phase_matching import LabelsWithNames as Named
from keramos.project.phase_matching import reconcile

CODES: NDArray[np.uint8] = np.random.default_rng(0).integers(0, 3, (4, 6, 5)).astype(np.uint8)


def labels(*names: str, codes: NDArray[np.uint8] = CODES) -> LabelVolume:
    return LabelVolume.from_array(codes, PhaseTable.from_names(names), name="/".join(names))


def test_the_same_names_in_another_order_are_recoded() -> None:
    with_gap = CODES.copy()
    with_gap[0, 0, 0] = NOT_ANNOTATED
    found, true = reconcile(
        Named(labels("b", "c", "a", codes=with_gap), True), Named(labels("a", "b", "c"), True), Reporter()
    )
    assert found.phases.names == true.phases.names == ("a", "b", "c")
    expected = np.array([1, 2, 0], np.uint8)[CODES]
    expected[0, 0, 0] = NOT_ANNOTATED
    np.testing.assert_array_equal(found.read(), expected)
    np.testing.assert_array_equal(found.read(Box((1, 2, 0), (3, 4, 5))), expected[1:3, 2:4])


@pytest.mark.parametrize("guessed", ["truth", "prediction"])
def test_guessed_names_give_way_to_sure_ones_and_the_user_is_told(guessed: str) -> None:
    sure, guess, notes = labels("pore", "anode", "cathode"), labels("phase-0", "phase-1", "phase-2"), Notes()
    pair = (Named(sure, True), Named(guess, False)) if guessed == "truth" else (Named(guess, False), Named(sure, True))
    found, true = reconcile(*pair, notes)
    assert found.phases.names == true.phases.names == ("pore", "anode", "cathode")
    assert "anode for phase-1" in notes.notes[0]


def test_what_cannot_mean_the_same_is_refused() -> None:
    for one, other in [
        (Named(labels("pore", "grain", "crack"), True), Named(labels("a", "b", "c"), True)),
        (Named(labels("pore", "grain"), False), Named(labels("a", "b", "c"), True)),
    ]:
        with pytest.raises(LabelError, match=r"expected the phases a, b, c of a/b/c, found pore.*--phases"):
            reconcile(one, other, Reporter())


def test_slices_left_out_are_not_annotated_in_any_block() -> None:
    left = without_slices(labels("a", "b", "c"), [1, 3])
    expected = CODES.copy()
    expected[[1, 3]] = NOT_ANNOTATED
    np.testing.assert_array_equal(left.read(), expected)
    for z in range(4):
        box = Box((z, 1, 0), (z + 1, 5, 3))
        np.testing.assert_array_equal(left.read(box), expected[box.slices])
    np.testing.assert_array_equal(only_slices(labels("a", "b", "c"), [0, 2]).read(), expected)
    with pytest.raises(ShapeError, match="slices 0 to 3 of a/b/c to leave out, found 4"):
        without_slices(labels("a", "b", "c"), [4])


def test_a_single_labelled_slice_finds_its_place_in_the_stack() -> None:
    one = labels("a", "b", "c", codes=CODES[2:3])
    stack = place_in_stack(one, 7, [5])
    expected = np.full((7, 6, 5), NOT_ANNOTATED, np.uint8)
    expected[5] = CODES[2]
    np.testing.assert_array_equal(stack.read(), expected)
    np.testing.assert_array_equal(stack.read(Box((4, 1, 1), (6, 3, 4))), expected[4:6, 1:3, 1:4])
    assert place_in_stack(one, 1, None) is one
    for slices in (None, [1, 2], [7]):
        with pytest.raises(ShapeError, match="single slice in a/b/c; say which it is with --slices, from 0 to 6"):
            place_in_stack(one, 7, slices)

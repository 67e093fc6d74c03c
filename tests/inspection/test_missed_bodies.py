"""Small dark bodies that an annotator leaves out are found; what he decides, and what exact labels hold, is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, VOID_SOLID, PhaseTable, VoxelSize
from keramos.inspection import MissedBodies, find_missed_bodies, leave_bodies_out, report_missed_bodies
from keramos.learning import AnnotatedSlice, AnnotatedSlices

Codes = NDArray[np.uint8]
SOLID = (False, True)
PLACES = [(12 * row + 4, 12 * column + 4) for row in range(4) for column in range(4)]


def truth() -> Codes:
    """Solid with 16 voids of 3 x 3 pixels, the last of which is one of 3 x 20."""
    codes = np.ones((48, 64), np.uint8)
    for y, x in PLACES:
        codes[y : y + 3, x : x + 3] = 0
    codes[40:43, 40:60] = 0
    return codes


def scores(codes: Codes, sure: float = 0.95) -> NDArray[np.float32]:
    return np.where(codes == 0, 1 - sure, 0.97).astype(np.float32)


def make(codes: Codes, phases: PhaseTable = VOID_SOLID) -> AnnotatedSlices:
    grey = np.zeros(codes.shape, np.uint8)
    return AnnotatedSlices((AnnotatedSlice(grey, codes, "stack.tif", 7),), phases, VoxelSize(20, 20, 20))


def fill(codes: Codes, *numbers: int, value: int = 1) -> Codes:
    filled = codes.copy()
    for y, x in (PLACES[number] for number in numbers):
        filled[y : y + 3, x : x + 3] = value
    return filled


def test_bodies_that_were_left_out_are_found_and_not_learnt() -> None:
    data = make(fill(truth(), 1, 6))
    missed = find_missed_bodies(data, {0: scores(truth())}, SOLID)
    assert missed is not None
    assert (missed.areas, missed.drawn, missed.slices) == ((9, 9), 13, (7,))
    assert missed.share == pytest.approx(18 / truth().size)
    (left,) = leave_bodies_out(data, missed).slices
    unknown = left.codes == NOT_ANNOTATED
    assert unknown[fill(truth(), 1, 6) != truth()].all()
    assert np.count_nonzero(unknown) == 2 * 25  # with a rim of one pixel
    assert (left.codes[~unknown] == data.slices[0].codes[~unknown]).all()


@pytest.mark.parametrize(
    "codes",
    [
        truth(),  # nothing is left out
        fill(truth(), *range(8)),  # most of them: on purpose
        np.ones_like(truth()),  # no void was to be drawn
        fill(truth(), 1, 6, value=NOT_ANNOTATED),
    ],
)
def test_what_is_meant_so_is_left_alone(codes: Codes) -> None:
    assert find_missed_bodies(make(codes), {0: scores(truth())}, SOLID) is None


def test_a_network_that_is_not_sure_is_not_believed() -> None:
    data = make(fill(truth(), 1, 6))
    assert find_missed_bodies(data, {0: scores(truth(), sure=0.85)}, SOLID) is None
    assert find_missed_bodies(data, {}, SOLID) is None
    assert find_missed_bodies(data, {0: scores(truth())}, (True, True)) is None


def test_a_body_that_is_drawn_in_part_is_an_outline() -> None:
    codes = fill(truth(), 1)
    y, x = PLACES[1]
    codes[y, x] = 0
    assert find_missed_bodies(make(codes), {0: scores(truth())}, SOLID) is None


def test_specks_and_bright_bodies_are_not_doubted() -> None:
    speck = truth()
    speck[1, 1:3] = 0
    assert find_missed_bodies(make(truth()), {0: scores(speck)}, SOLID) is None
    floors = 1 - truth()
    assert find_missed_bodies(make(np.zeros_like(floors)), {0: scores(floors)}, SOLID) is None


def test_whichever_phases_are_dark() -> None:
    three = PhaseTable.from_names(["metal", "pore", "ceramic"])
    drawn = fill(truth(), 1, 6)
    recoded = np.where(drawn == 0, 1, np.where(np.arange(64) < 20, 0, 2)).astype(np.uint8)
    data, bright = make(recoded, three), (True, False, True)
    missed = find_missed_bodies(data, {0: scores(truth())}, bright)
    assert missed is not None
    assert missed.areas == (9, 9)
    message = report_missed_bodies(missed, three, bright).message
    assert "sure of 2 small bodies of pore (9 pixels) where all is labelled metal or ceramic; 13 of" in message


def test_of_several_slices_each_keeps_its_own() -> None:
    first, second = make(fill(truth(), 1)).slices[0], replace(make(truth()).slices[0], z=9)
    data = replace(make(truth()), slices=(second, first))
    missed = find_missed_bodies(data, {0: scores(truth()), 1: scores(truth())}, SOLID)
    assert missed is not None
    assert (missed.slices, missed.drawn, list(missed.masks)) == ((7,), 29, [1])
    left = leave_bodies_out(data, missed)
    assert (left.slices[0].codes == truth()).all()
    assert (left.slices[1].codes == NOT_ANNOTATED).any()


def test_the_finding_says_what_becomes_of_them() -> None:
    finding = report_missed_bodies(MissedBodies((4,), 12, 0.001, (3,), {}), VOID_SOLID, SOLID)
    assert (finding.kind, finding.slices) == ("missed-bodies", (3,))
    assert (
        "1 small body of void (4 pixels) where all is labelled solid; 12 of their size are labelled" in finding.message
    )
    assert "not learnt, neither as void nor as solid" in finding.advice
    assert "--outlines drawn" in finding.advice

"""Small dark bodies that an annotator leaves out are found; what he decides, and what exact labels hold, is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, VOID_SOLID, PhaseTable, VoxelSize
from keramos.inspection import report_missed_bodies
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


def test_bodies_that_were_left_out_are_found() -> None:
    (finding,) = report_missed_bodies(make(fill(truth(), 1, 6)), {0: scores(truth())}, SOLID)
    assert (finding.kind, finding.severity, finding.slices) == ("missed-bodies", "note", (7,))
    assert "sure of 2 small bodies of void (9 pixels) where all is labelled solid; 13 of their size" in finding.message
    assert "lacks them (0.59 % of what is annotated)" in finding.effect


def test_what_is_drawn_or_not_annotated_is_not_missed() -> None:
    assert report_missed_bodies(make(truth()), {0: scores(truth())}, SOLID) == []
    codes = fill(truth(), 1, 6)
    y, x = PLACES[1]
    codes[y, x] = NOT_ANNOTATED
    (finding,) = report_missed_bodies(make(codes), {0: scores(truth())}, SOLID)
    assert "sure of 1 small body" in finding.message
    assert "; 13 of their size are labelled" in finding.message  # of 15 others one is not annotated, one is larger


@pytest.mark.parametrize(("left_out", "told"), [(7, 1), (8, 0), (16, 0)])
def test_who_leaves_out_half_of_a_size_means_it(left_out: int, told: int) -> None:
    codes = fill(truth(), *range(min(left_out, 15)))
    codes[40:43, 40:60] = 1 if left_out == 16 else codes[40:43, 40:60]
    assert len(report_missed_bodies(make(codes), {0: scores(truth())}, SOLID)) == told


def test_a_network_that_is_not_sure_is_not_believed() -> None:
    data = make(fill(truth(), 1, 6))
    assert report_missed_bodies(data, {0: scores(truth(), sure=0.85)}, SOLID) == []
    assert report_missed_bodies(data, {}, SOLID) == []
    assert report_missed_bodies(data, {0: scores(truth())}, (True, True)) == []


def test_a_body_that_is_drawn_in_part_is_an_outline() -> None:
    codes = fill(truth(), 1)
    y, x = PLACES[1]
    codes[y, x] = 0
    assert report_missed_bodies(make(codes), {0: scores(truth())}, SOLID) == []


def test_specks_are_not_missed() -> None:
    drawn = truth()
    for x in (10, 20, 30):
        drawn[1:3, x : x + 2] = 0  # others of that size are drawn
    speck = drawn.copy()
    speck[1, 1:3] = 0
    assert report_missed_bodies(make(drawn), {0: scores(speck)}, SOLID) == []
    speck[1, 3] = 0
    (finding,) = report_missed_bodies(make(drawn), {0: scores(speck)}, SOLID)
    assert "sure of 1 small body of void (3 pixels)" in finding.message


def test_bright_bodies_are_not_doubted() -> None:
    floors = 1 - truth()
    assert report_missed_bodies(make(fill(floors, 1, value=0)), {0: scores(floors)}, SOLID) == []


def test_whichever_phases_are_dark() -> None:
    three = PhaseTable.from_names(["metal", "pore", "ceramic"])
    drawn = fill(truth(), 1)
    recoded = np.where(drawn == 0, 1, np.where(np.arange(64) < 20, 0, 2)).astype(np.uint8)
    (finding,) = report_missed_bodies(make(recoded, three), {0: scores(truth())}, (True, False, True))
    assert "sure of 1 small body of pore (9 pixels) where all is labelled metal or ceramic; 14 of" in finding.message


def test_of_several_slices_those_are_named_that_lack_some() -> None:
    first, second = make(fill(truth(), 1)).slices[0], replace(make(truth()).slices[0], z=9)
    data = replace(make(truth()), slices=(second, first))
    (finding,) = report_missed_bodies(data, {0: scores(truth()), 1: scores(truth())}, SOLID)
    assert finding.slices == (7,)
    assert finding.message.endswith("29 of their size are labelled")
    (finding,) = report_missed_bodies(data, {1: scores(truth())}, SOLID)
    assert finding.message.endswith("14 of their size are labelled; 1 of 2 slices were looked at")

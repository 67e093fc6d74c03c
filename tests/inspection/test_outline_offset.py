"""An annotator who draws all outlines to one side is found out, by how much; one who errs to both sides is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import VOID_SOLID, PhaseTable, VoxelSize
from keramos.inspection import OutlineOffset, find_outline_offset, report_outline_offset
from keramos.learning import AnnotatedSlices
from keramos.learning import outline_moves as moves
from keramos.simulation import Annotator, Phantom, move_outlines

Codes = NDArray[np.uint8]
Make = Callable[..., AnnotatedSlices]
SOLID = (False, True)


@pytest.fixture(scope="module")
def scores(world: Phantom) -> dict[int, NDArray[np.float32]]:
    """Of the solid on both slices, by a network that knows the truth but for its noise."""
    truth, noise = world.truth.read()[[1, 4]].astype(np.float32), np.random.default_rng(0).normal(0, 0.1, (2, 160, 176))
    return {n: np.float32(gaussian_filter(one, 0.7) + noise[n]) for n, one in enumerate(truth)}


def drawn(**errors: float) -> Callable[[Codes], Codes]:
    annotator = Annotator(7, **{"jitter_pixels": 0.0, "inward_pixels": 0.0, **errors})
    return lambda codes: move_outlines(codes, annotator, VoxelSize(20, 26.4, 20.8), 1)


@pytest.mark.parametrize("inward", [-1.0, 1.0, 2.0])
def test_how_far_and_to_which_side(annotated: Make, scores: dict[int, NDArray[np.float32]], inward: float) -> None:
    exact, data = annotated(), annotated(drawn(inward_pixels=inward))
    offset = find_outline_offset(data, scores, SOLID)
    assert offset is not None
    assert offset.pixels == pytest.approx(inward, abs=0.35)
    assert offset.jump_there > offset.jump_here
    shares = [np.mean([(one.codes == 1).mean() for one in some.slices]) for some in (data, exact)]
    assert offset.fraction_here == pytest.approx(shares[0])
    assert offset.fraction_there == pytest.approx(shares[1], abs=0.02)
    assert offset.slices == (1, 4)


def test_what_whole_pixels_leave_of_an_offset_is_told(annotated: Make, scores: dict[int, NDArray[np.float32]]) -> None:
    data = annotated(drawn(inward_pixels=1.5))
    offset = find_outline_offset(data, scores, SOLID)
    assert offset is not None
    moved = [moves.move_outlines(one.codes, SOLID, offset.pixels) for one in data.slices]
    again = replace(data, slices=tuple(replace(one, codes=c) for one, c in zip(data.slices, moved, strict=True)))
    wrong = [np.sum(c == 1) - np.sum(s > 0.5) for c, s in zip(moved, scores.values(), strict=True)]
    assert np.sign(offset.left) == -np.sign(sum(wrong))
    assert abs(offset.left) < 0.5
    assert find_outline_offset(again, scores, SOLID) is None
    # 7 points by moving two pixels are 3.5 for each.
    told = report_outline_offset(OutlineOffset(1.6, 12.0, 15.6, 0.65, 0.72, (3,), -0.4), VOID_SOLID, SOLID).effect
    assert "0.4 pixels outside are left, about 1.4 percentage points" in told


def test_errors_to_both_sides_are_none(annotated: Make, scores: dict[int, NDArray[np.float32]]) -> None:
    assert find_outline_offset(annotated(), scores, SOLID) is None
    for errors in ({"jitter_pixels": 1.0}, {"jitter_pixels": 2.0, "wobble_nm": 600.0}, {"inward_pixels": 0.4}):
        assert find_outline_offset(annotated(drawn(**errors)), scores, SOLID) is None


def test_a_network_that_the_image_contradicts_is_not_believed(
    annotated: Make, scores: dict[int, NDArray[np.float32]]
) -> None:
    data = annotated()
    shrunk = {place: np.float32(drawn(inward_pixels=1.0)(np.uint8(one > 0.5))) for place, one in scores.items()}
    assert find_outline_offset(data, shrunk, SOLID) is None


def test_an_offset_in_one_corner_is_none(annotated: Make, scores: dict[int, NDArray[np.float32]]) -> None:
    data, moved = annotated(), annotated(drawn(inward_pixels=2.0))
    corner = [
        replace(one, codes=np.where(np.add.outer(np.arange(160), np.arange(176)) < 90, two.codes, one.codes))
        for one, two in zip(data.slices, moved.slices, strict=True)
    ]
    assert find_outline_offset(replace(data, slices=tuple(corner)), scores, SOLID) is None


def test_whichever_code_is_bright_and_however_many_are(annotated: Make, scores: dict[int, NDArray[np.float32]]) -> None:
    def recode(codes: Codes) -> Codes:
        moved = drawn(inward_pixels=1.0)(codes)
        return np.where(moved == 1, np.uint8(0) + 2 * (np.arange(176) < 80), 1).astype(np.uint8)

    three = PhaseTable.from_names(["metal", "pore", "ceramic"])
    offset = find_outline_offset(annotated(recode, three), scores, (True, False, True))
    assert offset is not None
    assert offset.pixels == pytest.approx(1, abs=0.35)
    assert "outlines of metal and ceramic" in report_outline_offset(offset, three, (True, False, True)).message


def test_nothing_can_be_told_of_one_phase_or_without_scores(
    annotated: Make, scores: dict[int, NDArray[np.float32]]
) -> None:
    assert find_outline_offset(annotated(np.zeros_like), scores, SOLID) is None
    assert find_outline_offset(annotated(drawn(inward_pixels=1.0)), {}, SOLID) is None
    assert find_outline_offset(annotated(drawn(inward_pixels=1.0)), scores, (True, True)) is None


def test_the_finding_says_what_it_does_to_the_fraction() -> None:
    finding = report_outline_offset(OutlineOffset(-1.1, 12.0, 15.6, 0.72, 0.65, (3,)), VOID_SOLID, SOLID)
    assert finding.kind == "displaced-outlines"
    assert "solid are drawn 1.1 pixels outside of those in the image" in finding.message
    assert "solid holds 72 % of what is annotated, 65 % with the outlines moved" in finding.effect
    assert "percentage points too large" in finding.effect
    assert "--outlines drawn" in finding.advice

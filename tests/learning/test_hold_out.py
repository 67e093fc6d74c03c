"""What is held out shares no voxel, no neighbour and no column with what is learned; every phase is on both sides."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.core import NOT_ANNOTATED, VOID_SOLID
from keramos.core.errors import LabelError
from keramos.learning import AnnotatedSlice, AnnotatedSlices, split


def annotated(*codes: np.ndarray, files: tuple[str, ...] = ()) -> AnnotatedSlices:
    names = files or ("stack",) * len(codes)
    slices = [
        AnnotatedSlice(np.zeros(item.shape, np.uint8), item.astype(np.uint8), name, z)
        for z, (item, name) in enumerate(zip(codes, names, strict=True))
    ]
    return AnnotatedSlices(tuple(slices), VOID_SOLID, None)


def random_codes(seed: int, shape: tuple[int, int] = (192, 256)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2, shape)


def known(data: AnnotatedSlices) -> list[np.ndarray]:
    return [item.codes != NOT_ANNOTATED for item in data.slices]


@pytest.mark.parametrize("share", [0.05, 0.15, 0.5])
@pytest.mark.parametrize("seed", [0, 1])
def test_about_the_share_is_held_out_and_nothing_is_on_both_sides(share: float, seed: int) -> None:
    parts = split(annotated(random_codes(0)), share, seed)
    (learned,), (held,) = known(parts.learned), known(parts.held_out)
    assert share <= held.mean() < share + 0.03  # the size of a square
    assert not (learned & held).any()
    np.testing.assert_array_equal(parts.held_out.slices[0].codes[held], random_codes(0)[held])


def test_a_margin_lies_between() -> None:
    parts = split(annotated(random_codes(0)), 0.2, 0)
    (learned,), (held,) = known(parts.learned), known(parts.held_out)
    row, column = np.nonzero(held)
    for dy, dx in ((8, 0), (-8, 0), (0, 8), (0, -8), (8, 8)):
        y, x = np.clip(row + dy, 0, 191), np.clip(column + dx, 0, 255)
        assert not learned[y, x].any()


def test_the_same_columns_in_all_slices_of_a_stack_and_others_in_another() -> None:
    data = annotated(*(random_codes(seed) for seed in range(4)), files=("a", "a", "b", "b"))
    one, two, three, four = known(split(data, 0.2, 0).held_out)
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(three, four)
    assert not np.array_equal(one, three)


def test_a_phase_in_two_corners_is_on_both_sides() -> None:
    codes = np.zeros((192, 256))
    codes[:10, :10] = codes[-10:, -10:] = 1
    parts = split(annotated(codes), 0.2, 3)
    for side in (parts.learned, parts.held_out):
        assert set(np.unique(side.slices[0].codes)) == {0, 1, NOT_ANNOTATED}


def test_slices_left_with_nothing_are_dropped() -> None:
    stroke = np.full((192, 256), NOT_ANNOTATED)
    stroke[:4, :4] = 1
    parts = split(annotated(random_codes(0), stroke), 0.2, 0)
    assert len(parts.learned.slices) + len(parts.held_out.slices) == 3


def test_a_phase_in_one_place_cannot_be_on_both_sides() -> None:
    codes = np.zeros((192, 256))
    codes[3:6, 3:6] = 1
    with pytest.raises(LabelError, match="omit --hold-out"):
        split(annotated(codes), 0.2, 0)


def test_the_seed_decides() -> None:
    data = annotated(random_codes(0))
    first, again, other = (known(split(data, 0.2, seed).held_out)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)

"""Law: whatever the volume and its blocks, specks and holes are removed as from the whole, and none is left."""

from __future__ import annotations

import pickle
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from keramos.blocks import Plan, plan_blocks
from keramos.core import Box, PhaseTable, Triple
from keramos.core.progress import Reporter
from keramos.io import create_labels
from keramos.segmenters.component_filter import Removal, Removed, remove_small

FACES = ndimage.generate_binary_structure(3, 1)
SHAPES = st.tuples(st.integers(1, 10), st.integers(1, 10), st.integers(1, 10))
CORES = st.tuples(st.integers(2, 6), st.integers(2, 6), st.integers(2, 6))


def table(phases: int, positive: int) -> PhaseTable:
    return PhaseTable.from_names(
        ["void", "glass", "grain", "pore"][:phases], ["void", "glass", "grain", "pore"][positive]
    )


def removed_from_whole(codes: NDArray[np.uint8], wanted: NDArray[np.bool_], fewer: int) -> tuple[Any, int, int]:
    """The plain way: label the whole, and look at each small component by itself."""
    labels, count = ndimage.label(wanted, FACES)
    out, components, voxels = codes.copy(), 0, 0
    for number in range(1, count + 1):
        mine = labels == number
        votes = np.zeros(256, int)
        for axis in range(3):
            for step in (1, -1):
                beside = np.pad(mine, 1).astype(np.int8)
                shifted = np.roll(beside, step, axis)[1:-1, 1:-1, 1:-1].astype(bool)
                votes += np.bincount(codes[shifted & ~mine], minlength=256)
        if mine.sum() < fewer and votes.any():
            out[mine] = votes.argmax()
            components, voxels = components + 1, voxels + int(mine.sum())
    return out, components, voxels


def by_blocks(
    codes: NDArray[np.uint8], phases: PhaseTable, sizes: tuple[int, int], core: Triple
) -> tuple[NDArray[np.uint8], list[Removed]]:
    """As a run does it, with small blocks."""
    fitting = tuple(min(c, n) for c, n in zip(core, codes.shape, strict=True))
    with tempfile.TemporaryDirectory() as name:
        stores = [
            create_labels(Path(name) / part, codes.shape, phases=phases, voxel_size=None, chunks=fitting)
            for part in ("decided.ome.zarr", "labels.ome.zarr")
        ]
        whole = Box.whole(codes.shape)
        stores[0].write(whole, codes)
        removals = [Removal(holes, fewer, phases) for holes, fewer in zip((False, True), sizes, strict=True) if fewer]
        told = remove_small(
            stores[0],
            stores[1],
            removals,
            folder=Path(name) / "work",
            plan=Plan(codes.shape, fitting),
            reporter=Reporter(),
        )
        np.testing.assert_array_equal(stores[0].read(whole), codes)
        return stores[1].read(whole), told


@given(
    SHAPES,
    CORES,
    st.integers(2, 4),
    st.integers(0, 3),
    st.floats(0.1, 0.9),
    st.tuples(*[st.integers(0, 12)] * 2),
    st.integers(0, 2**32 - 1),
)
@example((7, 8, 11), (3, 4, 4), 3, 1, 0.3, (9, 9), 0)
@example((8, 9, 10), (3, 4, 4), 2, 1, 0.31, (12, 12), 1)
@settings(max_examples=12, deadline=None)
def test_blocks_give_what_the_whole_gives(
    shape: Triple, core: Triple, count: int, positive: int, share: float, sizes: tuple[int, int], seed: int
) -> None:
    phases, rng = table(count, min(positive, count - 1)), np.random.default_rng(seed)
    codes = rng.integers(0, count, shape).astype(np.uint8)
    codes[rng.random(shape) < share] = phases.positive
    if not any(sizes):
        return
    found, told = by_blocks(codes, phases, sizes, core)
    expected, counts = codes, []
    for holes, fewer in zip((False, True), sizes, strict=True):
        if fewer:
            wanted = (expected == phases.positive) != holes
            expected, *changed = removed_from_whole(expected, wanted, fewer)
            counts.append(Removed(fewer, *changed))
    np.testing.assert_array_equal(found, expected)
    assert told == counts
    for holes, fewer in zip((False, True), sizes, strict=True):
        labels, _ = ndimage.label((found == phases.positive) != holes, FACES)
        left = np.bincount(labels.ravel())[1:]
        assert len(left) == 0 or left.min() >= min(fewer, found.size)


@pytest.mark.parametrize("holes", [False, True])
def test_a_component_over_a_corner_of_eight_blocks_is_small_below_its_voxels(holes: bool) -> None:
    codes = np.zeros((8, 8, 8), np.uint8)
    codes[3:5, 3:5, 3:5] = 1
    codes[4, 4, 5:8] = 1  # eight voxels, one in each block, and an arm to the border
    codes[0, 0, :7] = 1
    codes = codes ^ holes
    for fewer, gone in ((11, False), (12, True)):
        sizes = (0, fewer) if holes else (fewer, 0)
        found, (told,) = by_blocks(codes, table(2, 1), sizes, (4, 4, 4))
        assert told == Removed(fewer, 1 + gone, 7 + 11 * gone)
        assert found[3, 3, 3] == codes[3, 3, 3] ^ gone
        assert found[0, 0, 0] == holes


def test_a_snake_through_many_layers_counts_as_one() -> None:
    """It goes down and up again, so that what it is shows only in the last layer of blocks."""
    codes = np.zeros((8, 3, 9), np.uint8)
    codes[:, 1, 1] = codes[7, 1, 1:8] = codes[:, 1, 7] = 1
    codes[3, 0, 4] = 1
    snake = 8 + 8 + 5
    for fewer, stays in ((snake, True), (snake + 1, False)):
        found, (told,) = by_blocks(codes, table(2, 1), (fewer, 0), (2, 3, 3))
        assert bool(found[0, 1, 1]) == bool(found[0, 1, 7]) == stays
        assert told == Removed(fewer, 1 + (not stays), 1 + (not stays) * snake)


def test_a_speck_gets_the_phase_it_shares_most_faces_with_and_the_lowest_on_a_tie() -> None:
    codes = np.zeros((2, 2, 8), np.uint8)
    codes[:, :, 4:] = 2
    codes[0, 0, 4] = 1  # three faces to 2 and one to 0, over a border of blocks
    codes[1, 1, 3] = 1  # one face to 2, three to 0
    found, _ = by_blocks(codes, table(3, 1), (2, 0), (1, 1, 4))
    assert (found[0, 0, 4], found[1, 1, 3]) == (2, 0)
    tie = np.array([[[2, 1, 0]]], np.uint8)
    assert by_blocks(tie, table(3, 1), (2, 0), (1, 1, 1))[0].tolist() == [[[2, 0, 0]]]


def test_what_lies_in_a_hole_goes_before_the_hole() -> None:
    """A speck in a hole counts as part of the hole; one of another phase than the positive is part of it anyway."""
    codes = np.ones((7, 7, 7), np.uint8)
    codes[2:5, 2:5, 2:5] = 0
    codes[3, 3, 3] = 1
    assert by_blocks(codes, table(2, 1), (2, 27), (3, 3, 3))[0][3, 3, 3] == 0
    assert by_blocks(codes, table(2, 1), (2, 28), (3, 3, 3))[0].all()


def test_everything_of_one_phase_stays() -> None:
    for code in (0, 1):
        codes = np.full((3, 4, 5), code, np.uint8)
        found, told = by_blocks(codes, table(2, 1), (99, 99), (2, 2, 2))
        np.testing.assert_array_equal(found, codes)
        assert told == [Removed(99, 0, 0)] * 2


def test_other_processes_in_any_order_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """What workers get is pickled, and blocks come back in any order."""

    def elsewhere(plan: Plan, task: Any, **_: Any) -> None:
        for block in np.random.default_rng(0).permutation(len(plan)):
            pickle.loads(pickle.dumps(task))(plan[int(block)])

    codes = (np.random.default_rng(3).random((12, 20, 20)) < 0.3).astype(np.uint8)
    one, told = by_blocks(codes, table(2, 1), (5, 5), (6, 10, 10))
    monkeypatch.setattr("keramos.segmenters.component_filter.stages.run_plan", elsewhere)
    other, told_too = by_blocks(codes, table(2, 1), (5, 5), (6, 10, 10))
    np.testing.assert_array_equal(one, other)
    assert told == told_too
    assert told[0].components > 50


def test_blocks_of_a_large_volume_are_few_and_small() -> None:
    from keramos.segmenters.memory import removal_plan

    plan = removal_plan((2000, 4000, 4000))
    assert plan[0].core.voxels <= 2**22
    assert len(plan) < 2**14
    assert plan == plan_blocks(plan.shape, chunk=(16, 256, 256), max_voxels=2**22)

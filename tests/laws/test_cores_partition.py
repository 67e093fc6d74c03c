"""Law: the cores of a plan partition the volume, on the chunk grid; every block reads what its core needs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keramos.blocks import Plan, align_box, plan_blocks
from keramos.core import Box
from keramos.core.errors import SettingsError

edges = st.integers(1, 37)
triples = st.tuples(edges, edges, edges)
few = st.integers(1, 21)  # voxels along an edge: where a core has one only, there are as many blocks
small = st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
strides = st.sampled_from([(1, 1, 1), (1, 8, 8), (2, 4, 4)])


@given(st.tuples(few, few, few), triples, small, strides)
@settings(max_examples=150, deadline=None)
def test_cores_cover_each_voxel_once_and_reads_hold_the_halo(shape, core, halo, stride) -> None:  # type: ignore[no-untyped-def]
    plan = Plan(shape, core, halo, stride)
    times = np.zeros(shape, int)
    whole = Box.whole(shape)
    for number, block in enumerate(plan):
        assert block.index == number
        assert plan[number] == block
        times[block.core.slices] += 1
        assert whole.contains(block.read)
        assert block.read.contains(block.core.grow(halo).clip(whole))
        assert all(a % s == 0 for a, s in zip(block.read.start, stride, strict=True))
        assert all(b % s == 0 or b == n for b, s, n in zip(block.read.stop, stride, shape, strict=True))
    assert len(plan) == number + 1
    assert (times == 1).all()


@given(triples, st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(1, 12)), st.integers(1, 4000))
@settings(max_examples=150, deadline=None)
def test_no_two_blocks_touch_one_chunk_and_blocks_keep_to_the_memory(shape, chunk, limit) -> None:  # type: ignore[no-untyped-def]
    plan = plan_blocks(shape, chunk=chunk, halo=(0, 2, 2), max_voxels=limit)
    owner: dict[tuple[int, ...], int] = {}
    for block in plan:
        chunks = [range(a // c, -(-b // c)) for a, b, c in zip(block.core.start, block.core.stop, chunk, strict=True)]
        for place in np.ndindex(*(len(r) for r in chunks)):
            key = tuple(r[i] for r, i in zip(chunks, place, strict=True))
            assert owner.setdefault(key, block.index) == block.index
        one_chunk = all(c <= max(k, 1) for c, k in zip(block.core.shape, chunk, strict=True))
        assert block.read.voxels <= limit or one_chunk


def test_whole_slices_are_kept_where_the_memory_allows() -> None:
    plan = plan_blocks((64, 500, 700), chunk=(16, 256, 256), halo=(0, 48, 48), max_voxels=16 * 512 * 768)
    assert plan.core_shape == (16, 512, 768)


def test_aligned_grows_outward_to_the_grid() -> None:
    assert align_box(Box((1, 9, 15), (2, 17, 16)), (1, 8, 8)) == Box((1, 8, 8), (2, 24, 16))


@pytest.mark.parametrize(
    "wrong", [{"core_shape": (0, 1, 1)}, {"halo": (0, -1, 0)}, {"stride": (1, 0, 1)}, {"shape": (0, 3, 3)}]
)
def test_a_plan_that_cannot_be_is_refused(wrong: dict[str, tuple[int, int, int]]) -> None:
    good = {"shape": (4, 4, 4), "core_shape": (2, 2, 2)}
    with pytest.raises(SettingsError, match="positive shape, core and stride"):
        Plan(**{**good, **wrong})


def test_a_block_past_the_end_is_an_index_error() -> None:
    with pytest.raises(IndexError, match="below 8"):
        Plan((4, 4, 4), (2, 2, 2))[8]

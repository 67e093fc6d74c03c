"""Plans keep to the memory, are the same for one worker and two where that costs nothing, and are cut into slabs."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from doubles import Soft
from numpy.typing import NDArray

from keramos.blocks import run_plan
from keramos.core import Box, Volume
from keramos.core.errors import SettingsError
from keramos.networks import Signature
from keramos.segmenters.memory import _BASE_BYTES, _need, _processes, plan_for, slabs
from keramos.segmenters.segment_block import SegmentBlock

GIB = 2**30
NETWORK = Signature(stride=(1, 16, 16), halo=(3, 96, 96), bytes_per_pixel=300)


def test_one_worker_and_two_share_a_plan_of_whole_slices() -> None:
    plans = [plan_for((620, 768, 768), NETWORK, memory_bytes=2 * GIB, workers=n) for n in (1, 2)]
    assert plans[0] == plans[1]
    assert plans[0].core_shape[1:] == (768, 768)


@pytest.mark.parametrize("depth", [16, 620, 1860, 20000])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_all_processes_keep_to_the_memory_however_deep_the_volume(depth: int, workers: int) -> None:
    memory = (workers + 1) * GIB
    plan = plan_for((depth, 768, 768), NETWORK, memory_bytes=memory, workers=workers)
    assert _need(plan, NETWORK, False) * workers + _BASE_BYTES * _processes(workers) <= memory


def test_one_worker_takes_whole_slices_where_two_could_not() -> None:
    one, two = (plan_for((100, 1024, 1536), NETWORK, memory_bytes=2 * GIB, workers=n) for n in (1, 2))
    assert one.core_shape[1:] == (1024, 1536)
    assert two.core_shape[2] < 1536


def test_kept_scores_take_room() -> None:
    shape, memory = (64, 1024, 1024), 1100 * 2**20
    kept = plan_for(shape, NETWORK, memory_bytes=memory, kept_scores=True)
    assert np.prod(kept.core_shape) <= np.prod(plan_for(shape, NETWORK, memory_bytes=memory).core_shape)


def test_too_little_names_what_would_do() -> None:
    with pytest.raises(SettingsError, match=r"at least \d+ MiB") as caught:
        plan_for((64, 1024, 1024), NETWORK, memory_bytes=GIB // 4)
    least = int(str(caught.value).split("at least ")[1].split()[0])
    assert len(plan_for((64, 1024, 1024), NETWORK, memory_bytes=least * 2**20)) > 1
    with pytest.raises(SettingsError):
        plan_for((64, 1024, 1024), NETWORK, memory_bytes=(least - 1) * 2**20)


@pytest.mark.parametrize("signature", [NETWORK, Signature(halo=(5, 0, 0), stride=(4, 1, 1), bytes_per_pixel=2**9)])
@pytest.mark.parametrize("shape", [(37, 96, 112), (5, 600, 700)])
def test_slabs_partition_their_block_and_read_no_more_than_it(signature: Signature, shape: tuple[int, ...]) -> None:
    for block in plan_for(shape, signature, memory_bytes=2 * GIB):  # type: ignore[arg-type]
        times = np.zeros(shape, np.uint8)
        for slab in slabs(block, signature, shape[0]):
            times[slab.core.slices] += 1
            assert all(a >= b for a, b in zip(slab.read.start, block.read.start, strict=True))
            assert all(a <= b for a, b in zip(slab.read.stop, block.read.stop, strict=True))
            assert slab.read.start[0] % signature.stride[0] == 0
            low, high = slab.core.start[0] - signature.halo[0], slab.core.stop[0] + signature.halo[0]
            assert slab.read.start[0] <= max(low, 0)
            assert slab.read.stop[0] >= min(high, shape[0])
        assert (times[block.core.slices] == 1).all()
        assert times.sum() == times[block.core.slices].size


class Fresh:
    """A source of float32 pixels that are made as they are read, as from a file."""

    shape, dtype = (512, 128, 128), np.dtype(np.float32)

    def read(self, box: Box) -> NDArray[np.float32]:
        return np.full(box.shape, 100, np.float32)


class Nowhere:
    """A store that keeps nothing."""

    def write(self, box: Box, pixels: NDArray[np.uint8]) -> None:
        pass


def test_blocks_take_no_more_memory_than_they_were_planned_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that NumPy allocates is measured, while blocks are read ahead, segmented and written."""
    monkeypatch.setattr("keramos.segmenters.memory.BATCH_BYTES", 2**20)
    room, segmenter = 16 * 2**20, Soft()
    plan = plan_for(Fresh.shape, segmenter.signature, memory_bytes=_BASE_BYTES + room)
    assert len(plan) > 3
    task = SegmentBlock(Volume(Fresh()), segmenter, Nowhere(), None)  # type: ignore[arg-type]
    tracemalloc.start()
    try:
        run_plan(plan, task)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0.3 * room < peak < room

"""Worker processes keep to the memory together; a killed pass goes on in its blocks where there is room for them."""

from __future__ import annotations

import re
from math import prod

import pytest

from keramos.blocks import Plan
from keramos.core.errors import SettingsError
from keramos.measurements.volume import plan_for, resume_plan
from keramos.settings.quantify import MeasurementOptions

MIB = 2**20
SHAPE = (2000, 1500, 1500)


def with_workers(workers: int, mebibytes: int) -> MeasurementOptions:
    return MeasurementOptions(workers=workers, memory=mebibytes * MIB)


@pytest.mark.parametrize("workers", [2, 3, 16])
def test_a_process_and_a_block_for_each_worker_and_one_more(workers: int) -> None:
    """A worker was seen to take 180 MiB beside its block, of which a voxel takes 40 bytes at most."""
    mebibytes = 400 * (workers + 1)
    blocks = prod(plan_for(SHAPE, with_workers(workers, mebibytes)).core_shape)
    assert (blocks * 40 + 180 * MIB) * (workers + 1) <= mebibytes * MIB
    assert 4 * blocks * 40 * (workers + 1) >= 200 * (workers + 1) * MIB, "what is left is used"


def test_too_little_for_all_processes_is_refused_with_what_would_do() -> None:
    with pytest.raises(SettingsError, match=r"expected at least \d+ MiB of --memory for 16 workers") as refused:
        plan_for(SHAPE, with_workers(16, 2048))
    least = int(re.findall(r"\d+", str(refused.value))[0])
    assert 17 * 180 < least < 17 * 300
    assert plan_for(SHAPE, with_workers(16, least)).core_shape == (16, 256, 256)
    with pytest.raises(SettingsError, match="found"):
        plan_for(SHAPE, with_workers(16, least - 1))
    assert plan_for(SHAPE, with_workers(1, 20)), "one process was never refused"
    assert plan_for((8, 8, 8), with_workers(2, 600)), "nor are small volumes"


def test_an_unfinished_pass_goes_on_in_its_blocks_with_as_many_workers_as_have_room() -> None:
    few, many = with_workers(2, 1200), with_workers(8, 2400)
    large, small = plan_for(SHAPE, few), plan_for(SHAPE, many)
    assert prod(large.core_shape) > prod(small.core_shape)
    assert resume_plan(None, SHAPE, many) == (small, 8)
    assert resume_plan(small, SHAPE, few) == (small, 2), "smaller blocks than there is room for"
    plan, workers = resume_plan(large, SHAPE, many)
    assert plan == large
    assert 2 <= workers < 8
    assert resume_plan(large, SHAPE, with_workers(1, 20))[0] == plan_for(SHAPE, with_workers(1, 20)), "no room"
    other = Plan((100, 1500, 1500), (10, 1500, 1500))
    assert resume_plan(other, SHAPE, many) == (small, 8), "of another volume"

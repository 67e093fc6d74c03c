"""Worker processes keep to the memory together; a killed pass goes on in its blocks where there is room for them."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from functools import partial
from math import prod
from pathlib import Path

import numpy as np
import pytest
from doubles import Notes

from keramos.blocks import Block, Plan, count_cores
from keramos.core import VOID_SOLID, Box, LabelVolume, VoxelSize
from keramos.core.errors import OptionError, SettingsError
from keramos.measurements import subvolume_pass
from keramos.measurements.measurement import Measurement
from keramos.measurements.registry import MEASUREMENTS
from keramos.measurements.results import Measurements
from keramos.measurements.subvolume_pass import _fit_workers, _MeasureBox
from keramos.measurements.volume import MeasuredVolume, plan_for, resume_plan
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


def measured_volume(**options: object) -> MeasuredVolume:
    labels = LabelVolume.from_array(np.zeros((2, 2, 2), np.uint8), VOID_SOLID, VoxelSize(1, 1, 1))
    return MeasuredVolume.of_annotated(labels, MeasurementOptions().replace(**options))


def fit_workers(edge: int, count: int, measured: str = "local-thickness", **options: object) -> tuple[int, list[str]]:
    """How many workers have room for so many boxes, half of each of which is void; and what is said."""
    tasks = [(Box((0, 0, 0), (edge, edge, edge)), [MEASUREMENTS.find(measured)], {0: 0.5, 1: 0.4})] * count
    return _fit_workers(measured_volume(**options), tasks, notes := Notes()), notes.notes


def test_subvolumes_are_shared_out_over_workers_that_have_room_for_one_each() -> None:
    """One of 256 voxels takes 1.25 GiB."""
    assert fit_workers(256, 8, workers=2, memory=3200 * MIB) == (2, [])
    workers, (note,) = fit_workers(256, 8, workers=2, memory=2600 * MIB)
    assert workers == 1
    assert re.search(r"one after the other: for 2 workers they take about 3\.\d+ GiB of --memory", note)
    workers, (note,) = fit_workers(256, 8, workers=4, memory=4700 * MIB)
    assert workers == 3
    assert re.search(r"by 3 workers: for 4 workers they take about 5\.\d+ GiB of --memory", note)
    assert fit_workers(64, 8, workers=2, memory=2600 * MIB) == (2, [])
    assert fit_workers(64, 1, workers=2) == (1, [])
    assert fit_workers(64, 2, workers=4) == (2, []), "no worker without a subvolume"
    assert fit_workers(64, 8) == (1, [])
    assert fit_workers(256, 8, scheduler="tcp://host:1") == (1, []), "the memory that was checked is a worker's"


def test_the_stokes_flow_of_subvolumes_takes_what_its_solver_takes() -> None:
    """1500 bytes for each voxel of the phase; where that is more than allowed, a box of all that is."""
    stokes = partial(fit_workers, 160, 8, "permeability", permeability=True)
    assert stokes(workers=2, memory=6500 * MIB) == (2, []), "2.9 GiB each"
    assert stokes(workers=4, memory=6500 * MIB)[0] == 2
    assert stokes(workers=2, memory=6000 * MIB)[0] == 1
    assert stokes(workers=2, memory=2048 * MIB)[0] == 1
    assert stokes(workers=4, memory=4096 * MIB)[0] == 1


def test_a_worker_takes_one_core_for_its_subvolumes_and_all_for_what_comes_after() -> None:
    cores: list[int] = []

    def count(*_: object) -> Measurements:
        cores.append(count_cores())
        return Measurements()

    box = Box((0, 0, 0), (2, 2, 2))
    task = _MeasureBox(measured_volume(), [(box, [Measurement(name="cores", on_subvolume=count)], {})])
    task(Block(0, box, box))
    task.limit_threads(1)
    task(Block(0, box, box))
    assert cores == [os.cpu_count(), 1]
    assert count_cores() == os.cpu_count()
    assert task.one_at_a_time, "its box may take all memory of a worker"


def test_workers_get_nothing_of_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    pickled: list[MeasuredVolume] = []

    def measure_in_order(_: object, task: _MeasureBox, **options: object) -> list[object]:
        pickled.append(task.volume)
        return []

    monkeypatch.setattr(subvolume_pass, "measure_in_order", measure_in_order)
    labels = LabelVolume.from_array(np.zeros((2, 2, 2), np.uint8), VOID_SOLID, VoxelSize(1, 1, 1))
    volume = replace(measured_volume(workers=2), object_ids=Path("ids"), instances=labels)
    tasks = [(Box((0, 0, 0), (2, 2, 2)), [MEASUREMENTS.find("local-thickness")], {})] * 2
    assert list(subvolume_pass._measure_all(volume, tasks, Notes())) == []
    assert [(one.object_ids, one.instances) for one in pickled] == [(None, None)]


def test_workers_of_this_machine_and_of_a_cluster_are_refused_together() -> None:
    with pytest.raises(OptionError, match=r"^workers: expected only without a Dask cluster \(--scheduler\)"):
        MeasurementOptions(workers=4, scheduler="tcp://host:8786")
    assert MeasurementOptions(workers=1, scheduler="tcp://host:8786").scheduler

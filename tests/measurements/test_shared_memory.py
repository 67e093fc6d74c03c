"""Worker processes keep to the memory together; a killed pass goes on in its blocks where there is room for them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import prod
from pathlib import Path

import numpy as np
import pytest
from doubles import Notes

from keramos.blocks import Block, Plan, count_cores, fold
from keramos.core import VOID_SOLID, Box, LabelVolume, VoxelSize
from keramos.core.errors import OptionError
from keramos.core.progress import Reporter
from keramos.measurements import measure_sensitivity, subvolume_pass
from keramos.measurements.measurement import Measurement
from keramos.measurements.registry import MEASUREMENTS
from keramos.measurements.results import Measurements
from keramos.measurements.run import _note_fewer, quantify_with
from keramos.measurements.subvolume_pass import _fit_workers, _MeasureBox
from keramos.measurements.volume import MeasuredVolume, fit_workers, plan_for, resume_plan
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


def test_fabric_and_windows_take_more_of_each_voxel() -> None:
    """60 bytes were measured."""
    for option in ("fabric", "heterogeneity"):
        settings = with_workers(1, 512).replace(**{option: True})
        blocks = prod(plan_for((2000, 512, 512), settings).core_shape)
        assert blocks * 60 * 3 <= 512 * MIB


def test_workers_without_room_are_left_out_with_what_would_do() -> None:
    fitting = fit_workers(SHAPE, with_workers(16, 2048), notes := Notes())
    assert 6 <= fitting.workers <= 9, "some 230 MiB each"
    (note,) = notes.notes
    assert note.startswith(f"measures with {fitting.workers} of 16 workers: all of them take at least ")
    least = int(re.findall(r"\d+ MiB", note)[0].split()[0])
    assert 17 * 180 < least < 17 * 300
    assert plan_for(SHAPE, with_workers(16, least)).core_shape == (16, 256, 256)
    assert fit_workers(SHAPE, with_workers(16, least), Notes()).workers == 16
    assert fit_workers(SHAPE, with_workers(16, least - 1), Notes()).workers == 15
    assert fit_workers(SHAPE, with_workers(2, 20), Notes()).workers == 1
    assert plan_for(SHAPE, with_workers(16, 2048)) == plan_for(SHAPE, fitting)
    small, notes = (8, 8, 8), Notes()
    assert fit_workers(small, with_workers(2, 600), notes).workers == 2
    assert not notes.notes


def test_an_unfinished_pass_goes_on_in_its_blocks_with_as_many_workers_as_have_room() -> None:
    few, many = with_workers(2, 1200), with_workers(8, 2400)
    large, small = plan_for(SHAPE, few), plan_for(SHAPE, many)
    assert prod(large.core_shape) > prod(small.core_shape)
    assert resume_plan(None, SHAPE, many) == (small, many)
    assert resume_plan(small, SHAPE, few) == (small, few), "smaller blocks than there is room for"
    plan, fewer = resume_plan(large, SHAPE, many)
    assert plan == large
    assert 2 <= fewer.workers < 8
    assert resume_plan(large, SHAPE, with_workers(1, 20))[0] == plan_for(SHAPE, with_workers(1, 20)), "no room"
    other = Plan((100, 1500, 1500), (10, 1500, 1500))
    assert resume_plan(other, SHAPE, many) == (small, many), "of another volume"


def test_an_unfinished_pass_goes_on_in_its_blocks_with_as_many_threads_as_have_room() -> None:
    """Blocks for three of which there is room, two that are measured and one that is read."""
    begun = MeasurementOptions(threads=2, memory=1024 * MIB)
    for threads, workers in ((16, 1), (16, 2)):
        plan, fewer = resume_plan(plan_for(SHAPE, begun), SHAPE, begun.replace(threads=threads, workers=workers))
        assert plan == plan_for(SHAPE, begun)
        assert fewer.workers == 1
        assert 2 <= fewer.threads < 16


@pytest.mark.parametrize(
    ("fewer", "note"),
    [
        ({"workers": 2, "threads": 2}, "goes on with 2 of 4 workers: "),
        ({"workers": 1, "threads": 3}, "goes on with 1 of 4 workers and 3 of 8 threads: "),
        ({"workers": 4, "threads": 4}, None),
    ],
)
def test_what_has_no_room_is_said(fewer: dict[str, int], note: str | None) -> None:
    settings = MeasurementOptions(workers=4, threads=8)
    _note_fewer(settings, settings.replace(**fewer), notes := Notes())
    assert [one.split("the blocks")[0] for one in notes.notes] == ([] if note is None else [note])


def measured_volume(**options: object) -> MeasuredVolume:
    labels = LabelVolume.from_array(np.zeros((2, 2, 2), np.uint8), VOID_SOLID, VoxelSize(1, 1, 1))
    return MeasuredVolume.of_annotated(labels, MeasurementOptions().replace(**options))


def workers_of(edge: int, count: int, measured: str = "local-thickness", **options: object) -> tuple[int, list[str]]:
    """How many workers have room for so many boxes, half of each of which is void; and what is said."""
    tasks = [(Box((0, 0, 0), (edge, edge, edge)), [MEASUREMENTS.find(measured)], {0: 0.5, 1: 0.4})] * count
    return _fit_workers(measured_volume(**options), tasks, notes := Notes()), notes.notes


def test_subvolumes_are_shared_out_over_workers_that_have_room_for_one_each() -> None:
    """One of 256 voxels takes 1.25 GiB."""
    assert workers_of(256, 8, workers=2, memory=3200 * MIB) == (2, [])
    workers, (note,) = workers_of(256, 8, workers=2, memory=2600 * MIB)
    assert workers == 1
    assert re.search(r"one after the other: for 2 workers they take about 3\.\d+ GiB of --memory", note)
    workers, (note,) = workers_of(256, 8, workers=4, memory=4700 * MIB)
    assert workers == 3
    assert re.search(r"by 3 workers: for 4 workers they take about 5\.\d+ GiB of --memory", note)
    assert workers_of(64, 8, workers=2, memory=2600 * MIB) == (2, [])
    assert workers_of(64, 1, workers=2) == (1, [])
    assert workers_of(64, 2, workers=4) == (2, []), "no worker without a subvolume"
    assert workers_of(64, 8) == (1, [])
    assert workers_of(256, 8, scheduler="tcp://host:1") == (1, []), "the memory that was checked is a worker's"


def test_the_stokes_flow_of_subvolumes_takes_what_its_solver_takes() -> None:
    """1500 bytes for each voxel of the phase; where that is more than allowed, a box of all that is."""
    stokes = partial(workers_of, 160, 8, "permeability", permeability=True)
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


def test_some_measurements_are_shared_out_too(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def on_cluster(task: Callable[[Block], object], blocks: list[Block], **options: object) -> object:
        asked.append((options["workers"], options["scheduler"]))
        return ((block, task(block)) for block in blocks)

    monkeypatch.setattr(fold, "on_cluster", on_cluster)
    codes = np.random.default_rng(0).integers(0, 2, (64, 16, 16)).astype(np.uint8)
    labels = LabelVolume.from_array(codes, VOID_SOLID, VoxelSize(1, 1, 1))
    alone = quantify_with(["components"], labels)
    for options in ({"workers": 2, "memory": 3 * 192 * MIB + 2**20}, {"scheduler": "tcp://host:1", "memory": 2**20}):
        assert quantify_with(["components"], labels, MeasurementOptions(**options)) == alone
    assert asked == [(2, None), (1, "tcp://host:1"), (1, "tcp://host:1")], "the first pass is that of a cluster alone"
    asked.clear()
    settings = MeasurementOptions(scheduler="tcp://host:1", memory=2**20, transport=False)
    assert measure_sensitivity(labels, settings, Reporter()) is not None
    assert not asked, "what is said to stay with this process"


@pytest.mark.parametrize(("memory", "depth"), [(700, 16), (900, 32)])
def test_one_process_measures_in_blocks_of_what_it_leaves_itself(memory: int, depth: int) -> None:
    """32 slices at 40 bytes a voxel for the thread and for what is read next are 640 MiB, beside 192 of the process."""
    settings = MeasurementOptions(memory=memory * MIB, threads=1, transport=False)
    assert plan_for((2000, 512, 512), settings).core_shape == (depth, 512, 512)

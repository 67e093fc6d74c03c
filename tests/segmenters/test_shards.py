"""Shards hold the voxels that chunks alone hold, in few files, and each block writes its own."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from buckets import put_buckets
from doubles import Dies, Killed, Notes, Soft

from keramos.blocks import Plan
from keramos.core import VOID_SOLID, Box, Volume, VoxelSize
from keramos.core.errors import ResumeError, SettingsError
from keramos.core.object_path import as_path
from keramos.io import Shards, count_files, create_labels, open_labels, open_scores, open_uncertainty, open_volume
from keramos.networks import Signature
from keramos.segmenters import memory as planning
from keramos.segmenters import plan_for, segment_volume
from keramos.segmenters.layout import choose_shards, plan_segmentation
from keramos.settings.segment import SegmentationOptions

EVERY_STAGE: dict[str, Any] = {"scores": True, "uncertainty": True, "flicker": "remove", "remove_specks": 30}
MEMORY = 545 * 2**20
pytestmark = pytest.mark.usefixtures("small_blocks")


@pytest.fixture(autouse=True)
def _small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two chunks along y and x: three files of the stack, each a block."""
    monkeypatch.setattr("keramos.segmenters.layout.SHARDS", ((16, 512, 512),))


def segment(volume: Volume, out: Path, reporter: Notes | None = None, **options: Any) -> Path:
    given = {**EVERY_STAGE, "memory": MEMORY, "shards": True, **options}
    segment_volume(volume, Soft(), out, settings=SegmentationOptions(**given), reporter=reporter)
    return out


@pytest.fixture(scope="module")
def sharded(stack: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("keramos.segmenters.layout.SHARDS", ((16, 512, 512),))
        return segment(open_volume(stack), tmp_path_factory.mktemp("sharded") / "s.ome.zarr")


def files_of(store: Path) -> dict[str, bytes]:
    files = [path for path in store.rglob("*") if path.is_file() and path.suffix != ".jsonl"]
    return {path.relative_to(store).as_posix(): path.read_bytes() for path in files}


def test_the_voxels_of_every_level_are_those_without(volume: Volume, sharded: Path, tmp_path: Path) -> None:
    plain = segment(volume, tmp_path / "plain.ome.zarr", shards=False)
    arrays = sorted(path.parent.relative_to(plain) for path in plain.rglob("zarr.json") if path.parent.name.isdigit())
    assert len(arrays) == 6
    for array in arrays:
        one, other = zarr.open_array(sharded / array, mode="r"), zarr.open_array(plain / array, mode="r")
        assert one.chunks == other.chunks
        assert one.shards is not None
        assert np.array_equal(one[:], other[:]), array
    chunks, shards = (len([name for name in files_of(store) if "/c/" in name]) for store in (plain, sharded))
    assert (chunks, shards) == (4 * 14, 4 * 5)
    cells = {"plain": (16, 256, 256), "sharded": (16, 512, 512)}
    assert count_files(volume.shape, cells["plain"], volume.voxel_size, 4) == chunks
    assert count_files(volume.shape, cells["sharded"], volume.voxel_size, 4) == shards


def test_all_is_there_and_a_lost_shard_is_told(sharded: Path, tmp_path: Path, volume: Volume) -> None:
    assert not [f for f in open_labels(sharded).findings if f.kind == "missing-chunks"]
    assert open_scores(sharded).shape == volume.shape
    assert open_uncertainty(sharded).shape == volume.shape
    out = segment(volume, tmp_path / "s.ome.zarr", scores=False, uncertainty=False)
    (out / "labels" / "segmentation" / "0" / "c" / "1" / "0" / "0").unlink()
    assert "missing-chunks" in {finding.kind for finding in open_labels(out).findings}


@pytest.mark.parametrize("task", ["segment", "remove flicker", "find", "remove", "build the pyramid"])
def test_a_killed_run_goes_on_to_the_same_bytes(task: str, volume: Volume, sharded: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.ome.zarr"
    with pytest.raises(Killed):
        segment(volume, out, Dies(1, task))
    segment(volume, out)
    assert files_of(out) == files_of(sharded)


def test_two_workers_write_the_same_bytes(volume: Volume, sharded: Path, tmp_path: Path) -> None:
    assert files_of(segment(volume, tmp_path / "s.ome.zarr", workers=2, memory=2**31)) == files_of(sharded)


@pytest.mark.parametrize(
    ("memory", "workers"), [(1390, 2), (2048, 2), (2048, 1)], ids=["too little for two", "two", "more memory"]
)
def test_a_killed_run_goes_on_in_its_blocks_with_other_workers_and_memory(
    memory: int, workers: int, volume: Volume, sharded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keramos.segmenters.layout.SHARDS", ((16, 512, 512), (16, 256, 256)))
    out, notes = tmp_path / "s.ome.zarr", Notes()
    with pytest.raises(Killed):
        segment(volume, out, Dies(1, "segment"))
    options = {"memory": memory * 2**20, "workers": workers}
    given = SegmentationOptions(**{**EVERY_STAGE, **options}, shards=True)
    assert plan_segmentation(volume, Soft(), given).core_shape != (16, 512, 512), "else nothing is tried"
    segment(volume, out, notes, **options)
    assert files_of(out) == files_of(sharded)
    is_told = f"{out} goes on with 1 of 2 workers: the blocks that it began with take" in str(notes.notes)
    assert is_told == (memory == 1390)
    segment(volume, out, notes)
    assert "finished already" in notes.notes[-1]


def test_too_little_memory_for_its_blocks_is_another_run(volume: Volume, tmp_path: Path) -> None:
    out = tmp_path / "s.ome.zarr"
    with pytest.raises(Killed):
        segment(volume, out, Dies(1, "segment"), memory=2**31)
    with pytest.raises(ResumeError, match=r"blocks \(memory, workers\) differ"):
        segment(volume, out)


def test_in_a_bucket_they_are_the_same_bytes(volume: Volume, sharded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    buckets = put_buckets(monkeypatch)
    for at in (1, None):
        with nullcontext() if at is None else pytest.raises(Killed):
            segment(volume, as_path("s3://lab/s.ome.zarr"), Notes() if at is None else Dies(at, "segment"))
    objects = {name: each for name, each in buckets.content("s.ome.zarr").items() if not name.endswith(".jsonl")}
    assert objects == files_of(sharded)


def test_a_run_without_them_is_another(volume: Volume, sharded: Path) -> None:
    with pytest.raises(ResumeError, match="shards"):
        segment(volume, sharded, shards=False)


def test_part_of_a_shard_is_not_written(tmp_path: Path) -> None:
    cells = Shards((16, 16, 16), (16, 32, 32))
    writer = create_labels(tmp_path / "l.ome.zarr", (32, 64, 64), phases=VOID_SOLID, voxel_size=None, chunks=cells)
    with pytest.raises(SettingsError, match=r"whole shards of \(16, 32, 32\)"):
        writer.write(Box((0, 0, 0), (16, 16, 16)), np.zeros((16, 16, 16), np.uint8))


@pytest.mark.parametrize("left", [b"", b"cut off"], ids=["empty", "cut off"])
def test_a_shard_that_a_kill_cut_off_is_written_again(tmp_path: Path, left: bytes) -> None:
    cells = Shards((8, 8, 8), (8, 16, 16))
    writer = create_labels(tmp_path / "l.ome.zarr", (8, 16, 32), phases=VOID_SOLID, voxel_size=None, chunks=cells)
    codes = np.random.default_rng(0).integers(0, 2, (8, 16, 16), np.uint8)
    box = Box((0, 0, 16), (8, 16, 32))
    writer.write(box, codes)
    (tmp_path / "l.ome.zarr" / writer.prefix / "0/c/0/0/1").write_bytes(left)
    writer.write(box, codes)
    assert np.array_equal(writer.read(box), codes)


def test_coarser_levels_of_many_shards_and_blank_chunks(tmp_path: Path) -> None:
    codes = np.random.default_rng(0).integers(0, 2, (9, 40, 600), np.uint8)
    codes[:4, :16, :16] = 255  # a chunk of nothing but the fill value
    arrays: list[list[Any]] = []
    for name, cells in {"plain": (4, 16, 16), "sharded": Shards((4, 16, 16), (4, 32, 32))}.items():
        path = tmp_path / f"{name}.ome.zarr"
        size = VoxelSize(10, 10, 10)
        writer = create_labels(path, codes.shape, phases=VOID_SOLID, voxel_size=size, chunks=cells)  # type: ignore[arg-type]
        for block in Plan(writer.shape, writer.file_shape):
            writer.write(block.core, codes[block.core.slices])
        writer.finish()
        arrays.append([zarr.open_array(path / writer.prefix / str(level), mode="r") for level in range(3)])
    assert arrays[1][1].shape == (5, 20, 300)
    assert arrays[1][1].shards == (4, 32, 32)
    for one, other in zip(*arrays, strict=True):
        assert np.array_equal(one[:], other[:])
    assert not [f for f in open_labels(tmp_path / "sharded.ome.zarr").findings if f.kind == "missing-chunks"]


NETWORK = Signature(classes=2, halo=(0, 32, 32), stride=(1, 16, 16), bytes_per_pixel=400, bytes_per_voxel=8)


class Large:
    """A volume of which nothing is read."""

    shape = (4000, 5000, 5000)
    channels = ()


@pytest.mark.parametrize("gib", [2, 8])
def test_a_hundred_thousand_million_voxels_are_fewer_than_100_000_files(
    gib: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keramos.segmenters.layout.SHARDS", planning.SHARDS)

    class Network:
        signature = NETWORK

    options = SegmentationOptions(shards=True, memory=gib * 2**30, scores=True, uncertainty=True)
    shards = choose_shards(Large, Network, options)  # type: ignore[arg-type]
    plan = plan_segmentation(Large, Network, options)  # type: ignore[arg-type]
    assert shards is not None
    size = VoxelSize(10, 10, 10)
    labels = count_files(Large.shape, shards, size)
    assert labels == 7683
    assert 4 * labels < 100_000, "labels, the scores of two phases and the uncertainty"
    assert count_files(Large.shape, (16, 256, 256), size) == 114_435
    assert all(core % shard == 0 for core, shard in zip(plan.core_shape, shards, strict=True))


def test_little_memory_makes_smaller_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.segmenters.layout.SHARDS", planning.SHARDS)
    least = next(
        mib
        for mib in range(384, 2048, 8)
        if planning._plan(Large.shape, NETWORK, mib * 2**20 - planning._BASE_BYTES, False, planning.SHARDS[-1])
    )

    class Network:
        signature = NETWORK

    options = SegmentationOptions(shards=True, memory=least * 2**20)
    assert choose_shards(Large, Network, options) == planning.SHARDS[-1]  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="MiB of --memory"):
        plan_for(Large.shape, NETWORK, memory_bytes=(least - 8) * 2**20, unit=planning.SHARDS[-1])


def test_many_files_are_told(volume: Volume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.segmenters.run._MANY_FILES", 13)
    notes = Notes()
    segment(volume, tmp_path / "a.ome.zarr", notes, shards=False, scores=False, uncertainty=False)
    assert "the labels will be 14 files; --shards puts about sixteen chunks into each" in notes.notes

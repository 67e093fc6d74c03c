"""Too little memory, too small a disk, or numbers that are none end in one sentence that names what to do."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import zarr

import keramos
from keramos.blocks import Block
from keramos.core import NOT_ANNOTATED, VOID_SOLID, Box, LabelVolume, Volume
from keramos.core.errors import FormatError, MemoryShortageError, OptionError, PixelError, SettingsError, StorageError
from keramos.core.options import Settings
from keramos.inspection.speckle import check_speckle
from keramos.io import open_volume
from keramos.networks import Checkpoint, Signature
from keramos.project.shortage import shortage_told
from keramos.segmenters import plan_for, segmenter_of
from keramos.settings.check import CheckSettings
from keramos.settings.train import TrainingOptions

AXES = [{"name": axis, "type": "space", "unit": "nanometer"} for axis in "zyx"]
SCALE = [{"type": "scale", "scale": [20, 5, 5]}]
IMAGE = {"axes": AXES, "datasets": [{"path": "0", "coordinateTransformations": SCALE}]}


def empty_zarr(path: Path, shape: tuple[int, ...], chunks: tuple[int, ...]) -> Path:
    """A store that declares voxels and holds none."""
    group = zarr.create_group(path, attributes={"ome": {"version": "0.5", "multiscales": [IMAGE]}})
    group.create_array("0", shape=shape, dtype="u1", chunks=chunks)
    return path


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "found too little; use"),
        (MemoryError("Unable to allocate 2.50 GiB for an array with shape (9, 9)"), "when 2.50 GiB were asked for"),
        (
            RuntimeError("[enforce fail at alloc_cpu.cpp:117] . DefaultCPUAllocator: can't allocate memory"),
            "too little",
        ),
        (
            RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0"),
            "when 20.00 GiB were asked for; use",
        ),
    ],
)
def test_running_out_of_memory(error: Exception, words: str) -> None:
    with pytest.raises(MemoryShortageError) as caught, shortage_told(TrainingOptions()):
        raise error
    assert words in str(caught.value)
    less = "use a smaller batch, a smaller crop, a smaller size of network or a smaller width of network"
    assert str(caught.value).endswith(less)
    with pytest.raises(MemoryShortageError, match=r"; use a smaller box$"), shortage_told(CheckSettings("a.tif")):
        raise error


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="shape mismatch"), shortage_told(Settings()):
        raise RuntimeError("shape mismatch")


def test_the_memory_of_a_slice_that_is_decoded_whole_counts() -> None:
    arguments: dict[str, Any] = {"memory_bytes": 2**30}
    usual = plan_for((64, 512, 512), Signature(), **arguments)
    assert plan_for((64, 512, 512), Signature(), **arguments, piece_bytes=2**20) == usual
    with pytest.raises(SettingsError, match=r"expected at least 2\d{3} MiB .* slices or chunks of 700 MiB are decoded"):
        plan_for((64, 512, 512), Signature(), **arguments, piece_bytes=700 * 2**20)


def test_a_blank_slice_that_unpacks_to_more_than_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a megabyte of deflated zeros that is decoded to 128 of them."""
    packed = zlib.compress(bytes(2**27), 1)
    strip = np.frombuffer(packed, np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", strip[None], metadata=None)
    with tifffile.TiffFile(tmp_path / "a.tif", mode="r+") as tif:
        for name, value in (("ImageLength", 2**13), ("ImageWidth", 2**14), ("RowsPerStrip", 2**13), ("Compression", 8)):
            tif.pages[0].tags[name].overwrite(value)

    def read(*_: object) -> None:
        pytest.fail("a slice was read")

    monkeypatch.setattr(Volume, "read", read)
    options = {"out": tmp_path / "o.ome.zarr", "voxel_size": (20, 5, 5), "memory": "300MiB"}
    refused = r"^expected at least (\d+) MiB of --memory .* as slices or chunks of 128 MiB are decoded whole"
    with pytest.raises(SettingsError, match=refused) as caught:
        keramos.segment(tmp_path / "a.tif", "otsu", **options)
    assert int(str(caught.value).split(" MiB")[0].split()[-1]) >= 384
    monkeypatch.setattr(LabelVolume, "read", read)
    with pytest.raises(OptionError, match=r"^memory: expected at least 384 MiB, as slices .* of 128 MiB are decoded"):
        keramos.quantify(tmp_path / "a.tif", phases="void=0,solid=1", voxel_size=(20, 5, 5), memory="300MiB")


def test_more_voxels_than_the_disk_holds(tmp_path: Path) -> None:
    images = empty_zarr(tmp_path / "a.zarr", (2**20, 2**20, 2**20), (16, 256, 256))
    with pytest.raises(StorageError, match=r"or more for a segmentation of 1\.15e\+18 voxels .* free; write elsewhere"):
        keramos.segment(images, "porous-solid", out=tmp_path / "out.ome.zarr", voxel_size=(20, 20, 20))


def test_chunks_larger_than_the_machine(tmp_path: Path) -> None:
    path = empty_zarr(tmp_path / "a.zarr", (4, 8, 8), (2**14, 2**14, 2**14))
    with pytest.raises(FormatError, match=r"fit into .* of memory, found 4 TiB that are decoded at once"):
        open_volume(path)


def test_scores_that_are_no_numbers(small_model: Callable[..., Checkpoint]) -> None:
    model = small_model("compact")
    weights = {name: tensor * 1e38 if tensor.ndim == 4 else tensor for name, tensor in model.weights.items()}
    whole = Box.whole((1, 16, 16))
    with pytest.raises(PixelError, match="found NaN for these grey values"):
        segmenter_of(replace(model, weights=weights)).scores(np.full(whole.shape, 90, np.uint8), Block(0, whole, whole))


def test_labels_of_one_phase_and_nothing_else_have_no_boundary() -> None:
    codes = np.where(np.random.default_rng(0).random((8, 32, 32)) < 0.03, 1, NOT_ANNOTATED).astype(np.uint8)
    assert check_speckle(LabelVolume.from_array(codes, VOID_SOLID, (5, 5, 5))) == []


def test_a_phantom_of_more_grains_than_anyone_can_count(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"at most 100,000,000 grains at a time, found about 7\.13e\+13"):
        keramos.phantom(tmp_path / "p", shape=(6, 32, 32), voxel_size=(1e6, 1e6, 1e6))

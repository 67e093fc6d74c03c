"""Laws of the store: what is written is what is read, in every format, and the pyramid adds nothing of its own."""

from __future__ import annotations

import mrcfile
import numpy as np
import pytest
import tifffile
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from ome_zarr_models.v05 import Image, ImageLabel, Labels
from PIL import Image as Picture

from keramos.blocks import Plan
from keramos.core import NOT_ANNOTATED, Box, Phase, PhaseTable, View, VoxelSize
from keramos.io import (
    create_image,
    create_labels,
    create_scores,
    create_uncertainty,
    open_labels,
    open_scores,
    open_volume,
)
from keramos.io.pyramid import coarser_shape, merge_mean, merge_mode, pyramid_steps

SHAPE = (11, 37, 53)
SIZE = VoxelSize(20.0, 26.4, 20.8)
STACK = np.random.default_rng(11).integers(0, 256, SHAPE, dtype=np.uint8)


def write_ngff_04(path):
    axes = [{"name": n, "type": "space", "unit": "nanometer"} for n in "zyx"]
    scale = [{"type": "scale", "scale": list(SIZE.zyx)}]
    multiscale = {"version": "0.4", "axes": axes, "datasets": [{"path": "0", "coordinateTransformations": scale}]}
    group = zarr.create_group(path, zarr_format=2, attributes={"multiscales": [multiscale]})
    group.create_array("0", shape=SHAPE, chunks=(4, 16, 16), dtype=np.uint8)[:] = STACK


def write_ngff_05(path):
    writer = create_image(path, SHAPE, np.uint8, voxel_size=SIZE, chunks=(4, 16, 16))
    for block in Plan(SHAPE, writer.chunks):
        writer.write(block.core, STACK[block.core.slices])
    writer.finish()


def write_slices(path, suffix, save):
    path.mkdir()
    for z, pixels in enumerate(STACK):
        save(path / f"slice_{z}{suffix}", pixels)


def write_mrc(path):
    with mrcfile.new(path) as mrc:
        mrc.set_data(STACK.astype(np.int16))


FORMATS = {
    "plain.tif": lambda path: tifffile.imwrite(path, STACK),
    "packed.tif": lambda path: tifffile.imwrite(path, STACK, compression="zlib", predictor=True),
    "tiled.tif": lambda path: tifffile.imwrite(path, STACK, compression="zlib", tile=(16, 16)),
    "imagej.tif": lambda path: tifffile.imwrite(path, STACK, imagej=True, metadata={"axes": "ZYX"}),
    "big.tif": lambda path: tifffile.imwrite(path, STACK, bigtiff=True),
    "tif-folder": lambda path: write_slices(path, ".tif", tifffile.imwrite),
    "png-folder": lambda path: write_slices(path, ".png", lambda to, p: Picture.fromarray(p).save(to)),
    "bmp-folder": lambda path: write_slices(path, ".bmp", lambda to, p: Picture.fromarray(p).save(to)),
    "stack.npy": lambda path: np.save(path, STACK),
    "stack.mrc": write_mrc,
    "ngff-04.zarr": write_ngff_04,
    "ngff-05.zarr": write_ngff_05,
}


@pytest.fixture(scope="module")
def volumes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("formats")
    for name, write in FORMATS.items():
        write(folder / name)
    return {name: open_volume(folder / name) for name in FORMATS}


@st.composite
def boxes(draw):
    start, stop = [], []
    for length in SHAPE:
        low, high = sorted((draw(st.integers(0, length)), draw(st.integers(0, length))))
        start.append(low)
        stop.append(high)
    return Box(tuple(start), tuple(stop))


@settings(max_examples=40, deadline=None)
@given(box=boxes())
def test_every_format_gives_the_same_box(volumes, box):
    for name, volume in volumes.items():
        assert np.array_equal(volume.read(box), STACK[box.slices]), name


def test_what_was_read_belongs_to_the_caller(volumes):
    for name, volume in volumes.items():
        volume.read()[:] = 0
        assert np.array_equal(volume.read(), STACK), name


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.uint32, np.float32, np.float64])
@pytest.mark.parametrize("size", [SIZE, None, VoxelSize(1 / 3, 0.1, 9e4)])
def test_an_image_comes_back(tmp_path, dtype, size):
    pixels = (STACK * 1.25).astype(dtype)
    view = View(36.0, "decreasing", "sheared")
    create_image(tmp_path / "a.zarr", SHAPE, dtype, voxel_size=size, view=view).write(Box.whole(SHAPE), pixels)
    back = open_volume(tmp_path / "a.zarr")
    assert (back.dtype, back.voxel_size, back.view) == (np.dtype(dtype), size, view)
    assert np.array_equal(back.read(), pixels)


@pytest.mark.parametrize("size", [SIZE, None])
def test_labels_come_back(tmp_path, size):
    table = PhaseTable((Phase("pore", "#010203"), Phase("nickel", "#a0b0c0"), Phase("yttria", "#ffeedd")), 1)
    codes = np.choose(STACK % 4, [0, 1, 2, NOT_ANNOTATED]).astype(np.uint8)
    writer = create_labels(tmp_path / "l.zarr", SHAPE, phases=table, voxel_size=size)
    writer.write(Box.whole(SHAPE), codes)
    writer.finish()
    back = open_labels(tmp_path / "l.zarr")
    assert (back.phases, back.voxel_size) == (table, size)
    assert np.array_equal(back.read(), codes)


@pytest.mark.parametrize("finished", [False, True])
def test_what_is_written_is_valid_ome_zarr(tmp_path, finished):
    table = PhaseTable.from_names(["void", "solid"])
    shape = (5, 530, 300)
    image = create_image(tmp_path / "i.zarr", shape, np.uint8, voxel_size=SIZE)
    labels = create_labels(tmp_path / "l.zarr", shape, phases=table, voxel_size=SIZE)
    scores = create_scores(tmp_path / "l.zarr", shape, 2, voxel_size=SIZE, phases=table)
    unsure = create_uncertainty(tmp_path / "l.zarr", shape, voxel_size=SIZE)
    if finished:
        for writer in (image, labels, scores, unsure):
            writer.finish()
    root = zarr.open_group(tmp_path / "l.zarr", mode="r")
    levels = 3 if finished else 1
    for group in (zarr.open_group(tmp_path / "i.zarr", mode="r"), root, root["scores"], root["uncertainty"]):
        assert len(Image.from_zarr(group).ome_attributes.multiscales[0].datasets) == levels
    assert list(Labels.from_zarr(root["labels"]).ome_attributes.labels) == ["segmentation"]
    label = ImageLabel.from_zarr(root["labels/segmentation"])
    assert len(label.ome_attributes.multiscales[0].datasets) == levels
    declared = label.ome_attributes.image_label
    assert [colour.label_value for colour in declared.colors] == [0, 1, NOT_ANNOTATED]
    assert declared.colors[1].rgba == (*table.phases[1].rgb, 255)


def read_level(path, level, group=""):
    return np.asarray(zarr.open_array(path / group / str(level), mode="r")[:])


@pytest.mark.parametrize("shape", [(6, 512, 600), (5, 301, 517), (1, 333, 100)])
def test_a_constant_has_a_constant_pyramid(tmp_path, shape):
    image = create_image(tmp_path / "i.zarr", shape, np.uint16, voxel_size=None, chunks=(4, 64, 64))
    image.write(Box.whole(shape), np.full(shape, 40001, np.uint16))
    image.finish()
    labels = create_labels(tmp_path / "l.zarr", shape, phases=PhaseTable.from_names(["a", "b"]), voxel_size=None)
    labels.write(Box.whole(shape), np.ones(shape, np.uint8))
    labels.finish()
    steps = pyramid_steps(shape, None)
    assert steps
    for level, step in enumerate(steps, 1):
        assert read_level(tmp_path / "i.zarr", level).shape == coarser_shape(shape, step)
        assert (read_level(tmp_path / "i.zarr", level) == 40001).all()
        assert (read_level(tmp_path / "l.zarr", level, "labels/segmentation") == 1).all()


def test_the_pyramid_keeps_the_mean_to_rounding(tmp_path):
    shape = (8, 512, 512)
    pixels = np.random.default_rng(2).integers(0, 256, shape, dtype=np.uint8)
    pixels[:, :200] //= 3
    writer = create_image(tmp_path / "i.zarr", shape, np.uint8, voxel_size=None, chunks=(4, 128, 128))
    writer.write(Box.whole(shape), pixels)
    writer.finish()
    coarse = read_level(tmp_path / "i.zarr", 1).astype(float)
    exact = pixels.reshape(4, 2, 256, 2, 256, 2).mean(axis=(1, 3, 5))
    assert np.abs(coarse - exact).max() <= 0.5
    assert abs(coarse.mean() - pixels.mean()) < 0.01, "rounding half to even does not drift"


def test_blocks_of_the_pyramid_are_the_whole(tmp_path):
    shape = (7, 301, 413)
    codes = np.random.default_rng(5).integers(0, 3, shape, dtype=np.uint8)
    size = VoxelSize(60.0, 20.0, 20.0)
    writer = create_labels(
        tmp_path / "l.zarr", shape, phases=PhaseTable.from_names("abc"), voxel_size=size, chunks=(2, 32, 64)
    )
    writer.write(Box.whole(shape), codes)
    writer.finish()
    (step,) = pyramid_steps(shape, size)
    assert step == (1, 2, 2)
    assert np.array_equal(read_level(tmp_path / "l.zarr", 1, "labels/segmentation"), merge_mode(codes, step))


def test_z_is_halved_only_towards_a_cube():
    assert pyramid_steps((64, 1024, 1024), VoxelSize(20, 20, 20)) == [(2, 2, 2), (4, 4, 4)]
    assert pyramid_steps((64, 1024, 1024), VoxelSize(40, 20, 20)) == [(1, 2, 2), (2, 4, 4)]
    assert pyramid_steps((64, 1024, 1024), VoxelSize(200, 20, 20)) == [(1, 2, 2), (1, 4, 4)]
    assert pyramid_steps((1, 600, 10), None) == [(1, 2, 2), (1, 4, 4)]
    assert pyramid_steps((64, 256, 256), None) == []


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), factors=st.tuples(*[st.sampled_from([1, 2])] * 3))
def test_merged_codes_are_modes_and_merged_greys_are_means(seed, factors):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 6, 3))
    codes = rng.choice(np.array([0, 1, 2, 255], np.uint8), shape)
    mode, mean = merge_mode(codes, factors), merge_mean(codes.astype(np.float64), factors)
    for at in np.ndindex(mode.shape):
        group = codes[tuple(slice(i * f, (i + 1) * f) for i, f in zip(at, factors, strict=True))]
        counts = np.bincount(group.ravel(), minlength=256)
        assert counts[mode[at]] == counts.max()
        assert mean[at] == pytest.approx(group.mean())


def test_coarser_levels_lie_where_their_voxels_are(tmp_path):
    """A ramp read through the metadata of level 1 is the same ramp."""
    shape = (4, 300, 400)
    ramp = np.broadcast_to(np.arange(400, dtype=np.float64) * SIZE.x_nm, shape)
    writer = create_image(tmp_path / "i.zarr", shape, np.float64, voxel_size=SIZE)
    writer.write(Box.whole(shape), ramp)
    writer.finish()
    dataset = zarr.open_group(tmp_path / "i.zarr", mode="r").attrs["ome"]["multiscales"][0]["datasets"][1]
    scale, translation = dataset["coordinateTransformations"]
    coarse = read_level(tmp_path / "i.zarr", 1)[0, 0]
    position = np.arange(len(coarse)) * scale["scale"][2] + translation["translation"][2]
    assert np.allclose(position, coarse)


def test_scores_come_back(tmp_path):
    table = PhaseTable.from_names(["void", "solid"])
    create_labels(tmp_path / "l.zarr", SHAPE, phases=table, voxel_size=SIZE)
    scores = np.stack([255 - STACK, STACK])
    create_scores(tmp_path / "l.zarr", SHAPE, 2, voxel_size=SIZE, phases=table).write(Box.whole(SHAPE), scores)
    assert np.array_equal(open_scores(tmp_path / "l.zarr").read(Box.whole(SHAPE)), scores)

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
import tifffile
from PIL import Image

from keramos.core import Box, VoxelSize
from keramos.core.errors import FormatError, ShapeError
from keramos.io import create_image, open_volume
from keramos.io.formats import tiff as tiff_format


def test_slices_are_sorted_by_number_not_by_letter(tmp_path, stack):
    for z, pixels in enumerate(stack):
        Image.fromarray(pixels).save(tmp_path / f"slice_{z}.png")
    assert np.array_equal(open_volume(tmp_path).read(), stack)
    pattern = str(tmp_path / "slice_1*.png")
    assert np.array_equal(open_volume(pattern).read(), stack[[1, 10, 11]])


def test_hidden_files_and_notes_in_a_folder_do_not_count(tmp_path, stack):
    for z, pixels in enumerate(stack):
        tifffile.imwrite(tmp_path / f"{z}.tif", pixels, compression="zlib")
    (tmp_path / "._0.tif").write_bytes(b"resource fork")
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    assert np.array_equal(open_volume(tmp_path).read(), stack)


def test_a_box_is_cut_and_text_means_the_same(tmp_path, stack):
    np.save(tmp_path / "a.npy", stack)
    by_text = open_volume(tmp_path / "a.npy", box="2:9,1:20,3:31")
    by_box = open_volume(tmp_path / "a.npy", box=Box((2, 1, 3), (9, 20, 31)))
    assert np.array_equal(by_text.read(), stack[2:9, 1:20, 3:31])
    assert np.array_equal(by_box.read(Box((1, 2, 3), (4, 5, 6))), stack[3:6, 3:6, 6:9])
    with pytest.raises(ShapeError, match="inside the volume"):
        open_volume(tmp_path / "a.npy", box=Box((0, 0, 0), (13, 1, 1)))


def test_fortran_order_big_endian_and_bool_are_only_storage(tmp_path, stack):
    np.save(tmp_path / "f.npy", np.asfortranarray(stack.astype(">i4")))
    volume = open_volume(tmp_path / "f.npy")
    assert volume.dtype == np.int32
    assert volume.dtype.isnative
    assert np.array_equal(volume.read(), stack)
    np.save(tmp_path / "b.npy", stack > 99)
    assert open_volume(tmp_path / "b.npy").dtype == np.uint8
    assert np.array_equal(open_volume(tmp_path / "b.npy").read(), stack > 99)
    tifffile.imwrite(tmp_path / "be.tif", stack.astype(np.uint16) * 257, byteorder=">")
    assert np.array_equal(open_volume(tmp_path / "be.tif").read(), stack.astype(np.uint16) * 257)


def test_rgb_with_equal_channels_is_grey(tmp_path, stack):
    rgb = np.repeat(stack[0][..., None], 3, axis=2)
    Image.fromarray(rgb).save(tmp_path / "a.png")
    tifffile.imwrite(tmp_path / "a.tif", rgb, photometric="rgb")
    for name in ("a.png", "a.tif"):
        assert np.array_equal(open_volume(tmp_path / name).read()[0], stack[0])


def test_a_grey_palette_shows_its_grey_values(tmp_path, stack):
    indices = stack[0] % 4
    image = Image.fromarray(indices, mode="P")
    image.putpalette([v for level in (10, 60, 110, 250) for v in (level,) * 3])
    image.save(tmp_path / "a.bmp")
    assert np.array_equal(open_volume(tmp_path / "a.bmp").read()[0], np.array([10, 60, 110, 250])[indices])


def test_sixteen_bit_png(tmp_path, stack):
    deep = stack[0].astype(np.uint16) * 201
    Image.fromarray(deep).save(tmp_path / "a.png")
    volume = open_volume(tmp_path / "a.png")
    assert volume.dtype == np.uint16
    assert np.array_equal(volume.read()[0], deep)


def test_a_time_axis_is_a_stack_and_channels_are_not(tmp_path, stack):
    tifffile.imwrite(tmp_path / "t.tif", stack, imagej=True, metadata={"axes": "TYX"})
    assert np.array_equal(open_volume(tmp_path / "t.tif").read(), stack)
    tifffile.imwrite(tmp_path / "c.tif", stack.reshape(6, 2, 23, 31), imagej=True, metadata={"axes": "ZCYX"})
    with pytest.raises(FormatError, match="expected one grey channel, found 2"):
        open_volume(tmp_path / "c.tif")
    tifffile.imwrite(tmp_path / "tz.tif", stack.reshape(6, 2, 23, 31), imagej=True, metadata={"axes": "TZYX"})
    with pytest.raises(FormatError, match="stack along one axis"):
        open_volume(tmp_path / "tz.tif")


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_a_source_survives_pickling_after_use(tmp_path, stack, compression):
    tifffile.imwrite(tmp_path / "a.tif", stack, compression=compression)
    volume = open_volume(tmp_path / "a.tif")
    volume.read()
    data = pickle.dumps(volume)
    assert len(data) < 5000, "the pixels must not travel"
    assert np.array_equal(pickle.loads(data).read(), stack)


def test_a_spawned_process_reads_the_same(tmp_path, stack):
    create_image(tmp_path / "a.zarr", stack.shape, stack.dtype, voxel_size=None).write(Box.whole(stack.shape), stack)
    tifffile.imwrite(tmp_path / "a.tif", stack, compression="zlib")
    box = Box((1, 2, 3), (9, 20, 30))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for name in ("a.zarr", "a.tif"):
            read = pool.submit(open_volume(tmp_path / name).read, box).result()
            assert np.array_equal(read, stack[1:9, 2:20, 3:30])


def test_neighbouring_blocks_decode_each_slice_once(tmp_path, stack, monkeypatch):
    tifffile.imwrite(tmp_path / "a.tif", stack, compression="zlib")
    volume = open_volume(tmp_path / "a.tif")
    decoded = []
    plain = tiff_format._grey_page
    monkeypatch.setattr(tiff_format, "_grey_page", lambda page, *rest: (decoded.append(1), plain(page, *rest))[1])
    for x in range(0, 30, 5):
        volume.read(Box((0, 0, x), (12, 23, x + 5)))
    assert len(decoded) == len(stack)


def test_bioformats2raw_collections_stand_for_their_only_image(tmp_path, stack):
    import zarr

    root = zarr.create_group(tmp_path / "a.zarr", zarr_format=2, attributes={"bioformats2raw.layout": 3})
    axes = [{"name": n, "type": "space"} for n in "zyx"]
    axes = [{"name": "t", "type": "time"}, {"name": "c", "type": "channel"}, *axes]
    scale = [{"type": "scale", "scale": [1.0] * 5}]
    multiscale = {"version": "0.4", "axes": axes, "datasets": [{"path": "0", "coordinateTransformations": scale}]}
    image = root.create_group("0", attributes={"multiscales": [multiscale]})
    image.create_array("0", data=stack[None, None])
    volume = open_volume(tmp_path / "a.zarr")
    assert np.array_equal(volume.read(Box((1, 2, 3), (4, 6, 9))), stack[1:4, 2:6, 3:9])
    assert volume.voxel_size is None


def test_a_given_voxel_size_wins(tmp_path, stack, edges):
    create_image(tmp_path / "a.zarr", stack.shape, stack.dtype, voxel_size=edges)
    assert open_volume(tmp_path / "a.zarr").voxel_size == edges
    other = VoxelSize(1, 2, 3)
    assert open_volume(tmp_path / "a.zarr", voxel_size=other).voxel_size == other

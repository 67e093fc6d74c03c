from __future__ import annotations

import numpy as np
import pytest
import tifffile

from keramos.core import VOID_SOLID, LabelVolume, Volume
from keramos.core.errors import PixelError, StorageError
from keramos.io import open_labels, open_volume
from keramos.writers.tiff import TIFF, write_tiff


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_pixels_and_scale_come_back(tmp_path, stack, edges, dtype):
    seen = []
    volume = Volume.from_array(stack.astype(dtype), edges)
    write_tiff(volume, tmp_path / "a.tif", progress=lambda done, total: seen.append((done, total)))
    back = open_volume(tmp_path / "a.tif")
    assert back.dtype == dtype
    assert np.array_equal(back.read(), stack)
    assert back.voxel_size.zyx == pytest.approx(edges.zyx, rel=1e-6)
    assert seen == [(z + 1, 12) for z in range(12)]
    with tifffile.TiffFile(tmp_path / "a.tif") as tif:
        assert tif.imagej_metadata["unit"] == "um"
        assert tif.imagej_metadata["slices"] == 12
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]


def test_labels_keep_their_codes_and_255(tmp_path, stack, edges):
    codes = np.choose(stack % 3, [0, 1, 255]).astype(np.uint8)
    write_tiff(LabelVolume.from_array(codes, VOID_SOLID, edges), tmp_path / "a.tif")
    assert np.array_equal(tifffile.imread(tmp_path / "a.tif"), codes)
    assert np.array_equal(open_labels(tmp_path / "a.tif").read(), codes)


def test_a_single_slice_and_an_unknown_scale(tmp_path, stack):
    write_tiff(Volume.from_array(stack[0]), tmp_path / "a.tif")
    assert np.array_equal(open_volume(tmp_path / "a.tif").read()[0], stack[0])
    assert open_volume(tmp_path / "a.tif").voxel_size is None


def test_a_single_slice_stays_three_dimensional_outside_imagej(tmp_path, stack, edges):
    volume = Volume.from_array(stack[:1], edges)
    write_tiff(volume, tmp_path / "a.tif", imagej=False)
    assert tifffile.imread(tmp_path / "a.tif").shape == (1, *stack.shape[1:])
    assert np.array_equal(open_volume(tmp_path / "a.tif").read(), stack[:1])
    with tifffile.TiffFile(tmp_path / "a.tif") as tif:
        assert not tif.is_imagej


def test_big_files_are_bigtiff_that_still_say_their_scale(tmp_path, stack, edges, monkeypatch):
    monkeypatch.setattr("keramos.writers.tiff.PLAIN_LIMIT", 1000)
    write_tiff(Volume.from_array(stack, edges), tmp_path / "a.tif")
    with tifffile.TiffFile(tmp_path / "a.tif") as tif:
        assert tif.is_bigtiff
    back = open_volume(tmp_path / "a.tif")
    assert np.array_equal(back.read(), stack)
    assert back.voxel_size.zyx == pytest.approx(edges.zyx, rel=1e-6)


def test_integers_become_floats_only_without_loss(tmp_path, stack):
    write_tiff(Volume.from_array(stack.astype(np.int32) - 100), tmp_path / "a.tif")
    assert np.array_equal(open_volume(tmp_path / "a.tif").read(), stack.astype(int) - 100)
    with pytest.raises(PixelError, match="slice 0"):
        TIFF.export(Volume.from_array(np.full((2, 3, 3), 2**24 + 1)), tmp_path / "b.tif")
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]


def test_a_folder_that_does_not_exist_is_made_if_it_can_be(tmp_path, stack):
    TIFF.export(Volume.from_array(stack), tmp_path / "new" / "a.tif")
    assert np.array_equal(open_volume(tmp_path / "new" / "a.tif").read(), stack)
    with pytest.raises(StorageError, match="expected to write"):
        TIFF.export(Volume.from_array(stack), tmp_path / "new" / "a.tif" / "b.tif")

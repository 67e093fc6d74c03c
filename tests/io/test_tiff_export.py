from __future__ import annotations

import numpy as np
import pytest
import tifffile
from PIL import Image

from keramos.core import VOID_SOLID, LabelVolume, Phase, PhaseTable, Volume
from keramos.core.errors import PixelError, StorageError
from keramos.io import describe, open_labels, open_volume
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


@pytest.mark.parametrize("names", [["void", "solid"], ["pore", "Ni=Zr", "d\u00e9p\u00f4t, \u5b54"]])
def test_labels_keep_their_phases_and_fiji_shows_them_apart(tmp_path, stack, edges, names):
    usual = PhaseTable.from_names(names)
    table = PhaseTable((Phase(names[0], "#010203"), *usual.phases[1:]), 0)
    codes = (stack % len(names)).astype(np.uint8)
    codes[:, 0] = 255
    write_tiff(LabelVolume.from_array(codes, table, edges), tmp_path / "a.tif")
    with tifffile.TiffFile(tmp_path / "a.tif") as tif:
        assert (tif.imagej_metadata["min"], tif.imagej_metadata["max"]) == (0, len(names))
        assert tif.pages.first.photometric == tifffile.PHOTOMETRIC.MINISBLACK
    with Image.open(tmp_path / "a.tif") as image:
        image.seek(5)
        assert np.array_equal(np.asarray(image), codes[5])
    back = open_labels(tmp_path / "a.tif", note=pytest.fail)
    assert (back.phases, back.findings) == (table, ())
    assert np.array_equal(back.read(), codes)
    assert describe(tmp_path / "a.tif")["phases"][0]["name"] == names[0]


def test_a_file_that_fiji_saved_again_names_no_phases(tmp_path, stack):
    """Fiji keeps the lines of the description that it knows."""
    write_tiff(
        LabelVolume.from_array((stack % 2).astype(np.uint8), PhaseTable.from_names(["a", "b"])), tmp_path / "a.tif"
    )
    with tifffile.TiffFile(tmp_path / "a.tif") as tif:
        kept = [line for line in tif.pages.first.description.splitlines() if not line.startswith("keramos=")]
        assert len(kept) == len(tif.pages.first.description.splitlines()) - 1
    for line in (
        "keramos={",
        'keramos={"phases": [[[',
        "keramos=7",
        'keramos={"phases": [{"name": "a"}], "positive": 0}',
    ):
        tifffile.imwrite(tmp_path / "b.tif", stack % 2, description="\n".join([*kept, line]), metadata=None)
        assert open_labels(tmp_path / "b.tif").phases.names == ("void", "solid")


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

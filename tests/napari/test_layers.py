"""Files and folders as layers of a real window, and layers as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import zarr
from napari_window import pump
from PIL import Image

from keramos.core import LabelVolume, Phase, PhaseTable, Volume
from keramos.io import open_labels, save_labels, save_volume

pytestmark = pytest.mark.napari
SIZE = (20.0, 26.4, 20.8)
TABLE = PhaseTable((Phase("pore", "#102030"), Phase("nickel", "#e69f00"), Phase("YSZ", "#56b4e9")), 1)


def ramp(*shape: int) -> Any:
    return (np.arange(np.prod(shape)) % 251).astype(np.uint8).reshape(shape)


def open_one(viewer: Any, path: Path) -> Any:
    (layer,) = viewer.open(str(path), plugin="keramos")
    return layer


def test_a_tiff_of_imagej_has_its_scale(viewer: Any, tmp_path: Path) -> None:
    pixels = ramp(3, 8, 10)
    tifffile.imwrite(
        tmp_path / "a.tif",
        pixels,
        imagej=True,
        resolution=(1 / 0.0208, 1 / 0.0264),
        metadata={"axes": "ZYX", "spacing": 0.02, "unit": "um"},
    )
    layer = open_one(viewer, tmp_path / "a.tif")
    np.testing.assert_allclose(layer.scale, SIZE, rtol=1e-5)
    assert [str(unit) for unit in layer.units] == ["nanometer"] * 3
    assert layer.axis_labels == ("z", "y", "x")
    assert not isinstance(layer.data, np.ndarray)
    np.testing.assert_array_equal(np.asarray(layer.data), pixels)


def test_a_folder_of_slices_without_a_voxel_size_has_pixels_for_units(viewer: Any, tmp_path: Path) -> None:
    pixels = ramp(3, 8, 10)
    (tmp_path / "slices").mkdir()
    for z, one in enumerate(pixels):
        Image.fromarray(one).save(tmp_path / "slices" / f"s{z:02}.png")
    layer = open_one(viewer, tmp_path / "slices")
    assert [str(unit) for unit in layer.units] == ["pixel"] * 3
    np.testing.assert_array_equal(np.asarray(layer.data[1]), pixels[1])


def test_a_store_with_coarser_copies_is_multiscale(viewer: Any, tmp_path: Path) -> None:
    save_volume(tmp_path / "a.ome.zarr", Volume.from_array(ramp(4, 300, 600), SIZE))
    layer = open_one(viewer, tmp_path / "a.ome.zarr")
    assert layer.multiscale
    assert [level.shape for level in layer.data] == [(4, 300, 600), (2, 150, 300), (1, 75, 150)]


def test_labels_have_the_colours_and_names_of_their_phases(viewer: Any, tmp_path: Path) -> None:
    codes = np.full((2, 30, 40), 255, np.uint8)
    codes[:, :, 10:20], codes[:, :, 20:30], codes[:, :, 30:] = 0, 1, 2
    save_labels(tmp_path / "l.ome.zarr", LabelVolume.from_array(codes, TABLE, (10, 10, 10)))
    layer = open_one(viewer, tmp_path / "l.ome.zarr")
    assert dict(zip(layer.features["index"], layer.features["phase"], strict=True)) == {
        0: "pore",
        1: "nickel",
        2: "YSZ",
        255: "not annotated",
    }
    layer.opacity = 1.0
    shown = seen_colours(viewer)
    wanted = {(0, 0, 0), (0x10, 0x20, 0x30), (0xE6, 0x9F, 0), (0x56, 0xB4, 0xE9)}
    assert {min(wanted, key=lambda colour: distance(colour, one)) for one in shown} == wanted
    assert all(min(distance(colour, one) for colour in wanted) <= 2 for one in shown), shown


def seen_colours(viewer: Any) -> list[tuple[int, ...]]:
    """The colours that cover more than a twentieth of the canvas."""
    pump()
    picture = viewer.screenshot(canvas_only=True, flash=False)[..., :3].reshape(-1, 3)
    colours, counts = np.unique(picture, axis=0, return_counts=True)
    return [tuple(int(part) for part in colour) for colour in colours[counts > len(picture) / 20]]


def distance(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    return max(abs(x - y) for x, y in zip(a, b, strict=True))


def test_a_file_that_is_refused_says_why(viewer: Any, tmp_path: Path) -> None:
    (tmp_path / "a.mrc").write_bytes(b"no map at all")
    with pytest.raises(Exception, match=r"expected .* in .*a\.mrc"):
        viewer.open(str(tmp_path / "a.mrc"), plugin="keramos")


def test_painted_labels_are_saved_with_their_phases(viewer: Any, tmp_path: Path) -> None:
    from keramos.apps.napari.layers import labels_layer

    labels = LabelVolume.from_array(np.zeros((2, 6, 8), np.uint8), TABLE, SIZE)
    data, attributes, _ = labels_layer(labels, in_memory=True)
    layer = viewer.add_labels(data, **attributes)
    layer.data_setitem((np.array([1]), np.array([2]), np.array([3])), 2)
    viewer.layers.save(str(tmp_path / "p.ome.zarr"), selected=True, plugin="keramos")
    stored = zarr.open_array(tmp_path / "p.ome.zarr" / "labels" / "segmentation" / "0", mode="r")
    assert np.argwhere(np.asarray(stored) == 2).tolist() == [[1, 2, 3]]
    again = open_one(viewer, tmp_path / "p.ome.zarr")
    assert list(again.features["phase"][:3]) == ["pore", "nickel", "YSZ"]
    np.testing.assert_allclose(again.scale, SIZE)


def test_labels_in_memory_of_a_store_with_coarser_copies_can_be_painted_on(viewer: Any, tmp_path: Path) -> None:
    from keramos.apps.napari.layers import labels_layer

    codes = (ramp(4, 300, 600) % 3).astype(np.uint8)
    save_labels(tmp_path / "l.ome.zarr", LabelVolume.from_array(codes, TABLE, SIZE))
    data, attributes, _ = labels_layer(open_labels(tmp_path / "l.ome.zarr"), in_memory=True)
    layer = viewer.add_labels(data, **attributes)
    assert not layer.multiscale
    np.testing.assert_array_equal(layer.data, codes)
    layer.data_setitem((np.array([1]), np.array([2]), np.array([0])), 1 + int(codes[1, 2, 0]) % 2)
    assert np.argwhere(layer.data != codes).tolist() == [[1, 2, 0]]


def test_labels_of_napari_itself_are_saved_as_tiff(viewer: Any, tmp_path: Path) -> None:
    layer = viewer.add_labels(np.array([[[0, 1], [1, 0]]] * 2), scale=(0.02, 0.01, 0.01), units=("um",) * 3)
    viewer.layers.selection = {layer}
    viewer.layers.save(str(tmp_path / "p.tif"), selected=True, plugin="keramos")
    with tifffile.TiffFile(tmp_path / "p.tif") as file:
        assert file.asarray().tolist() == [[[0, 1], [1, 0]]] * 2
        assert file.imagej_metadata["spacing"] == pytest.approx(0.02)
        assert file.pages[0].resolution[0] == pytest.approx(100)


def test_the_sample_is_a_stack_with_its_labels(viewer: Any, said: Callable[[], list[str]]) -> None:
    viewer.open_sample("keramos", "phantom")
    images, truth, drawn = viewer.layers
    assert images.data.shape == truth.data.shape == drawn.data.shape
    assert isinstance(drawn.data, np.ndarray)
    grey, codes = np.asarray(images.data), np.asarray(truth.data)
    assert grey[codes == 1].mean() > grey[codes == 0].mean()
    annotated = np.flatnonzero((drawn.data != 255).any(axis=(1, 2)))
    assert annotated.tolist() == [16]
    assert said() == []

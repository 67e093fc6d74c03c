"""Several images of the same slices open as channels, whatever they are stored in; others than that are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import zarr
from numpy.typing import NDArray

from keramos.core import Volume, VoxelSize
from keramos.core.errors import FormatError, KeramosError, ShapeError, VoxelSizeError
from keramos.io import file_fingerprint, open_channels, open_volume, save_volume, split_channels

SIZE = VoxelSize(20, 10, 10)


@pytest.fixture(scope="module")
def pixels() -> NDArray[np.uint8]:
    """Two channels of five slices (Z C Y X)."""
    return np.random.default_rng(0).integers(0, 255, (5, 2, 20, 24)).astype(np.uint8)


def _hyperstack(folder: Path, pixels: NDArray[np.uint8]) -> str:
    path = folder / "stack.tif"
    about: dict[str, Any] = {"axes": "ZCYX", "unit": "nm", "spacing": 20}
    tifffile.imwrite(path, pixels, imagej=True, metadata=about, resolution=(0.1, 0.1))
    return str(path)


def _ome_tiff(folder: Path, pixels: NDArray[np.uint8]) -> str:
    path = folder / "stack.ome.tif"
    size = {f"PhysicalSize{axis}": n for axis, n in zip("ZYX", SIZE.zyx, strict=True)}
    units = {f"PhysicalSize{axis}Unit": "nm" for axis in "ZYX"}
    about: dict[str, Any] = {"axes": "CZYX", "Channel": {"Name": ["SE", "In-lens"]}, **size, **units}
    tifffile.imwrite(path, pixels.swapaxes(0, 1), metadata=about, compression="zlib")
    return str(path)


def _ome_zarr(folder: Path, pixels: NDArray[np.uint8]) -> str:
    axes = [{"name": "c", "type": "channel"}]
    axes += [{"name": axis, "type": "space", "unit": "nanometer"} for axis in "zyx"]
    scale = [{"type": "scale", "scale": [1.0, *SIZE.zyx]}]
    datasets = [{"path": "0", "coordinateTransformations": scale}]
    channels = [{"label": "SE"}, {"label": "In-lens"}]
    ome = {"version": "0.5", "multiscales": [{"axes": axes, "datasets": datasets}], "omero": {"channels": channels}}
    group = zarr.create_group(folder / "stack.ome.zarr", zarr_format=3, attributes={"ome": ome})
    group.create_array("0", data=np.ascontiguousarray(pixels.swapaxes(0, 1)), chunks=(1, 2, 20, 24))
    return str(folder / "stack.ome.zarr")


def _pair(folder: Path, pixels: NDArray[np.uint8]) -> str:
    """Two OME-Zarr stores; their paths joined."""
    for number, name in enumerate(("SE", "In-lens")):
        save_volume(folder / f"{name}.ome.zarr", Volume.from_array(pixels[:, number], SIZE))
    return f"{folder / 'SE.ome.zarr'}+{folder / 'In-lens.ome.zarr'}"


@pytest.mark.parametrize("store", [_hyperstack, _ome_tiff, _ome_zarr, _pair])
def test_both_channels_are_read_wherever_they_are(store: Any, pixels: NDArray[np.uint8], tmp_path: Path) -> None:
    path = store(tmp_path, pixels)
    volume = open_channels(path)
    np.testing.assert_array_equal(volume.read_channels(), np.moveaxis(pixels, 1, -1))
    part = open_channels(path, box="1:4,2:9,3:20")
    np.testing.assert_array_equal(part.read_channels(), np.moveaxis(pixels, 1, -1)[1:4, 2:9, 3:20])
    np.testing.assert_array_equal(part.read(), pixels[1:4, 0, 2:9, 3:20])
    assert volume.voxel_size == part.others[0].voxel_size == SIZE
    named = ("channel 1", "channel 2") if store is _hyperstack else ("SE", "In-lens")
    assert volume.channel_names == named
    with pytest.raises(KeramosError):
        open_volume(path)


def test_an_identity_counts_every_channel(pixels: NDArray[np.uint8], tmp_path: Path) -> None:
    both = open_channels(_pair(tmp_path, pixels))
    single = open_channels(tmp_path / "SE.ome.zarr")
    turned = open_channels(f"{tmp_path / 'In-lens.ome.zarr'}+{tmp_path / 'SE.ome.zarr'}")
    assert single.channel_names == ()
    assert len({file_fingerprint(one) for one in (both, single, turned)}) == 3


def test_a_plus_in_a_name_is_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "a+b.tif").touch()
    (tmp_path / "c.tif").touch()
    assert split_channels(tmp_path / "a+b.tif") == (str(tmp_path / "a+b.tif"),)
    assert split_channels("a+b.tif+c.tif", tmp_path) == ("a+b.tif", "c.tif")
    assert split_channels("c.tif+lost.tif", tmp_path) == ("c.tif", "lost.tif")


def test_what_is_not_of_the_same_slices_is_refused(pixels: NDArray[np.uint8], tmp_path: Path) -> None:
    pair = _pair(tmp_path, pixels)
    first, second = pair.split("+")
    save_volume(tmp_path / "short.ome.zarr", Volume.from_array(pixels[:4, 1], SIZE))
    save_volume(tmp_path / "wide.ome.zarr", Volume.from_array(pixels[:, 1], VoxelSize(20, 11, 10)))
    with pytest.raises(ShapeError, match=r"one shape.*\(5, 20, 24\).*\(4, 20, 24\)"):
        open_channels(f"{first}+{tmp_path / 'short.ome.zarr'}")
    with pytest.raises(VoxelSizeError, match=r"one voxel size.*20 x 11 x 10"):
        open_channels(f"{first}+{tmp_path / 'wide.ome.zarr'}")
    with pytest.raises(FormatError, match="twice"):
        open_channels(f"{second}+{second}")
    with pytest.raises(KeramosError, match=r"nothing at .*lost\.tif"):
        open_channels(f"{first}+{tmp_path / 'lost.tif'}")

from __future__ import annotations

import mrcfile
import numpy as np
import pytest
import tifffile
import zarr

from keramos.core import VoxelSize
from keramos.io import open_volume
from keramos.io.units import nm_per


@pytest.mark.parametrize(
    ("unit", "nm"), [("micron", 1e3), ("um", 1e3), ("\\u00B5m", 1e3), ("µm", 1e3), ("nm", 1.0), ("mm", 1e6)]
)
def test_imagej_resolution_spacing_and_unit(tmp_path, stack, unit, nm):
    x, y, z = 20.8 / nm, 26.4 / nm, 20.0 / nm
    meta = {"axes": "ZYX", "spacing": z, "unit": unit}
    # tifffile writes the description in ASCII, as Fiji does: the escape stands in the file
    meta["unit"] = unit.replace("µ", "\\u00B5")
    tifffile.imwrite(tmp_path / "a.tif", stack, imagej=True, resolution=(1 / x, 1 / y), metadata=meta)
    assert open_volume(tmp_path / "a.tif").voxel_size.zyx == pytest.approx((20.0, 26.4, 20.8), rel=1e-6)


@pytest.mark.parametrize("missing", ["spacing", "unit"])
def test_imagej_without_all_edges_is_unknown(tmp_path, stack, missing):
    meta = {"axes": "ZYX", "spacing": 0.02, "unit": "um"}
    del meta[missing]
    tifffile.imwrite(tmp_path / "a.tif", stack, imagej=True, resolution=(50, 50), metadata=meta)
    assert open_volume(tmp_path / "a.tif").voxel_size is None


def test_ome_tiff_physical_sizes_with_their_own_units(tmp_path, stack):
    meta = {
        "axes": "ZYX",
        "PhysicalSizeX": 20.8,
        "PhysicalSizeXUnit": "nm",
        "PhysicalSizeY": 0.0264,
        "PhysicalSizeZ": 200.0,
        "PhysicalSizeZUnit": "Å",
    }
    tifffile.imwrite(tmp_path / "a.ome.tif", stack, ome=True, metadata=meta)
    volume = open_volume(tmp_path / "a.ome.tif")
    assert volume.voxel_size == VoxelSize(20.0, 26.4, 20.8)
    assert np.array_equal(volume.read(), stack)


def test_ome_tiff_without_z_is_unknown(tmp_path, stack):
    meta = {"axes": "ZYX", "PhysicalSizeX": 1.0, "PhysicalSizeY": 1.0}
    tifffile.imwrite(tmp_path / "a.ome.tif", stack, ome=True, metadata=meta)
    assert open_volume(tmp_path / "a.ome.tif").voxel_size is None


def test_mrc_angstrom_and_zero_for_unknown(tmp_path, stack):
    for name, angstrom in (("a.mrc", (208.0, 264.0, 200.0)), ("b.mrc", (0.0, 0.0, 0.0))):
        with mrcfile.new(tmp_path / name) as mrc:
            mrc.set_data(stack.astype(np.int16))
            mrc.voxel_size = angstrom  # x, y, z
    assert open_volume(tmp_path / "a.mrc").voxel_size == VoxelSize(20.0, 26.4, 20.8)
    assert open_volume(tmp_path / "b.mrc").voxel_size is None


def test_ngff_scales_multiply_and_units_convert(tmp_path, stack):
    units = {"z": "micrometer", "y": "nanometer", "x": "angstrom"}
    axes = [{"name": name, "type": "space", "unit": unit} for name, unit in units.items()]
    inner = [{"type": "scale", "scale": [0.01, 13.2, 208.0]}]
    outer = [{"type": "scale", "scale": [2.0, 2.0, 1.0]}]
    datasets = [{"path": "s0", "coordinateTransformations": inner}]
    multiscale = {"version": "0.4", "axes": axes, "datasets": datasets, "coordinateTransformations": outer}
    group = zarr.create_group(tmp_path / "a.zarr", zarr_format=2, attributes={"multiscales": [multiscale]})
    group.create_array("s0", data=stack)
    assert open_volume(tmp_path / "a.zarr").voxel_size == VoxelSize(20.0, 26.4, 20.8)


def test_words_that_are_not_lengths():
    assert nm_per("pixel") is None
    assert nm_per(None) is None
    assert nm_per("\u03bcm") == nm_per("µm") == nm_per("Micrometer") == 1000

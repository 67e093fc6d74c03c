"""Voxel sizes that are half known, impossible, unlikely, or contradicted by the one that is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from keramos.core import Finding, Volume, VoxelSize
from keramos.core.errors import VoxelSizeError
from keramos.io import describe, doubts_of_given, open_labels, open_volume
from keramos.io.units import nm_per

PIXELS = np.random.default_rng(2).integers(0, 255, (4, 6, 7), dtype=np.uint8)


def imagej(path: Path, unit: str, z: float | None, y: float, x: float) -> Path:
    meta: dict[str, Any] = {"axes": "ZYX", "unit": unit, **({} if z is None else {"spacing": z})}
    tifffile.imwrite(path, PIXELS, imagej=True, resolution=(1 / x, 1 / y), metadata=meta)
    return path


def ome(path: Path, **sizes: Any) -> Path:
    tifffile.imwrite(
        path, PIXELS, ome=True, metadata={"axes": "ZYX", **{f"PhysicalSize{k}": v for k, v in sizes.items()}}
    )
    return path


def doubts(path: Path, **options: Any) -> list[Finding]:
    return [finding for finding in open_volume(path, **options).findings if finding.kind == "voxel-size"]


@pytest.mark.parametrize(
    ("unit", "nm"),
    [
        *((unit, 0.1) for unit in ("Å", "\u212b", "\\u00C5", "A\u030a", "angstrom", "Angstroms", "ångström", "A")),
        *((unit, 1.0) for unit in ("nm", "nanometer", "nanometre", "Nanometres", "nanomètre", "nm.", " NM ")),
        *((unit, 1e3) for unit in ("µm", "μm", "um", "\\u00B5m", "micron", "Microns", "micrometres", "µ")),
        *((unit, 1e6) for unit in ("mm", "millimetre")),
        *((unit, 1e9) for unit in ("m", "metre", "meters")),
        *((unit, None) for unit in ("pixel", "pixels", "", "px", "sec", "Mikro", "dm3")),
    ],
)
def test_names_of_units(unit: str, nm: float | None) -> None:
    assert nm_per(unit) == nm


@pytest.mark.parametrize("unit", ["angstroms", "\\u00C5", "Angstrom"])
def test_imagej_stacks_in_angstrom(tmp_path: Path, unit: str) -> None:
    volume = open_volume(imagej(tmp_path / "a.tif", unit, 200, 50, 50))
    assert volume.voxel_size == VoxelSize(20, 5, 5)
    assert not volume.findings


def test_a_pixel_without_a_thickness_is_said_with_its_source_and_what_to_give(tmp_path: Path) -> None:
    path = imagej(tmp_path / "a.tif", "nm", None, 6.25, 5)
    volume = open_volume(path)
    (finding,) = volume.findings
    assert (finding.kind, finding.severity) == ("voxel-size", "note")
    assert "y = 6.25 nm (ImageJ YResolution), x = 5 nm" in finding.message
    assert "--voxel-size Z 6.25 5" in finding.advice
    with pytest.raises(VoxelSizeError, match=r"y = 6\.25 nm .* not the thickness of a slice \(z\); give"):
        volume.require_voxel_size()
    facts = describe(path)
    assert facts["voxel_size_nm"] == [None, 6.25, 5.0]
    assert facts["sources"] == {"y": "ImageJ YResolution", "x": "ImageJ XResolution"}


@pytest.mark.parametrize(("unit", "dots"), [("inch", 72), ("inch", 96), ("inch", 254), ("cm", 100)])
def test_a_resolution_for_printing_is_no_voxel_size(tmp_path: Path, unit: str, dots: int) -> None:
    path = imagej(tmp_path / "a.tif", unit, 1, 1 / dots, 1 / dots)
    assert open_volume(path).voxel_size is None
    (finding,) = doubts(path)
    assert "cannot be" in finding.message


def test_resolution_tags_without_a_description_are_no_voxel_size(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", PIXELS, metadata=None, resolution=(96, 96), photometric="minisblack")
    assert open_volume(tmp_path / "a.tif").voxel_size is None


def test_mixed_units_are_doubted_or_taken_as_unknown(tmp_path: Path) -> None:
    path = ome(tmp_path / "a.ome.tif", X=5, XUnit="nm", Y=5, YUnit="cm", Z=25, ZUnit="µm")
    assert open_volume(path).voxel_size is None
    (finding,) = doubts(path)
    assert "5e+07 nm along y" in finding.message
    path = ome(tmp_path / "b.ome.tif", X=5, XUnit="nm", Y=5, YUnit="nm", Z=1)
    assert open_volume(path).voxel_size == VoxelSize(1000, 5, 5)
    (finding,) = doubts(path)
    assert finding.severity == "warning"
    assert "200 times" in finding.message
    assert "1 µm where it does not know" in finding.advice


@pytest.mark.parametrize(
    ("size", "word"),
    [
        ((0.02, 0.005, 0.005), "if it was meant in µm, it is 20 x 5 x 5 nm"),
        ((0.1, 0.1, 0.1), "less than an electron beam"),
        ((20000, 5, 5), "if z was meant in nm, not µm, it is 20 nm"),
        ((200, 5, 5), "if z was meant in Å, not nm, it is 20 nm"),
        ((0.5, 20, 20), "slices are 0.025 times"),
        ((5, 5, 20), "if it was meant as X Y Z, it is 20 x 5 x 5 nm"),
        ((10, 10, 20), "if it was meant as X Y Z, it is 20 x 10 x 10 nm"),
        ((20, 5, 50), "10 times as long along x as along y"),
    ],
)
def test_a_size_that_no_stack_has_is_doubted_wherever_it_comes_from(
    tmp_path: Path, size: tuple[float, float, float], word: str
) -> None:
    np.save(tmp_path / "a.npy", PIXELS)
    np.save(tmp_path / "labels.npy", (PIXELS > 99).astype(np.uint8))
    given = VoxelSize.of(size)
    (finding,) = doubts(tmp_path / "a.npy", voxel_size=given)
    assert finding.severity == "warning"
    assert word in finding.text
    assert open_volume(tmp_path / "a.npy", voxel_size=given).voxel_size == given
    assert [one.kind for one in open_labels(tmp_path / "labels.npy", voxel_size=given).findings] == ["voxel-size"]
    assert word in doubts_of_given(Volume.from_array(PIXELS), given)[0].text


@pytest.mark.parametrize("size", [(20, 5, 5), (20, 26.4, 20.8), (5, 5, 5), (100, 4, 4), (4, 8, 8), (20, 10, 6)])
def test_usual_sizes_are_not_doubted(tmp_path: Path, size: tuple[float, float, float]) -> None:
    np.save(tmp_path / "a.npy", PIXELS)
    assert not doubts(tmp_path / "a.npy", voxel_size=VoxelSize.of(size))


def test_sizes_of_other_microscopes_are_a_note(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", PIXELS)
    (finding,) = doubts(tmp_path / "a.npy", voxel_size=VoxelSize(2100, 2100, 2100))
    assert finding.severity == "note"


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ((20, 10, 10), "see which"),
        ((5, 5, 20), "not X Y Z"),
        ((0.02, 0.005, 0.005), "not µm"),
        ((20, 5, 5), None),
        ((22, 5.5, 5), None),
    ],
)
def test_a_given_size_that_the_file_contradicts(tmp_path: Path, given: Any, word: str | None) -> None:
    path = imagej(tmp_path / "a.tif", "nm", 20, 5, 5)
    volume = open_volume(path, voxel_size=VoxelSize.of(given))
    assert volume.voxel_size == VoxelSize.of(given)
    against = [finding for finding in volume.findings if "is given, but" in finding.message]
    assert len(against) == (word is not None)
    if word is not None:
        assert word in against[0].advice
        assert "states 20 x 5 x 5 nm" in against[0].message
    opened = open_volume(path)
    assert [one.message for one in doubts_of_given(opened, VoxelSize.of(given))] == [
        one.message for one in volume.findings
    ]


def test_a_given_size_is_held_against_the_edges_that_the_file_states(tmp_path: Path) -> None:
    path = imagej(tmp_path / "a.tif", "nm", None, 5, 5)
    assert not doubts(path, voxel_size=VoxelSize(20, 5, 5))
    (finding,) = doubts(path, voxel_size=VoxelSize(20, 7, 7))
    assert "states 5 nm along y, 5 nm along x" in finding.message


def test_positions_in_file_names_tell_the_thickness(tmp_path: Path) -> None:
    for z in (0, 1, 2, 5, 6):
        imagej_slice = {"axes": "YX", "unit": "nm"}
        path = tmp_path / f"slice_{z:03}_z={z * 0.02:.4f}um.tif"
        tifffile.imwrite(path, PIXELS[0] + z, imagej=True, resolution=(1 / 5, 1 / 5), metadata=imagej_slice)
    volume = open_volume(tmp_path)
    assert volume.voxel_size == VoxelSize(20, 5, 5)
    assert [finding.kind for finding in volume.findings] == ["missing-slice"]
    assert "positions in the file names" in describe(tmp_path)["sources"]["z"]
    (tmp_path / "slice_006_z=0.1200um.tif").rename(tmp_path / "slice_006_z=0.1300um.tif")
    assert "slice-thickness" in [finding.kind for finding in open_volume(tmp_path).findings]


@pytest.mark.parametrize(("step", "count"), [(20, 0), (40, 1)])
def test_names_that_contradict_the_files_thickness_are_said(tmp_path: Path, step: float, count: int) -> None:
    meta = {"axes": "ZYX", "unit": "nm", "spacing": 20.0}
    for z in range(4):
        path = tmp_path / f"slice_{z}_z={z * step:.0f}nm.tif"
        tifffile.imwrite(path, PIXELS[z : z + 1], imagej=True, resolution=(1 / 5, 1 / 5), metadata=meta)
    found = doubts(tmp_path)
    assert len(found) == count
    for finding in found:
        taken = open_volume(tmp_path).require_voxel_size().z_nm
        assert "40 nm apart by the names of the files, and 20 nm thick" in finding.message
        assert f"{taken:g} nm is taken" in finding.effect
    assert not doubts(tmp_path, voxel_size=VoxelSize(20, 5, 5))

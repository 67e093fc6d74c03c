"""VTK ImageData: each voxel's number stands where the voxel stands in space."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from keramos.core import ArraySource, Box, LabelVolume, Volume, VoxelSize
from keramos.core.errors import PixelError, VoxelSizeError
from keramos.writers.vtk.image import write_vti

SIZE = VoxelSize(20, 26.4, 20.8)


def at(file, x_nm: float, y_nm: float, z_nm: float):
    """The number of the point at a place in nm, as a viewer finds it; the place must be a point's."""
    (name,) = file.arrays
    x0, x1, y0, y1, z0, z1 = (int(bound) for bound in file.attribute("ImageData", "WholeExtent"))
    assert x0 == y0 == z0 == 0
    origin, spacing = file.attribute("ImageData", "Origin"), file.attribute("ImageData", "Spacing")
    places = [(p - o) / s for p, o, s in zip((x_nm, y_nm, z_nm), origin, spacing, strict=True)]
    x, y, z = (round(place) for place in places)
    np.testing.assert_allclose(places, [x, y, z], atol=1e-9)
    assert 0 <= x <= x1
    assert 0 <= y <= y1
    assert 0 <= z <= z1
    return file.arrays[name][x + (x1 + 1) * (y + (y1 + 1) * z)]


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("u1", "u1"),
        (">u2", "<u2"),
        ("<i4", "<i4"),
        ("<f4", "<f4"),
        (">f8", "<f8"),
        ("<f2", "<f4"),
        ("?", "u1"),
    ],
)
def test_each_voxel_is_where_it_belongs(tmp_path: Path, read_vtk, compress: bool, given: str, written: str) -> None:
    grey = (np.random.default_rng(0).random((3, 4, 5)) * 200).astype(given)
    write_vti(Volume.from_array(grey, SIZE), tmp_path / "a.vti", compress=compress)
    file = read_vtk(tmp_path / "a.vti")
    assert file.arrays["grey"].dtype == np.dtype(written)
    assert file.sections == {"grey": "PointData"}
    assert file.attribute("ImageData/Piece", "Extent") == file.attribute("ImageData", "WholeExtent")
    for (z, y, x), value in np.ndenumerate(grey):
        assert at(file, (x + 0.5) * 20.8, (y + 0.5) * 26.4, (z + 0.5) * 20) == value
    assert file.fields == {}
    assert [path.name for path in tmp_path.iterdir()] == ["a.vti"]


def test_a_box_lies_where_it_lies_in_the_whole(tmp_path: Path, read_vtk) -> None:
    grey = np.arange(6 * 7 * 8, dtype=np.uint16).reshape(6, 7, 8)
    write_vti(Volume.from_array(grey, SIZE).crop(Box((2, 1, 3), (5, 7, 6))), tmp_path / "a.vti")
    file = read_vtk(tmp_path / "a.vti")
    assert file.arrays["grey"].size == 3 * 6 * 3
    for z, y, x in [(2, 1, 3), (4, 6, 5), (3, 2, 4)]:
        assert at(file, (x + 0.5) * 20.8, (y + 0.5) * 26.4, (z + 0.5) * 20) == grey[z, y, x]


def test_labels_say_their_phases(tmp_path: Path, read_vtk, ternary: LabelVolume) -> None:
    write_vti(ternary, tmp_path / "a.vti", compress=True)
    file = read_vtk(tmp_path / "a.vti")
    np.testing.assert_array_equal(file.arrays["phase"].reshape(6, 7, 9), ternary.read())
    assert file.fields == {"void": 0, 'ce"r<ia': 1, "nickel & φ": 2}


@pytest.mark.parametrize("compress", [False, True])
def test_slab_by_slab_is_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compress: bool) -> None:
    volume = Volume.from_array(np.random.default_rng(0).integers(0, 9, (7, 5, 4)).astype(np.uint16), SIZE)
    seen: list[tuple[int, int]] = []
    write_vti(volume, tmp_path / "a.vti", compress=compress)
    monkeypatch.setattr("keramos.writers.slabs.thickness", lambda _: 3)
    write_vti(volume, tmp_path / "b.vti", compress=compress, progress=lambda done, of: seen.append((done, of)))
    assert (tmp_path / "a.vti").read_bytes() == (tmp_path / "b.vti").read_bytes()
    assert seen == [(z, 7) for z in range(1, 8)]


def test_only_a_slab_is_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    boxes: list[Box] = []

    class Watched(ArraySource):
        def read(self, box: Box) -> np.ndarray:
            boxes.append(box)
            return super().read(box)

    monkeypatch.setattr("keramos.writers.slabs.thickness", lambda _: 2)
    write_vti(Volume(Watched(np.zeros((5, 6, 7), np.uint8)), SIZE), tmp_path / "a.vti")
    assert [(box.start, box.stop) for box in boxes] == [
        ((0, 0, 0), (2, 6, 7)),
        ((2, 0, 0), (4, 6, 7)),
        ((4, 0, 0), (5, 6, 7)),
    ]


def test_labels_become_small(tmp_path: Path, read_vtk) -> None:
    codes = np.zeros((4, 100, 100), np.uint8)
    codes[1:3, 20:70] = 1
    for name, compress in (("raw", False), ("small", True)):
        write_vti(Volume.from_array(codes, SIZE), tmp_path / f"{name}.vti", compress=compress)
    assert (tmp_path / "small.vti").stat().st_size < (tmp_path / "raw.vti").stat().st_size / 10
    np.testing.assert_array_equal(read_vtk(tmp_path / "small.vti").arrays["grey"], codes.ravel())


def test_numpys_numbers_are_plain_in_the_file(tmp_path: Path, read_vtk) -> None:
    size = VoxelSize(*np.array([20, 26.4, 20.8]))
    write_vti(Volume.from_array(np.zeros((2, 2, 2), np.uint8), size), tmp_path / "a.vti")
    assert read_vtk(tmp_path / "a.vti").attribute("ImageData", "Spacing") == [20.8, 26.4, 20]


def test_what_vtk_cannot_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VoxelSizeError, match="--voxel-size"):
        write_vti(Volume.from_array(np.zeros((2, 3, 4), np.uint8)), tmp_path / "a.vti")
    with pytest.raises(PixelError, match="found complex128 in memory"):
        write_vti(Volume.from_array(np.zeros((2, 3, 4), complex), SIZE), tmp_path / "a.vti")
    assert not list(tmp_path.iterdir())

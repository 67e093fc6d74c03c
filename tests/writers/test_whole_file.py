"""Files are there whole or not at all, and other software reads them."""

from __future__ import annotations

import errno
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keramos.core import LabelVolume
from keramos.core.errors import StorageError
from keramos.writers import WRITERS

SUFFIXES = (".vti", ".vtp", ".vtu", ".stl", ".ply", ".obj", ".inp")


def write(labels: LabelVolume, out: Path) -> None:
    writer = WRITERS[{".vti": "vti", ".tif": "tiff"}.get(out.suffix, "mesh")]
    writer.export(labels, out, fresh=True)


@pytest.fixture
def small_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full after 200 bytes of a file."""

    class Small(io.FileIO):
        def write(self, data: Any) -> int:
            if self.tell() + len(data) > 200:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data)

    plain = Path.open

    def opened(path: Path, mode: str = "r", **text: Any) -> Any:
        if "w" not in mode:
            return plain(path, mode, **text)
        binary = io.BufferedWriter(Small(path, "w"), 64)
        return binary if "b" in mode else io.TextIOWrapper(binary, **text)

    monkeypatch.setattr(Path, "open", opened)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, small_disk: None, ternary: LabelVolume, suffix: str) -> None:
    out = tmp_path / f"a{suffix}"
    out.touch()
    with pytest.raises(StorageError, match=r"expected to write .*, found: No space left on device; free space"):
        write(ternary, out)
    assert [(path.name, path.stat().st_size) for path in tmp_path.iterdir()] == [(out.name, 0)]


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".tif"])
def test_an_interrupted_export_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ternary: LabelVolume, suffix: str
) -> None:
    def interrupted(self: Path, target: Path) -> None:
        assert self.stat().st_size > 1000
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(ternary, tmp_path / f"a{suffix}")
    assert not list(tmp_path.iterdir())


def test_a_file_where_a_folder_should_be(tmp_path: Path, ternary: LabelVolume) -> None:
    (tmp_path / "b").touch()
    with pytest.raises(StorageError, match="a file where a folder should be"):
        write(ternary, tmp_path / "b" / "a.stl")
    write(ternary, tmp_path / "new" / "folder" / "a.stl")
    assert (tmp_path / "new" / "folder" / "a.stl").is_file()


def test_meshio_reads_voxels(tmp_path: Path, ternary: LabelVolume) -> None:
    meshio = pytest.importorskip("meshio", reason="meshio is not installed")
    codes = ternary.read()
    for suffix in (".vtu", ".inp"):
        write(ternary, tmp_path / f"a{suffix}")
    grid, model = (meshio.read(tmp_path / f"a{suffix}") for suffix in (".vtu", ".inp"))
    np.testing.assert_allclose(model.points, grid.points, rtol=1e-8)
    assert {block.type for block in (*grid.cells, *model.cells)} == {"hexahedron"}
    (phases,) = grid.cell_data["phase"]
    assert {name: value.item() for name, value in grid.field_data.items()} == {
        name: code for code, name in enumerate(ternary.phases.names)
    }
    np.testing.assert_array_equal(phases, codes[codes != 255])
    for code, (name, block) in enumerate(zip(model.cell_sets, model.cells, strict=True)):
        assert name.startswith(ternary.phases.names[code][:2])
        np.testing.assert_array_equal(block.data, grid.cells[0].data[phases == code])


@pytest.mark.parametrize(
    ("suffix", "reader"),
    [
        (".vti", "vtkXMLImageDataReader"),
        (".vtp", "vtkXMLPolyDataReader"),
        (".vtu", "vtkXMLUnstructuredGridReader"),
    ],
)
def test_vtk_reads_its_own(tmp_path: Path, ternary: LabelVolume, suffix: str, reader: str) -> None:
    vtk = pytest.importorskip("vtkmodules.vtkIOXML", reason="VTK is not installed")
    write(ternary, tmp_path / f"a{suffix}")
    file: Any = getattr(vtk, reader)()
    file.SetFileName(str(tmp_path / f"a{suffix}"))
    file.Update()
    data, codes = file.GetOutput(), ternary.read()
    assert file.GetErrorCode() == 0
    _CHECKS[suffix](data, codes)


def _image(data: Any, codes: np.ndarray) -> None:
    assert (data.GetDimensions(), data.GetSpacing()) == ((9, 7, 6), (20.8, 26.4, 20))
    scalars = data.GetPointData().GetScalars()
    assert [scalars.GetValue(i) for i in range(codes.size)] == codes.ravel().tolist()


def _surface(data: Any, codes: np.ndarray) -> None:
    assert data.GetNumberOfPolys() > 100
    assert data.GetBounds() == pytest.approx((0, 187.2, 0, 184.8, 0, 120))


def _voxels(data: Any, codes: np.ndarray) -> None:
    assert data.GetNumberOfCells() == (codes != 255).sum()
    scalars = data.GetCellData().GetScalars()
    assert [scalars.GetValue(i) for i in range(data.GetNumberOfCells())] == codes[codes != 255].tolist()


_CHECKS: dict[str, Callable[[Any, np.ndarray], None]] = {".vti": _image, ".vtp": _surface, ".vtu": _voxels}

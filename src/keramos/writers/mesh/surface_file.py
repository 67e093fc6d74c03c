"""Files of surfaces: .stl, .ply, .obj and .vtp, written a piece at a time.

trimesh writes the first three, too, but takes 2 to 3 GB of memory for 10 million triangles to do it (.stl, .obj).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from keramos.writers.mesh.surface import Surface
from keramos.writers.vtk.polydata import write_vtp

_AT_ONCE = 2**18
_STL_TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_PLY_TRIANGLE = np.dtype([("corners", "u1"), ("vertices", "<i4", 3)])
_PLY_HEAD = """ply
format binary_little_endian 1.0
comment surface by Keramos, lengths in nm
element vertex {}
property float x
property float y
property float z
element face {}
property list uchar int vertex_indices
end_header
"""


def write_surface_file(surface: Surface, out: Path) -> None:
    """Write a surface in the format of the suffix (one of SURFACES), in nm, which most formats cannot say."""
    suffix = out.suffix.lower()
    if suffix == ".vtp":
        write_vtp(surface, out)
        return
    with out.open("wb") as file:
        _WRITERS[suffix](surface, file)


def _write_stl(surface: Surface, file: BinaryIO) -> None:
    """Binary; a file that began with the word solid would be taken for a text."""
    file.write(b"surface by Keramos, lengths in nm".ljust(80))
    file.write(np.array([len(surface.faces)], "<u4").tobytes())
    for faces in _pieces(surface.faces):
        corners = surface.vertices[faces]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        lengths = np.linalg.norm(normals, axis=1, keepdims=True)
        triangles = np.zeros(len(faces), _STL_TRIANGLE)
        triangles["normal"] = normals / np.where(lengths, lengths, 1)
        triangles["corners"] = corners
        file.write(triangles.tobytes())


def _write_ply(surface: Surface, file: BinaryIO) -> None:
    """Binary."""
    file.write(_PLY_HEAD.format(len(surface.vertices), len(surface.faces)).encode("ascii"))
    for vertices in _pieces(surface.vertices):
        file.write(vertices.astype("<f4").tobytes())
    for faces in _pieces(surface.faces):
        triangles = np.zeros(len(faces), _PLY_TRIANGLE)
        triangles["corners"] = 3
        triangles["vertices"] = faces
        file.write(triangles.tobytes())


def _write_obj(surface: Surface, file: BinaryIO) -> None:
    """Text; vertices are counted from 1."""
    file.write(b"# surface by Keramos, lengths in nm\n")
    for vertices in _pieces(surface.vertices):
        file.write(b"v %.9g %.9g %.9g\n" * len(vertices) % tuple(vertices.ravel().tolist()))
    for faces in _pieces(surface.faces):
        file.write(b"f %d %d %d\n" * len(faces) % tuple((faces + 1).ravel().tolist()))


def _pieces(rows: NDArray[np.float64] | NDArray[np.int32]) -> Iterator[NDArray[np.float64] | NDArray[np.int32]]:
    return (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))


_WRITERS: Mapping[str, Callable[[Surface, BinaryIO], None]] = {
    ".stl": _write_stl,
    ".ply": _write_ply,
    ".obj": _write_obj,
}

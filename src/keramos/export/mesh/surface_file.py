"""Files of surfaces: .stl, .ply and .obj by trimesh, .vtp by ourselves."""

from __future__ import annotations

from pathlib import Path

import trimesh

from keramos.export.mesh.surface import Surface
from keramos.export.vtk.polydata import write_vtp
from keramos.export.whole_file import whole_file

SURFACES = (".stl", ".ply", ".obj", ".vtp")


def write_surface_file(surface: Surface, out: Path) -> None:
    """Write it in the format that the suffix says (one of SURFACES); lengths in nm, which only a reader can know.

    Raises:
        StorageError: the disk refuses.
    """
    suffix = out.suffix.lower()
    if suffix == ".vtp":
        write_vtp(surface, out)
        return
    mesh = trimesh.Trimesh(surface.vertices, surface.faces, process=False)
    with whole_file(out) as part, part.open("wb") as file:
        mesh.export(file, file_type=suffix.removeprefix("."))

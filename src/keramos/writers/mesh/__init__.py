"""Labels as a mesh: the closed, smoothed surface of a phase, or voxels as hexahedra for finite elements."""

from __future__ import annotations

from pathlib import Path

from keramos.core import LabelVolume
from keramos.core.progress import Reporter
from keramos.writers.mesh.settings import MeshSettings, check_mesh
from keramos.writers.mesh.suffixes import SURFACES, VOXELS
from keramos.writers.writer import Writer, begins_with


def _write(labels: LabelVolume, path: Path, settings: MeshSettings, reporter: Reporter) -> None:
    from keramos.writers.mesh.write import write_mesh

    write_mesh(labels, path, settings, reporter)


MESH = Writer(
    "mesh",
    "in nm, from the corner of the first voxel: the closed, smoothed surface of a phase as .stl, .ply, .obj or .vtp; "
    "voxels as hexahedra for finite elements as .vtu, or .inp with an element set for each phase",
    "labels",
    _write,
    settings=MeshSettings,
    suffixes=(*SURFACES, *VOXELS),
    any_suffix=True,  # check_mesh says which suffix means what
    is_own=begins_with(
        b"surface by Keramos", b"ply\n", b"# surface by Keramos", b"*HEADING", b"<?xml", mark=b"by Keramos"
    ),
    example="keramos export segmentation.ome.zarr --to mesh --phase solid --out solid.stl",
    check=check_mesh,
)

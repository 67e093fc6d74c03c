"""Files of voxel meshes: .vtu for VTK, .inp for Abaqus (CalculiX and Gmsh read it, too)."""

from __future__ import annotations

from math import ceil
from pathlib import Path

from keramos.core.errors import LabelError, SettingsError
from keramos.core.progress import Reporter
from keramos.writers.domain import Domain
from keramos.writers.mesh.abaqus import write_inp
from keramos.writers.mesh.voxels import VoxelMesh
from keramos.writers.vtk.unstructured import write_vtu

MOST_ELEMENTS = 50_000_000
"""5 GB of .vtu, more than a solver takes."""


def write_voxel_file(
    domain: Domain, phase: str | None, out: Path, reporter: Reporter, *, most: int = MOST_ELEMENTS
) -> None:
    """Write the voxels of a phase, or of all phases, in the format of the suffix (one of VOXELS).

    Voxels that nobody annotated are left out. The mesh is written slice by slice, which reads the volume several times.

    Raises:
        LabelError: no such phase, or no voxel of it.
        SettingsError: more than `most` elements.
    """
    phases = domain.labels.phases
    codes = tuple(range(len(phases))) if phase is None else (phases.code(phase),)
    mesh = VoxelMesh(domain, codes, reporter)
    nodes, elements = mesh.count()
    _check(sum(elements.values()), most, domain, phase)
    if out.suffix.lower() == ".vtu":
        write_vtu(mesh, nodes, sum(elements.values()), out)
    else:
        write_inp(mesh, elements, out)


def _check(count: int, most: int, domain: Domain, phase: str | None) -> None:
    name = domain.labels.name
    if not count:
        what = "an annotated voxel" if phase is None else f"voxels of the phase {phase}"
        raise LabelError(f"expected {what} to mesh, found none in {name}; name another phase or box")
    if count > most:
        factor = max(2, ceil((count / most) ** (1 / 3)))
        raise SettingsError(
            f"expected a mesh of at most {most:,} voxels, found {count:,} in {name}; merge {factor} times as many "
            "voxels along each axis with --coarsen, or take a part of it with --box"
        )

"""A mesh of labels: a surface or voxels, as the file's suffix says."""

from __future__ import annotations

from pathlib import Path

from keramos.core import LabelVolume
from keramos.core.progress import Reporter
from keramos.writers.domain import domain_of
from keramos.writers.mesh.settings import MeshSettings, check_mesh
from keramos.writers.mesh.suffixes import VOXELS
from keramos.writers.mesh.surface import surface_of
from keramos.writers.mesh.surface_file import write_surface_file
from keramos.writers.mesh.voxel_file import write_voxel_file


def write_mesh(
    labels: LabelVolume, out: Path, settings: MeshSettings | None = None, reporter: Reporter | None = None
) -> None:
    """Write the surface of a phase (.stl, .ply, .obj, .vtp) or voxels as hexahedra (.vtu, .inp), in nm, X Y Z.

    A surface is closed where its phase reaches the border, smoothed, and its triangles are counter-clockwise seen from
    outside.

    Raises:
        LabelError: no such phase, or no voxel of it.
        SettingsError: another suffix, a setting that does not fit, or more triangles or voxels than can be held.
        VoxelSizeError: the voxel size is not known.
    """
    settings, reporter = settings or MeshSettings(), reporter or Reporter()
    check_mesh(out, settings)
    if settings.phase is not None:
        labels.phases.code(settings.phase)
    domain = domain_of(labels, settings.coarsen, reporter)
    if out.suffix.lower() in VOXELS:
        write_voxel_file(domain, settings.phase, out, reporter)
        return
    phase = settings.phase or labels.phases.names[labels.phases.positive]
    progress = reporter.progress(f"find the surface of {phase}", "slice")
    write_surface_file(surface_of(domain, phase, settings.passes, progress), out)

"""A mesh of labels: a surface or voxels, as the file's suffix says."""

from __future__ import annotations

from pathlib import Path

from keramos.core import LabelVolume
from keramos.core.errors import SettingsError
from keramos.core.progress import Reporter
from keramos.writers.domain import domain_of
from keramos.writers.mesh.settings import MeshSettings
from keramos.writers.mesh.surface import surface_of
from keramos.writers.mesh.surface_file import SURFACES, write_surface_file
from keramos.writers.mesh.voxel_file import VOXELS, write_voxel_file


def check_mesh(out: Path, settings: MeshSettings) -> None:
    """SettingsError for a suffix that says no mesh, or for smoothing of voxels: before anything is read."""
    suffix = out.suffix.lower()
    if suffix not in (*SURFACES, *VOXELS):
        raise SettingsError(
            f"expected a file called *{', *'.join(SURFACES)} for a surface or *{', *'.join(VOXELS)} for a mesh of "
            f"voxels, found {out}; rename it"
        )
    if suffix in VOXELS and settings.smooth is not None:
        raise SettingsError(
            f"expected --smooth only for a surface ({', '.join(SURFACES)}), found it for the voxels of {out}; leave it "
            "out"
        )


def write_mesh(
    labels: LabelVolume, out: Path, *, settings: MeshSettings | None = None, reporter: Reporter | None = None
) -> None:
    """Write the surface of a phase (.stl, .ply, .obj, .vtp) or voxels as hexahedra (.vtu, .inp), in nm, X Y Z.

    A surface is closed where its phase reaches the border, smoothed, and its triangles are counter-clockwise seen from
    outside. The file appears when it is complete.

    Raises:
        LabelError: no such phase, or no voxel of it.
        SettingsError: another suffix, a setting that does not fit, or more triangles or voxels than can be held.
        VoxelSizeError: the voxel size is not known.
        StorageError: the disk refuses.
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

"""Labels as a mesh: the surface of a phase, or voxels."""

from __future__ import annotations

from pathlib import Path

from keramos.core import Volume
from keramos.core.errors import SettingsError
from keramos.project.exporting.job import ExportJob
from keramos.writers import MeshSettings, check_mesh, write_mesh


def mesh(job: ExportJob) -> Path:
    """A phase's surface or voxels, in the format that the suffix says."""
    chosen = job.settings
    settings = MeshSettings(chosen.phase, chosen.smooth, 1 if chosen.coarsen is None else chosen.coarsen)
    check_mesh(job.out, settings)
    job.refuse_existing()
    if isinstance(job.path, Volume):
        raise SettingsError(f"expected labels for --to mesh, found the images {job.path.name}; segment them first")
    write_mesh(job.reading.labels(job.path, job.reporter), job.out, settings=settings, reporter=job.reporter)
    return job.out

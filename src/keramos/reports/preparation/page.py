"""Write the page on a preparation."""

from __future__ import annotations

from pathlib import Path

from keramos.core.registry import Registry
from keramos.reports.page import Head, write_page
from keramos.reports.preparation.content import PreparationContent
from keramos.reports.section import Section

PREPARATION_SECTIONS: Registry[Section[PreparationContent]] = Registry(
    "preparation_sections", Section, "keramos.reports.preparation.sections"
)
"""The sections of the page by name, those of other installed packages included."""


def write_preparation(content: PreparationContent, path: Path) -> None:
    """Write one HTML file that needs nothing else. StorageError if it cannot be written."""
    write_page(Head(content.title, lead(content)), PREPARATION_SECTIONS, content, path)


def lead(content: PreparationContent) -> str:
    """The result in a sentence or two."""
    preparation, size = content.preparation, content.prepared.voxel_size
    z, y, x = content.prepared.shape
    voxels = f"voxels of {size}" if size is not None else "voxels of unknown size"
    filled = len(preparation.grid.filled)
    used = f"{len(preparation.kept)} of {content.raw.shape[0]} slices became a volume of {z} x {y} x {x} {voxels}"
    lacking = f"; {filled} slices are filled for looking only" if filled else ""
    return f"{used}{lacking}. {describe_drift(content)}"


def describe_drift(content: PreparationContent) -> str:
    """A sentence on the drift that was undone."""
    shifts = content.preparation.shifts
    if not shifts.is_moved:
        return "No slice was moved: no drift was told from the structure for sure, or none was looked for."
    rms, sd = shifts.rms, shifts.sd.mean(axis=0)
    return (
        f"Slices were moved by {rms[0]:.2f} px along y and {rms[1]:.2f} px along x (root mean square), each known to "
        f"{sd[0]:.2f} and {sd[1]:.2f} px."
    )

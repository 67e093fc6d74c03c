"""A stack for ParaView, Avizo and other software that reads VTK images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keramos.core import LabelVolume, Volume
from keramos.core.options import Settings, option
from keramos.core.progress import Reporter
from keramos.writers.vtk.image import write_vti
from keramos.writers.writer import Writer, begins_with


@dataclass(frozen=True, kw_only=True)
class VtiSettings(Settings):
    """Options of a VTK image."""

    compress: bool = option(False, help="Compress the file; smaller, and slower.")


def _write(stack: Volume | LabelVolume, path: Path, settings: VtiSettings, reporter: Reporter) -> None:
    write_vti(stack, path, compress=settings.compress, progress=reporter.progress("write the image", "slice"))


VTI = Writer(
    "vti",
    "a stack for ParaView and Avizo, with its voxel size in nm; of labels, the codes and names of the phases",
    "stack",
    _write,
    settings=VtiSettings,
    suffixes=(".vti",),
    is_own=begins_with(b"<?xml", mark=b"<!-- by Keramos -->"),
    example="keramos export segmentation.ome.zarr --to vti --compress --out segmentation.vti",
)

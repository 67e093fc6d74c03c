"""Each target's writer, and the options that it understands.

tiff, vti: a stack -> a file;  mesh: labels -> a file;  onnx, bioimageio: a model -> a file;
nnunet: stacks and labels -> a folder
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from keramos.core.errors import SettingsError
from keramos.project.exporting.job import ExportJob
from keramos.project.exporting.meshes import mesh
from keramos.project.exporting.models import bioimageio, onnx
from keramos.project.exporting.stacks import nnunet, tiff, vti


@dataclass(frozen=True)
class _Target:
    write: Callable[[ExportJob], Path]
    options: tuple[str, ...] = ()


_TARGETS = {
    "tiff": _Target(tiff),
    "mesh": _Target(mesh, ("phase", "smooth", "coarsen")),
    "vti": _Target(vti, ("compress",)),
    "onnx": _Target(onnx, ("images",)),
    "bioimageio": _Target(bioimageio, ("name", "authors", "images")),
    "nnunet": _Target(nnunet, ("labels", "slices", "name", "number", "context")),
}


def run_export(job: ExportJob, to: str) -> Path:
    """Export for the target `to` and give the path written.

    Raises:
        SettingsError: no such target, an option that it does not know, or several paths where it takes one.
        KeramosError: as the target's own writer.
    """
    if to not in _TARGETS:
        raise SettingsError(f"expected --to {', '.join(_TARGETS)}, found '{to}'")
    target = _TARGETS[to]
    given = [name for name, value in vars(job.settings).items() if value is not None]
    for name in given:
        if name not in target.options:
            takers = " or ".join(other for other, entry in _TARGETS.items() if name in entry.options)
            raise SettingsError(f"expected --{name} only with --to {takers}, found it with --to {to}; leave it out")
    if len(job.paths) != 1 and "labels" not in target.options:
        raise SettingsError(
            f"expected one path for --to {to}, found {len(job.paths)}; put a pattern of files in quotes, as in "
            "'slices/*.tif'"
        )
    return target.write(job)

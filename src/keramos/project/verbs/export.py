"""Write what other software reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from keramos.core import LabelVolume, Volume
from keramos.core.progress import Reporter
from keramos.project.exporting import ExportJob, ExportSettings, run_export
from keramos.project.inputs import Images, Labels, Reading


def export(
    path: Images | Labels | Sequence[Images],
    out: str | Path,
    *,
    to: str = "tiff",
    settings: ExportSettings | None = None,
    fresh: bool = False,
    reading: Reading | None = None,
    reporter: Reporter | None = None,
) -> Path:
    """Write what other software reads, and give the path written.

    `tiff`: images or labels as an ImageJ TIFF with the voxel size; labels are phase codes. `vti`: the same for VTK.
    `mesh`: the surface of a phase, or voxels as finite elements, in nm, by the ending of `out`. `onnx`: the network of
    a model file. `bioimageio`: the same as a bioimage.io package, a zip. `nnunet`: stacks and the `settings.labels` as
    a data set of nnU-Net, in a folder of its own in the folder `out`.

    Raises:
        StorageError: the input, a folder, or without `fresh` any file, is there already.
        MissingPackageError: the extra `keramos[export]` is not installed (onnx, bioimageio).
        KeramosError: its members say what does not fit.
    """
    paths = (path,) if isinstance(path, str | Path | Volume | LabelVolume) else tuple(path)
    job = ExportJob(paths, Path(out), settings or ExportSettings(), fresh, reading or Reading(), reporter or Reporter())
    return run_export(job, to)

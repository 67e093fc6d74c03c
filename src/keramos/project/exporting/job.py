"""What is to be exported, where to, and with which options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keramos.core import LabelVolume, Volume
from keramos.core.progress import Reporter
from keramos.io import describe
from keramos.project.inputs import Images, Labels, Reading
from keramos.project.outputs import refuse_file, refuse_folder, refuse_inputs


@dataclass(frozen=True)
class ExportSettings:
    """What some targets ask for; None is their own default.

    Attributes:
        labels: of the stacks, in the same order (nnunet).
        slices: of the annotated slices only these (nnunet).
        name: of the model in the package, or of the data set (bioimageio, nnunet).
        authors: of the model (bioimageio).
        images: a stack whose grey level is put into a model that takes it from each stack (onnx, bioimageio); a piece
            of it is the package's sample (bioimageio).
        number: of the data set (nnunet).
        context: how many slices to write on either side of the annotated ones (nnunet).
        phase: whose surface or voxels (mesh; None: the surface of the positive phase, the voxels of all).
        smooth: how many passes of smoothing a surface gets (mesh).
        coarsen: how many voxels along each axis become one (mesh).
        compress: whether to compress the file (vti).
    """

    labels: tuple[Labels, ...] | None = None
    slices: tuple[int, ...] | None = None
    name: str | None = None
    authors: tuple[str, ...] | None = None
    images: Images | None = None
    number: int | None = None
    context: int | None = None
    phase: str | None = None
    smooth: int | None = None
    coarsen: int | None = None
    compress: bool | None = None


@dataclass(frozen=True)
class ExportJob:
    """What is to be exported, where to, and how."""

    paths: tuple[Images | LabelVolume, ...]
    out: Path
    settings: ExportSettings
    fresh: bool
    reading: Reading
    reporter: Reporter

    @property
    def path(self) -> Images | LabelVolume:
        """Of a target that takes one."""
        return self.paths[0]

    def opened(self) -> Volume | LabelVolume:
        """Images or labels: a file of any software holds labels if it names phases or `reading` does."""
        path = self.path
        if isinstance(path, Volume | LabelVolume):
            return path
        if self.reading.phases is None and describe(path)["phases"] is None:
            return self.reading.volume(path)
        return self.reading.labels(path, self.reporter)

    def refuse_existing(self) -> None:
        """What must not be overwritten by a file: a folder, the input, and without `fresh` any file."""
        refuse = refuse_folder if self.fresh else refuse_file
        refuse(self.out)
        refuse_inputs(self.out, self.path)

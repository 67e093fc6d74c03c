"""Stacks for other software: one as a TIFF or for VTK, several with their labels as a data set of nnU-Net."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from keramos.core import LabelVolume
from keramos.core.errors import LabelError, SettingsError
from keramos.core.files import make_folder
from keramos.io import export_tiff
from keramos.project.exporting.job import ExportJob
from keramos.project.label_views import only_slices
from keramos.project.outputs import refuse_inputs
from keramos.project.pairing import opened_pairs
from keramos.writers import NnunetSettings, write_nnunet, write_vti


def tiff(job: ExportJob) -> Path:
    """Images or labels as one TIFF."""
    job.refuse_existing()
    volume = job.opened()
    make_folder(job.out.parent)
    export_tiff(volume, job.out, progress=job.reporter.progress("write the TIFF", "slice"))
    return job.out


def vti(job: ExportJob) -> Path:
    """Images or labels as VTK ImageData."""
    if job.out.suffix.lower() != ".vti":
        raise SettingsError(f"expected a file called *.vti for --to vti, found {job.out}; rename it")
    job.refuse_existing()
    progress = job.reporter.progress("write the image", "slice")
    write_vti(job.opened(), job.out, compress=bool(job.settings.compress), progress=progress)
    return job.out


def nnunet(job: ExportJob) -> Path:
    """Stacks and their labels as a data set, in a folder of its own."""
    chosen = job.settings
    if chosen.labels is None:
        raise SettingsError("expected the labels of the stack for --to nnunet, found none; give them with --labels")
    settings = NnunetSettings(
        NnunetSettings.name if chosen.name is None else chosen.name,
        NnunetSettings.number if chosen.number is None else chosen.number,
        chosen.context or 0,
    )
    refuse_inputs(job.out / settings.folder, list(job.paths), list(chosen.labels))
    stacks = [path for path in job.paths if not isinstance(path, LabelVolume)]
    pairs = opened_pairs(stacks, list(chosen.labels), slices=chosen.slices, reading=job.reading, reporter=job.reporter)
    if chosen.slices is not None:
        pairs = [(volume, _only(labels, chosen.slices)) for volume, labels in pairs]
    return write_nnunet(pairs, job.out, settings, fresh=job.fresh, reporter=job.reporter)


def _only(labels: LabelVolume, slices: Sequence[int]) -> LabelVolume:
    first, depth = labels.origin[0], labels.shape[0]
    outside = [z for z in slices if not first <= z < first + depth]
    if outside:
        raise LabelError(f"expected slices {first} to {first + depth - 1} of {labels.name}, found slice {outside[0]}")
    return only_slices(labels, slices)

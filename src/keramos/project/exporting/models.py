"""Models for other software: as an ONNX file, as a bioimage.io package."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from keramos.core import LabelVolume, Volume
from keramos.core.errors import SettingsError
from keramos.core.files import write_bytes
from keramos.networks import NETWORKS, Checkpoint, bundled_checkpoint, load_checkpoint, onnx_bytes
from keramos.project.exporting.job import ExportJob
from keramos.project.outputs import refuse_inputs
from keramos.segmenters import NetworkSegmenter
from keramos.writers import PackageSettings, write_package


def onnx(job: ExportJob) -> Path:
    """A network as an ONNX file."""
    job.refuse_existing()
    images = _images(job)
    checkpoint = _network(job, "onnx", images)
    if images is not None and not _adapts(checkpoint):
        raise SettingsError(
            "expected --images only for a model that takes its grey level from each stack, found them with one "
            "that has its own; leave them out"
        )
    ready = _adapted(checkpoint, images, job)
    progress = job.reporter.progress("write the ONNX file", "file")
    progress(0, 1)
    write_bytes(job.out, onnx_bytes(ready))
    progress(1, 1)
    return job.out


def bioimageio(job: ExportJob) -> Path:
    """A network as a package."""
    if job.out.suffix != ".zip":
        raise SettingsError(f"expected a file called *.zip for a bioimage.io package, found {job.out}; rename it")
    job.refuse_existing()
    settings = PackageSettings(job.settings.name or "", job.settings.authors or ())
    images = _images(job)
    ready = _adapted(_network(job, "bioimageio", images), images, job)
    progress = job.reporter.progress("make the package", "part")
    write_package(ready, job.out, settings=settings, images=images, progress=progress)
    return job.out


def _images(job: ExportJob) -> Volume | None:
    given = job.settings.images
    if given is None:
        return None
    refuse_inputs(job.out, given)
    return job.reading.volume(given)


def _network(job: ExportJob, to: str, images: Volume | None) -> Checkpoint:
    """The model in a file, or the bundled one of that name; SettingsError for one that has no network."""
    path = job.path
    if isinstance(path, Volume | LabelVolume) or Path(path).is_dir():
        name = path.name if isinstance(path, Volume | LabelVolume) else path
        raise SettingsError(f"expected a model file for --to {to}, found the images or the folder {name}")
    depth = 2 if images is None else images.shape[0]
    checkpoint = bundled_checkpoint(str(path), depth) or load_checkpoint(path)
    found = checkpoint.card.architecture
    if found not in NETWORKS:
        raise SettingsError(
            f"expected a model with a network for --to {to}, found the threshold {found} in {path}; export one that "
            "`keramos train --model compact` wrote"
        )
    return checkpoint


def _adapts(checkpoint: Checkpoint) -> bool:
    """Whether the model takes its grey level from each stack."""
    constants = checkpoint.card.normalisation
    return constants is not None and constants.scope == "stack"


def _adapted(checkpoint: Checkpoint, images: Volume | None, job: ExportJob) -> Checkpoint:
    """The model with the grey level of the images, if it is one that takes it from each stack.

    Raises:
        SettingsError: it is, and there are no images.
    """
    if not _adapts(checkpoint):
        return checkpoint
    if images is None:
        raise SettingsError(
            "expected the stack that is to be segmented for a model that takes its grey level from each stack, found "
            "none; give it with --images"
        )
    progress = job.reporter.progress("find the grey level of the images", "slice")
    card = NetworkSegmenter(checkpoint).fit_to(images, progress).checkpoint.card
    constants = None if card.normalisation is None else card.normalisation.model_copy(update={"scope": "fixed"})
    unlike = card.training.model_copy(update={"grey_dtype": None, "grey_range": None})
    return replace(checkpoint, card=card.model_copy(update={"normalisation": constants, "training": unlike}))

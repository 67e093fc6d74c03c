"""Put a package together: weights, test arrays, cover and README in a folder, described, checked and zipped."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import numpy as np
import tifffile

from keramos.core import Volume
from keramos.core.optional import import_optional
from keramos.core.progress import Progress, silent
from keramos.networks import Checkpoint, model_facts, onnx_bytes, torchscript_bytes
from keramos.writers.bioimageio.cover import cover_png
from keramos.writers.bioimageio.description import describe_model, specification
from keramos.writers.bioimageio.documentation import readme
from keramos.writers.bioimageio.sample import sample_of
from keramos.writers.bioimageio.settings import COMMENT, PackageSettings

_STEPS = 4


def write_package(
    checkpoint: Checkpoint,
    out: Path,
    *,
    settings: PackageSettings | None = None,
    images: Volume | None = None,
    progress: Progress = silent,
) -> None:
    """Write the zip `out`, once bioimageio.spec finds it valid. Its test arrays and its cover show a piece of `images`,
    or of a phantom.

    Raises:
        MissingPackageError: a package that the extra `export` brings is not installed.
        SettingsError: a checkpoint without a network.
    """
    specification()  # before any work
    settings, facts = settings or PackageSettings(), model_facts(checkpoint)
    name = settings.name or f"FIB-SEM segmentation by {facts['architecture']}"
    with TemporaryDirectory(dir=out.parent) as working:
        folder = Path(working)
        _write_files(checkpoint, images, facts, name, folder, progress)
        package = _pack(folder, facts, name, settings.authors)
        package.replace(out)
        progress(_STEPS, _STEPS)


def _write_files(
    checkpoint: Checkpoint, images: Volume | None, facts: dict[str, Any], name: str, folder: Path, progress: Progress
) -> None:
    """All files that the description names."""
    progress(0, _STEPS)
    sample = sample_of(checkpoint, images)
    np.save(folder / "test-input.npy", sample.grey[None])
    np.save(folder / "test-output.npy", sample.scores[None])
    tifffile.imwrite(folder / "sample-input.tif", sample.grey)
    tifffile.imwrite(folder / "sample-output.tif", sample.scores)
    (folder / "cover.png").write_bytes(cover_png(sample))
    (folder / "README.md").write_text(
        readme(checkpoint.card, facts, name, sample.origin), encoding="utf-8", newline="\n"
    )
    (folder / "LICENSE.txt").write_text(f"{facts['licence']}\n", encoding="utf-8", newline="\n")
    progress(1, _STEPS)
    (folder / "weights.pt").write_bytes(torchscript_bytes(checkpoint))
    progress(2, _STEPS)
    (folder / "weights.onnx").write_bytes(onnx_bytes(checkpoint))
    progress(3, _STEPS)


def _pack(folder: Path, facts: dict[str, Any], name: str, authors: Sequence[str]) -> Path:
    """The zip, in the folder; bioimageio.spec raises what it does not find valid."""
    spec = import_optional("bioimageio.spec", extra="export", purpose="make a bioimage.io package")
    with warnings.catch_warnings(), spec.ValidationContext(log_warnings=False):
        warnings.simplefilter("ignore")  # it reads what it wrote, and wonders at files that it has seen already
        description = describe_model(folder, facts, name=name, authors=authors)
        package = Path(spec.save_bioimageio_package(description, output_path=folder / "package.zip"))
    with ZipFile(package, "a") as file:
        file.comment = COMMENT
    return package

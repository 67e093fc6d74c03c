"""Put a package together: weights, test arrays, cover and README in a folder, described, checked and zipped."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import tifffile

from keramos.core import Volume
from keramos.core.errors import SettingsError
from keramos.core.files import make_folder, translate_os_errors
from keramos.core.optional import import_optional
from keramos.core.progress import Progress, silent
from keramos.networks import Checkpoint, model_facts, onnx_bytes, torchscript_bytes
from keramos.writers.bioimageio.cover import cover_png
from keramos.writers.bioimageio.description import described, specification
from keramos.writers.bioimageio.documentation import readme
from keramos.writers.bioimageio.sample import sample_of

_STEPS = 4


@dataclass(frozen=True)
class PackageSettings:
    """What the card does not say. bioimage.io asks for authors before it publishes a model.

    Raises:
        SettingsError: a name that bioimage.io does not allow.
    """

    name: str = ""
    authors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.name and not re.fullmatch(r"[A-Za-z0-9_+() -]{5,128}", self.name):
            raise SettingsError(
                "expected a name of 5 to 128 letters, digits, blanks and _ + - ( ), as bioimage.io allows, found "
                f"'{self.name}'"
            )
        if any("/" in author or "\\" in author or not author.strip() for author in self.authors):
            raise SettingsError(f"expected names of authors without / and \\, found {', '.join(self.authors)}")


def write_package(
    checkpoint: Checkpoint,
    out: Path,
    *,
    settings: PackageSettings | None = None,
    images: Volume | None = None,
    progress: Progress = silent,
) -> None:
    """Write the zip `out`; it appears when it is complete and bioimageio.spec finds it valid. Its test arrays and its
    cover are of a piece of `images`, or of a phantom.

    Raises:
        MissingPackageError: a package that the extra `export` brings is not installed.
        SettingsError: a checkpoint without a network.
        StorageError: the disk refuses.
    """
    specification()  # before any work
    settings, facts = settings or PackageSettings(), model_facts(checkpoint)
    name = settings.name or f"FIB-SEM segmentation by {facts['architecture']}"
    make_folder(out.parent)
    with translate_os_errors(out), TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as working:
        folder = Path(working)
        _write_files(checkpoint, images, facts, name, folder, progress)
        package = _packed(folder, facts, name, settings.authors)
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


def _packed(folder: Path, facts: dict[str, Any], name: str, authors: Sequence[str]) -> Path:
    """The zip, in the folder; bioimageio.spec raises what it does not find valid."""
    spec = import_optional("bioimageio.spec", extra="export", purpose="make a bioimage.io package")
    with warnings.catch_warnings(), spec.ValidationContext(log_warnings=False):
        warnings.simplefilter("ignore")  # it reads what it wrote, and wonders at files that it has seen already
        description = described(folder, facts, name=name, authors=authors)
        return Path(spec.save_bioimageio_package(description, output_path=folder / "package.zip"))

"""A model as a bioimage.io package (format 0.5): one zip with all that software for such models needs to run it."""

from __future__ import annotations

from pathlib import Path
from zipfile import BadZipFile, ZipFile

from keramos.core.errors import SettingsError
from keramos.core.progress import Reporter
from keramos.writers.bioimageio.settings import COMMENT, PackageSettings
from keramos.writers.writer import Model, Writer


def _write(model: Model, path: Path, settings: PackageSettings, reporter: Reporter) -> None:
    from keramos.writers.bioimageio.package import write_package
    from keramos.writers.model import fix_grey_level

    if model.checkpoint.card.further_channels:
        raise SettingsError(
            f"expected a network that reads images of one detector for a bioimage.io package, found one of "
            f"{', '.join(model.checkpoint.card.channel_names)}; export it as ONNX (--to onnx)"
        )
    ready = fix_grey_level(model, reporter)
    progress = reporter.progress("make the package", "part")
    write_package(ready, path, settings=settings, images=model.images, progress=progress)


def _is_own(path: Path) -> bool:
    try:
        with ZipFile(path) as package:
            return package.comment == COMMENT
    except (OSError, BadZipFile):
        return False


BIOIMAGEIO = Writer(
    "bioimageio",
    "a network as a bioimage.io package, for software that runs such models",
    "model",
    _write,
    settings=PackageSettings,
    suffixes=(".zip",),
    extra="export",
    is_own=_is_own,
    example='keramos export model.keramos --to bioimageio --authors "Ada Lee" --out model.zip',
)

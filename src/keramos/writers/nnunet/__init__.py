"""Annotated stacks as a data set of nnU-Net v2; what is not annotated is to be ignored."""

from __future__ import annotations

import json
from pathlib import Path

from keramos.core.errors import StorageError
from keramos.core.progress import Reporter
from keramos.writers.nnunet.settings import NnunetSettings
from keramos.writers.writer import Pairs, Writer


def _write(pairs: Pairs, path: Path, settings: NnunetSettings, reporter: Reporter) -> None:
    from keramos.writers.nnunet.dataset import write_nnunet

    write_nnunet(pairs, path, settings, reporter)


def _check(out: Path, settings: NnunetSettings) -> None:
    """Refuse a second data set of a number beside another: nnU-Net could not tell them apart."""
    target = out / settings.folder
    others = [path for path in out.glob(f"Dataset{settings.number:03d}_*") if path != target]
    if others:
        raise StorageError(
            f"expected no other data set of the number {settings.number}, found {others[0]}; choose another --number"
        )


def _is_own(folder: Path) -> bool:
    try:
        return "keramos" in json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False


NNUNET = Writer(
    "nnunet",
    "the annotated slices as a data set of nnU-Net v2, in a folder of its own; what is not annotated is to be ignored",
    "pairs",
    _write,
    settings=NnunetSettings,
    example="keramos export stack.tif --labels slice48.tif --slices 48 --to nnunet --name Ceramic --out nnUNet_raw",
    place=lambda out, settings: out / settings.folder,
    check=_check,
    is_own=_is_own,
)

"""Options of `keramos export` that all formats share; each writer declares its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from keramos.core import LabelVolume, Volume
from keramos.core.options import option
from keramos.settings.kinds import input_path, input_paths, output_path, slice_numbers
from keramos.settings.reading import ReadOptions


@dataclass(frozen=True, kw_only=True)
class ExportSettings(ReadOptions):
    """Write a stack, labels, a model or annotated slices for other software."""

    path: tuple[str | Path | Volume | LabelVolume, ...] = input_paths(
        help="A segmentation, images or a model (nnunet: one or more stacks).",
        metavar="PATH",
        argument=True,
        wired=True,
    )
    out: Path = output_path("export", help="The file (nnunet: the folder) to write.", metavar="PATH", leading=True)
    to: str = option("tiff", help="The format.", metavar="NAME")
    labels: tuple[str | Path | LabelVolume, ...] | None = input_paths(
        None, help="nnunet: labels of the stacks, in the same order."
    )
    slices: tuple[int, ...] | None = slice_numbers(
        None,
        help="nnunet: these annotated slices only; with --onto: the raw slices that the labels are of.",
        group="Files",
    )
    onto: str | Path | Volume | None = input_path(
        None,
        help="Lay labels onto this stack: those of a prepared volume onto its raw slices, those drawn on raw slices "
        "onto the prepared volume.",
    )
    images: str | Path | Volume | None = input_path(
        None, help="onnx, bioimageio: a stack from which the normalisation is computed."
    )
    options: Mapping[str, Any] = option(
        factory=lambda: MappingProxyType({}), help="Options of the writer.", internal=True
    )
    owned: bool = option(
        False,
        help="Whether what is there is known to be an earlier export.",
        group="Output",
        affects_result=False,
        internal=True,
    )
    fresh: bool = option(
        False, help="Replace an export that is there.", group="Output", affects_result=False, wired=True
    )

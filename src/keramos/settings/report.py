"""Options of `keramos report`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from keramos.core import LabelVolume, Volume
from keramos.core.options import option
from keramos.settings.conversions import to_groups, to_names
from keramos.settings.kinds import input_path, input_paths, output_path, replace_option, slice_numbers
from keramos.settings.reading import ReadOptions


@dataclass(frozen=True, kw_only=True)
class ReportSettings(ReadOptions):
    """Write one HTML page of pictures, scores, microstructure and how they were made; or of samples side by side.

    A run's folder is complete by itself. A segmentation knows its images, unless --images are given; labels of other
    software have a page without images, too, or with those of --images. --truth scores
    it, without the slices that its model was trained on. The microstructure is taken from --quantities, from the
    folder `quantities` beside the segmentation, or measured now.

    Several samples are set side by side; --groups or --sheet compare groups of them, or a series such as hours of
    ageing, with intervals, effect sizes and corrected p-values. A sample counts once.
    """

    runs: tuple[str | Path, ...] = input_paths(
        (),
        help="A run's folder, a segmentation, a folder of segmentations, or labels of any software; several are set "
        "side by side.",
        metavar="RUN_DIR",
        holds_results=True,
        argument=True,
        wired=True,
    )
    out: Path = output_path(
        "page", "report.html", help="The page to write.", metavar="FILE.html", wired=True, leading=True
    )
    figures: Path | None = output_path(
        "figures",
        None,
        help="Folder for the figures of the page as SVG and PDF, 85 and 180 mm wide, and their points as CSV.",
        metavar="DIR",
    )
    fresh: bool = replace_option()
    images: str | Path | Volume | None = input_path(None, help="Images, if they have moved.")
    truth: str | Path | LabelVolume | None = input_path(None, help="True labels to score with.")
    slices: tuple[int, ...] | None = slice_numbers(
        None, help="Slices of --truth to score; of a truth of a single slice its number.", also="slice"
    )
    leave_out: tuple[int, ...] = slice_numbers((), help="Do not score these slices, in addition to those trained on.")
    quantities: str | Path | None = input_path(
        None, help="Output folder of keramos quantify.", metavar="DIR", holds_results=True
    )
    estimates: str | Path | None = input_path(
        None, help="JSON file of keramos reconcile: show its estimates, too.", metavar="FILE.json", holds_results=True
    )
    quantify: bool = option(True, help="Measure the microstructure if it has not been measured.")
    groups: Mapping[str, tuple[str, ...]] = option(
        factory=lambda: MappingProxyType({}),
        help="Samples in groups, compared with the first one; a pattern in quotes stands for several samples.",
        group="Files",
        affects_result=False,
        convert=to_groups,
        given=tuple[str, ...],
        metavar="NAME=SAMPLE[,SAMPLE...] [...]",
        wired=True,
    )
    sheet: str | Path | None = input_path(
        None,
        help="Table of samples with the columns file and group, or file and that of --against.",
        metavar="FILE.csv",
        holds_results=True,
        wired=True,
    )
    against: str = option(
        "",
        help="Give trends with this column of numbers of --sheet, such as hours; or say what the names of --groups are "
        "that are numbers.",
        metavar="COLUMN",
        wired=True,
    )
    compare: tuple[str, ...] = option(
        (),
        help="Compare only these quantities between groups, chosen beforehand; default: the main ones.",
        convert=to_names,
        given=tuple[str, ...],
        metavar="ID[:PHASE[:AXIS]] [...]",
        wired=True,
    )
    tables: Path | None = output_path(
        "tables",
        None,
        help="Write tables of several samples for a paper (CSV, LaTeX, Markdown) into this folder.",
        group="Output",
        metavar="DIR",
        wired=True,
    )

    def inputs(self) -> dict[str, tuple[Any, ...]]:
        """The inputs by option, samples of groups among them."""
        grouped = tuple(path for paths in self.groups.values() for path in paths)
        return super().inputs() | ({"groups": grouped} if grouped else {})

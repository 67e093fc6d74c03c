"""Options of `keramos report`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keramos.core import LabelVolume, Volume
from keramos.core.options import option
from keramos.settings.kinds import input_path, input_paths, output_path, replace_option, slice_numbers
from keramos.settings.reading import ReadOptions


@dataclass(frozen=True, kw_only=True)
class ReportSettings(ReadOptions):
    """Write one HTML page of pictures, scores, microstructure and how they were made; or of samples side by side.

    A run's folder is complete by itself. A segmentation knows its images, unless --images are given; --truth scores
    it, without the slices that its model was trained on. The microstructure is taken from --quantities, from the
    folder `quantities` beside the segmentation, or measured now.
    """

    runs: tuple[str | Path, ...] = input_paths(
        help="A run's folder, a segmentation or a folder of segmentations; several are set side by side.",
        metavar="RUN_DIR",
        holds_results=True,
        argument=True,
        wired=True,
    )
    out: Path = output_path(
        "page", "report.html", help="The page to write.", metavar="FILE.html", wired=True, leading=True
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
    quantify: bool = option(True, help="Measure the microstructure if it has not been measured.")

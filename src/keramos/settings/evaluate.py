"""Options of `keramos evaluate`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keramos.core import LabelVolume, Volume
from keramos.core.errors import OptionError
from keramos.core.options import option
from keramos.settings.kinds import input_path, output_path, replace_option, slice_numbers
from keramos.settings.reading import ReadOptions


@dataclass(frozen=True, kw_only=True)
class EvaluateSettings(ReadOptions):
    """Score a segmentation against truth, in 2-D or over a whole volume."""

    prediction: str | Path | LabelVolume = input_path(
        help="Labels of any software.", metavar="PREDICTION", argument=True, wired=True
    )
    truth: str | Path | LabelVolume = input_path(
        help="True labels; 255 where nobody annotated.", metavar="TRUTH", argument=True
    )
    slices: tuple[int, ...] | None = slice_numbers(
        None, help="Score only these slices; of a truth of a single slice its number.", also="slice"
    )
    leave_out: tuple[int, ...] = slice_numbers((), help="Do not score these slices: those trained on.")
    regions: str | Path | None = input_path(None, help="A phantom's regions.ome.zarr: score each region separately.")
    second: str | Path | LabelVolume | None = input_path(
        None, help="A second annotation of the same: how well two annotators agree is the ceiling of all scores."
    )
    tolerance: float | None = option(
        None,
        help="Also score within this distance of the true outline; default: the longer edge of a pixel.",
        unit="nm",
        low=0,
        high=1e6,
        metavar="NM",
    )
    microstructure: bool = option(
        True, help="Also compare surface, chords, Euler numbers, components, percolation and correlation."
    )
    overlay: Path | None = output_path(
        "overlays", None, help="Write pictures of hits and errors into this folder.", group="Output", metavar="DIR"
    )
    fresh: bool = replace_option()
    images: str | Path | Volume | None = input_path(
        None, help="Images shown in the pictures where the truth is not annotated.", group="Output"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.images is not None and self.overlay is None:
            raise OptionError("images", "expected only with an overlay, whose pictures show them")

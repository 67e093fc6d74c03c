"""Options of `keramos suggest`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keramos.core import Volume
from keramos.core.options import Settings, option
from keramos.settings.kinds import input_path, output_path, replace_option, slice_numbers
from keramos.settings.reading import ReadImageOptions
from keramos.settings.resources import DeviceOptions


@dataclass(frozen=True, kw_only=True)
class SuggestionOptions(Settings):
    """Number and size of suggested regions, and how closely the stack is looked at."""

    count: int = option(1, help="Number of suggestions.", low=1, high=10_000, metavar="N")
    edge: int = option(256, help="Edge of the region to annotate.", unit="px", low=1, metavar="PIXELS")
    every: int | None = option(
        None, help="Slice stride; default: as many slices as take about a minute.", low=1, metavar="N"
    )
    seconds: float = option(60.0, help="Time to look at the stack for, without a stride.", unit="s", internal=True)


@dataclass(frozen=True, kw_only=True)
class SuggestSettings(SuggestionOptions, DeviceOptions, ReadImageOptions):
    """Name the next slice and region to annotate: where the network is uncertain, far from what is annotated."""

    images: str | Path | Volume = input_path(
        help="A stack, a folder or a quoted pattern of slices.", metavar="IMAGES", argument=True
    )
    model: Any = input_path(help="A network trained on what is annotated so far.", metavar="FILE", leading=True)
    annotated: tuple[int, ...] = slice_numbers((), help="Annotated slices, where the model does not know them.")
    out: Path | None = output_path(
        "picture", None, help="Draw the slices with the regions framed.", group="Output", metavar="PICTURE.png"
    )
    fresh: bool = replace_option()

"""Options of `keramos start`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keramos.core.errors import OptionError
from keramos.core.options import Settings
from keramos.settings.kinds import input_path, output_path, replace_option, slice_numbers
from keramos.settings.reading import ReadOptions


@dataclass(frozen=True, kw_only=True)
class StartSettings(ReadOptions, Settings):
    """Look at a stack: say what it is and what is missing, and propose a recipe for it."""

    images: str | Path = input_path(
        help="A stack, a folder or a quoted pattern of slices.", metavar="STACK", argument=True
    )
    labels: str | Path | None = input_path(None, help="Labels of the stack, if you have some.", metavar="PATH")
    slices: tuple[int, ...] | None = slice_numbers(
        None, help="The annotated slices; of labels of a single slice its number.", group="Files"
    )
    out: Path | None = output_path(
        "recipe", None, help="Write the recipe to this file; default: it is only shown.", metavar="RECIPE.toml"
    )
    fresh: bool = replace_option()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.slices is not None and self.labels is None:
            raise OptionError("slices", "expected only with labels, whose slices they are")

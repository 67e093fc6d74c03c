"""Options of `keramos check`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keramos.core import LabelVolume, Volume
from keramos.core.errors import OptionError
from keramos.core.options import Settings
from keramos.settings.kinds import input_path, slice_numbers
from keramos.settings.reading import ReadOptions


@dataclass(frozen=True, kw_only=True)
class CheckSettings(ReadOptions, Settings):
    """Look for what is wrong with a stack, and with labels of it, before any work is done on them."""

    images: str | Path | Volume = input_path(
        help="A stack, a folder or a quoted pattern of slices.", metavar="STACK", argument=True
    )
    labels: str | Path | LabelVolume | None = input_path(None, help="Labels of the stack.", metavar="PATH")
    slices: tuple[int, ...] | None = slice_numbers(
        None, help="The annotated slices to look at; of labels of a single slice its number.", group="Files"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.slices is not None and self.labels is None:
            raise OptionError("slices", "expected only with labels, whose slices they are")

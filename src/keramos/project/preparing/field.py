"""The part of raw slices that shows the specimen."""

from __future__ import annotations

from dataclasses import dataclass

from keramos.acquisition import Fact
from keramos.core import Box, Volume
from keramos.core.errors import OptionError
from keramos.inspection import find_bar, read_whole_slices

_SAMPLES = 8
_LEAST = 16
"""Rows and columns below which neither drift nor brightness can be measured."""


@dataclass(frozen=True)
class Field:
    """The rows and columns to use (all slices), the rows of the information bar that are left out below them, and how
    they are known."""

    box: Box
    bar: int
    source: str


def find_field(raw: Volume, given: int | None, stated: Fact | None) -> Field:
    """The field of a raw stack: all of it without the information bar.

    Args:
        given: rows of the bar at the lower edge of the slices; None: as stated, or as they are seen.
        stated: what the files say of them.

    Raises:
        OptionError: a bar as high as the slices, or fewer than 16 rows or columns without it.
    """
    depth, height, width = raw.shape
    if given is not None:
        bar, source = given, "as given"
    elif stated is not None:
        bar, source = int(stated.value), stated.source
    else:
        bar = find_bar(read_whole_slices(raw, _SAMPLES))
        source = "seen in the images" if bar else "none is seen"
    if bar >= height:
        raise OptionError("bar", f"expected fewer rows than the {height} of a slice, found {bar}")
    if min(height - bar, width) < _LEAST:
        raise OptionError(
            "box",
            f"expected slices of at least {_LEAST} x {_LEAST} pixels (y, x) without the information bar, found "
            f"{height - bar} x {width}; use a larger part",
        )
    return Field(Box((0, 0, 0), (depth, height - bar, width)), bar, source)

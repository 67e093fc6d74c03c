"""Options of segmenters, apart from what runs them: a command's help waits neither for PyTorch nor for SciPy."""

from __future__ import annotations

from dataclasses import dataclass

from keramos.core.options import Declared, Settings, merge_options, option
from keramos.segmenters.segmenter import SEGMENTERS


@dataclass(frozen=True, kw_only=True)
class NetworkOptions(Settings):
    """Options of networks."""

    average_views: bool = option(
        False, help="Average over flips and rotations of each slice: 8 times the work, or 2 with neighbouring slices."
    )


def segmenter_options() -> list[Declared]:
    """The options that segmenters have of their own, for command lines and recipes."""
    named = {segmenter.name: segmenter.options for segmenter in SEGMENTERS.values()}
    return merge_options({**named, "networks": NetworkOptions})

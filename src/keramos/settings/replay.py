"""Options of `keramos replay`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keramos.core.options import Settings, option
from keramos.settings.kinds import input_path, output_path, replace_option


@dataclass(frozen=True, kw_only=True)
class ReplaySettings(Settings):
    """Segment and measure again as a report says it was done, and compare the numbers.

    The model is used as it is; images and model are looked for where they were, unless --images and --model say where
    they are now.
    """

    report: Path = input_path(
        help="A page that keramos report has written.",
        metavar="REPORT",
        argument=True,
        convert=Path,
        holds_results=True,
    )
    out: Path = output_path(
        "replay", "replay", help="Folder for the new segmentation and quantities.", metavar="DIR", leading=True
    )
    images: str | Path | None = input_path(None, help="Images, if they have moved.")
    model: str | Path | None = input_path(None, help="Model, if it has moved.", metavar="FILE|NAME")
    tolerance: float = option(
        1e-6,
        help="Numbers that differ by more than this share of themselves are told.",
        low=0,
        affects_result=False,
        metavar="SHARE",
    )
    fresh: bool = replace_option()

"""Options of `keramos reconcile`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keramos.core import LabelVolume
from keramos.core.options import Settings, option
from keramos.settings.conversions import to_names
from keramos.settings.kinds import input_path
from keramos.settings.reading import ReadOptions


@dataclass(frozen=True, kw_only=True)
class ReconcileSettings(ReadOptions, Settings):
    """Measure the same labels by every estimator in use: why two programs disagree, and which number to report.

    Each estimator is told with its definition, its bias on balls as large as the phase is wide in the same voxels, and
    the programs that print it. Tortuosities are solved for, which takes the longest; --no-transport leaves them out.
    """

    labels: str | Path | LabelVolume = input_path(
        help="Labels of any software, or a segmentation.", metavar="LABELS", argument=True, wired=True
    )
    phase: tuple[str, ...] = option(
        (),
        help="Look only at these phases; default: all.",
        convert=to_names,
        given=tuple[str, ...],
        metavar="NAME [NAME ...]",
    )
    transport: bool = option(True, help="Compare tortuosities, too.")
    domain: int = option(
        128,
        help="Edge of the central cube that is looked at.",
        unit="voxels",
        low=8,
        high=192,
        metavar="EDGE",
    )

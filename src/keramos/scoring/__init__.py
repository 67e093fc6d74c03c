"""How well labels agree with truth: measure block by block, merge, finish."""

from keramos.scoring.bootstrap import Bootstrap
from keramos.scoring.calibration import (
    Calibration,
    ReliabilityBin,
    StoredScoreCounts,
    calibration,
    count_stored_scores,
    fit_temperature,
    no_stored_scores,
    stored_calibration,
)
from keramos.scoring.evaluation import BoundaryBand, Evaluation, PhaseScores, SliceFraction
from keramos.scoring.finish import finish
from keramos.scoring.measure import measure
from keramos.scoring.overlay import error_overlay, grey_picture, save_png
from keramos.scoring.partial import Partial, empty, merge
from keramos.scoring.regions import RegionCounts, RegionScore, count_regions, region_scores
from keramos.scoring.settings import ScoreSettings

__all__ = [
    "Bootstrap",
    "BoundaryBand",
    "Calibration",
    "Evaluation",
    "Partial",
    "PhaseScores",
    "RegionCounts",
    "RegionScore",
    "ReliabilityBin",
    "ScoreSettings",
    "SliceFraction",
    "StoredScoreCounts",
    "calibration",
    "count_regions",
    "count_stored_scores",
    "empty",
    "error_overlay",
    "finish",
    "fit_temperature",
    "grey_picture",
    "measure",
    "merge",
    "no_stored_scores",
    "region_scores",
    "save_png",
    "stored_calibration",
]

"""Scores of labels against truth: measure block by block, merge, finish."""

from keramos.scoring.bootstrap import Bootstrap
from keramos.scoring.calibration import (
    Calibration,
    ReliabilityBin,
    StoredScoreCounts,
    count_stored_scores,
    empty_stored_scores,
    fit_temperature,
    measure_calibration,
    measure_stored_calibration,
)
from keramos.scoring.evaluation import BoundaryBand, Evaluation, PhaseScores, SliceFraction
from keramos.scoring.finish import finish
from keramos.scoring.measure import measure
from keramos.scoring.microstructure import MicrostructureScores, StructureRow
from keramos.scoring.outlines import OutlineScores, ToleranceScores, count_outlines, finish_outlines
from keramos.scoring.overlay import draw_error_overlay, save_png, stretch_grey
from keramos.scoring.partial import Partial, empty_partial, merge
from keramos.scoring.ratios import headline_iou, phase_ratios
from keramos.scoring.regions import RegionCounts, RegionScore, compute_region_scores, count_regions
from keramos.scoring.settings import ScoreSettings

__all__ = [
    "Bootstrap",
    "BoundaryBand",
    "Calibration",
    "Evaluation",
    "MicrostructureScores",
    "OutlineScores",
    "Partial",
    "PhaseScores",
    "RegionCounts",
    "RegionScore",
    "ReliabilityBin",
    "ScoreSettings",
    "SliceFraction",
    "StoredScoreCounts",
    "StructureRow",
    "ToleranceScores",
    "compute_region_scores",
    "count_outlines",
    "count_regions",
    "count_stored_scores",
    "draw_error_overlay",
    "empty_partial",
    "empty_stored_scores",
    "finish",
    "finish_outlines",
    "fit_temperature",
    "headline_iou",
    "measure",
    "measure_calibration",
    "measure_stored_calibration",
    "merge",
    "phase_ratios",
    "save_png",
    "stretch_grey",
]

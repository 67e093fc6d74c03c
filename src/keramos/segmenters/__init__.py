"""Predictors (Otsu, Sauvola, networks) and the run that segments a volume with one."""

from keramos.segmenters.checks import check_voxel_size
from keramos.segmenters.grey import check_grey_type, grey_difference
from keramos.segmenters.load import THRESHOLDS, half_range, load_predictor, predictor_of
from keramos.segmenters.margins import codes_and_scores
from keramos.segmenters.memory import plan_for
from keramos.segmenters.network import NetworkPredictor
from keramos.segmenters.otsu import Otsu
from keramos.segmenters.predictor import Predictor, decide
from keramos.segmenters.resampled import Resampled, resampled
from keramos.segmenters.run import SegmentRun, segment_volume
from keramos.segmenters.sauvola import Sauvola
from keramos.segmenters.settings import SegmentSettings
from keramos.segmenters.uncertainty import stored_uncertainty, uncertainty

__all__ = [
    "THRESHOLDS",
    "NetworkPredictor",
    "Otsu",
    "Predictor",
    "Resampled",
    "Sauvola",
    "SegmentRun",
    "SegmentSettings",
    "check_grey_type",
    "check_voxel_size",
    "codes_and_scores",
    "decide",
    "grey_difference",
    "half_range",
    "load_predictor",
    "plan_for",
    "predictor_of",
    "resampled",
    "segment_volume",
    "stored_uncertainty",
    "uncertainty",
]

"""Predictors (Otsu, Sauvola, networks) and the run that segments a volume with one."""

from keramos.segment.checks import check_voxel_size
from keramos.segment.grey import check_grey_type, grey_difference
from keramos.segment.load import THRESHOLDS, half_range, load_predictor, predictor_of
from keramos.segment.margins import codes_and_scores
from keramos.segment.memory import plan_for
from keramos.segment.network import NetworkPredictor
from keramos.segment.otsu import Otsu
from keramos.segment.predictor import Predictor, decide
from keramos.segment.resampled import Resampled, resampled
from keramos.segment.run import SegmentRun, segment_volume
from keramos.segment.sauvola import Sauvola
from keramos.segment.settings import SegmentSettings
from keramos.segment.uncertainty import stored_uncertainty, uncertainty

__all__ = [
    "THRESHOLDS", "NetworkPredictor", "Otsu", "Predictor", "Resampled", "Sauvola", "SegmentRun", "SegmentSettings",
    "check_grey_type", "check_voxel_size", "codes_and_scores", "decide", "grey_difference", "half_range",
    "load_predictor", "plan_for", "predictor_of", "resampled", "segment_volume", "stored_uncertainty", "uncertainty",
]  # fmt: skip

"""Segmenters (Otsu, Sauvola, networks) and the run that segments a volume with one."""

from keramos.segmenters.checks import check_voxel_size
from keramos.segmenters.grey import check_grey_type, grey_difference
from keramos.segmenters.load import THRESHOLDS, half_range, load_segmenter, segmenter_of
from keramos.segmenters.margins import codes_and_scores
from keramos.segmenters.memory import plan_for
from keramos.segmenters.network import NetworkSegmenter
from keramos.segmenters.otsu import Otsu
from keramos.segmenters.resampled import Resampled, resampled
from keramos.segmenters.run import SegmentRun, segment_volume
from keramos.segmenters.sauvola import Sauvola
from keramos.segmenters.segmenter import Segmenter, decide
from keramos.segmenters.settings import SegmentSettings
from keramos.segmenters.uncertainty import stored_uncertainty, uncertainty

__all__ = [
    "THRESHOLDS",
    "NetworkSegmenter",
    "Otsu",
    "Resampled",
    "Sauvola",
    "SegmentRun",
    "SegmentSettings",
    "Segmenter",
    "check_grey_type",
    "check_voxel_size",
    "codes_and_scores",
    "decide",
    "grey_difference",
    "half_range",
    "load_segmenter",
    "plan_for",
    "resampled",
    "segment_volume",
    "segmenter_of",
    "stored_uncertainty",
    "uncertainty",
]

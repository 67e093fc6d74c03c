"""Segmenters (thresholds, methods along z, networks) and the run that segments a volume with one."""

from keramos.segmenters.checks import check_channels, check_voxel_size
from keramos.segmenters.grey import check_grey_type, grey_difference, grey_mean, half_range
from keramos.segmenters.learned_decision import LearnedDecision
from keramos.segmenters.load import (
    load_segmenter,
    planes_of,
    refuse_unknown_model,
    segmenter_of,
    segmenter_options,
)
from keramos.segmenters.memory import plan_for
from keramos.segmenters.methods.otsu import Otsu
from keramos.segmenters.methods.prill import Prill
from keramos.segmenters.methods.salzer import Salzer
from keramos.segmenters.methods.sauvola import Sauvola
from keramos.segmenters.network import NetworkSegmenter, stack_constants
from keramos.segmenters.resampled import Resampled, average_around, resample_to_model
from keramos.segmenters.run import SegmentRun, plan_segmentation, segment_volume
from keramos.segmenters.segmenter import SEGMENTERS, Segmenter, decide
from keramos.segmenters.uncertainty import encode_uncertainty, uncertainty

__all__ = [
    "SEGMENTERS",
    "LearnedDecision",
    "NetworkSegmenter",
    "Otsu",
    "Prill",
    "Resampled",
    "Salzer",
    "Sauvola",
    "SegmentRun",
    "Segmenter",
    "average_around",
    "check_channels",
    "check_grey_type",
    "check_voxel_size",
    "decide",
    "encode_uncertainty",
    "grey_difference",
    "grey_mean",
    "half_range",
    "load_segmenter",
    "plan_for",
    "plan_segmentation",
    "planes_of",
    "refuse_unknown_model",
    "resample_to_model",
    "segment_volume",
    "segmenter_of",
    "segmenter_options",
    "stack_constants",
    "uncertainty",
]

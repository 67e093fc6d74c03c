from .card_fit import stack_constants
from .checks import check_channels, check_voxel_size
from .grey import check_grey_type, grey_difference, grey_mean, half_range
from .layout import plan_segmentation
from .learned_decision import LearnedDecision
from .load import (
    load_segmenter,
    planes_of,
    refuse_unknown_model,
    segmenter_of,
)
from .memory import plan_for
from .methods.otsu import Otsu
from .methods.prill import Prill
from .methods.salzer import Salzer
from .methods.sauvola import Sauvola
from .network import NetworkSegmenter
from .onnx import OnnxSegmenter, is_onnx
from .own_options import segmenter_options
from .resampled import Resampled, average_around, resample_to_model
from .run import SegmentRun, segment_volume
from .segmenter import SEGMENTERS, Segmenter, decide
from .uncertainty import encode_uncertainty

__all__ = [
    "SEGMENTERS",
    "LearnedDecision",
    "NetworkSegmenter",
    "OnnxSegmenter",
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
    "is_onnx",
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
]

"""Learn from annotated slices: crops and augmentation, networks and thresholds, and the model file."""

from keramos.learning.annotated import AnnotatedSlice, AnnotatedSlices
from keramos.learning.augmentation import Augmentation, Ranges, change_grey, draw_augmentation, usual_ranges
from keramos.learning.collection import check_pair, collect_annotated, shared_voxel_size
from keramos.learning.crop_set import CROP_EDGE, CROPS, CropSet, draw_crop_set, refuse_small
from keramos.learning.crops import CropSampler
from keramos.learning.fabric import warm_up
from keramos.learning.hold_out import Split, split
from keramos.learning.model_file import TrainResult
from keramos.learning.outline_moves import measure_depth, move_all_outlines, move_outlines
from keramos.learning.settings import CROPS_PER_EPOCH, TrainSettings, pick_device
from keramos.learning.suit_settings import suit_settings
from keramos.learning.training import train_model

__all__ = [
    "CROPS",
    "CROPS_PER_EPOCH",
    "CROP_EDGE",
    "AnnotatedSlice",
    "AnnotatedSlices",
    "Augmentation",
    "CropSampler",
    "CropSet",
    "Ranges",
    "Split",
    "TrainResult",
    "TrainSettings",
    "change_grey",
    "check_pair",
    "collect_annotated",
    "draw_augmentation",
    "draw_crop_set",
    "measure_depth",
    "move_all_outlines",
    "move_outlines",
    "pick_device",
    "refuse_small",
    "shared_voxel_size",
    "split",
    "suit_settings",
    "train_model",
    "usual_ranges",
    "warm_up",
]

from .annotated import AnnotatedSlice, AnnotatedSlices
from .augmentation import Augmentation, Ranges, change_grey, draw_augmentation, usual_ranges
from .collection import check_pair, collect_annotated, shared_voxel_size
from .crop_set import CROP_EDGE, CROPS, CropSet, draw_crop_set, refuse_small
from .crops import CropSampler
from .device import pick_device
from .fabric import warm_up
from .hold_out import Split, split
from .model_file import TrainResult
from .outline_moves import measure_depth, move_all_outlines, move_outlines
from .settings import CROPS_PER_EPOCH, TrainSettings
from .training import train_model

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
    "train_model",
    "usual_ranges",
    "warm_up",
]

"""Training data: annotated slices, crops and augmentation."""

from keramos.data.annotated import AnnotatedSlice, AnnotatedSlices, check_pair, collect_annotated
from keramos.data.augmentation import Augmentation, Ranges, change_grey, draw_augmentation, usual_ranges
from keramos.data.crop_set import CROP_EDGE, CROPS, CropSet, draw_crop_set, refuse_small
from keramos.data.crops import CropSampler
from keramos.data.hold_out import Split, split

__all__ = [
    "CROPS", "CROP_EDGE", "AnnotatedSlice", "AnnotatedSlices", "Augmentation", "CropSampler", "CropSet", "Ranges",
    "Split", "change_grey", "check_pair", "collect_annotated", "draw_augmentation", "draw_crop_set", "refuse_small",
    "split", "usual_ranges",
]  # fmt: skip

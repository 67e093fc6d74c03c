"""Training data: annotated slices, crops and augmentation."""

from keramos.data.annotated import AnnotatedSlice, AnnotatedSlices, collect_annotated
from keramos.data.augmentation import Augmentation, Ranges, change_grey, draw_augmentation, usual_ranges
from keramos.data.crop_set import CROP_EDGE, CROPS, CropSet, draw_crop_set, refuse_small
from keramos.data.crops import CropSampler

__all__ = [
    "CROPS", "CROP_EDGE", "AnnotatedSlice", "AnnotatedSlices", "Augmentation", "CropSampler", "CropSet", "Ranges",
    "change_grey", "collect_annotated", "draw_augmentation", "draw_crop_set", "refuse_small", "usual_ranges",
]  # fmt: skip

"""Training data: annotated slices, crops and augmentation."""

from keramos.data.annotated import AnnotatedSlice, AnnotatedSlices, collect_annotated
from keramos.data.augmentation import Augmentation, change_grey, draw_augmentation
from keramos.data.crop_set import CROP_EDGE, CROPS, CropSet, draw_crop_set, refuse_small
from keramos.data.crops import CropSampler

__all__ = [
    "CROPS", "CROP_EDGE", "AnnotatedSlice", "AnnotatedSlices", "Augmentation", "CropSampler", "CropSet", "change_grey",
    "collect_annotated", "draw_augmentation", "draw_crop_set", "refuse_small",
]  # fmt: skip

"""Training data: annotated slices, crops and augmentation."""

from keramos.data.annotated import AnnotatedSlice, AnnotatedSlices, collect_annotated
from keramos.data.augmentation import Augmentation, change_grey, draw_augmentation
from keramos.data.crops import CropSampler

__all__ = [
    "AnnotatedSlice", "AnnotatedSlices", "Augmentation", "CropSampler", "change_grey", "collect_annotated",
    "draw_augmentation",
]  # fmt: skip

"""Fit a network, or a threshold's parameters, to annotated slices and write the model file."""

from keramos.train.phase_voxels import phase_voxels
from keramos.train.settings import CROPS_PER_EPOCH, Device, TrainSettings, pick_device
from keramos.train.training import MODELS, Fitted, train_model

__all__ = [
    "CROPS_PER_EPOCH",
    "MODELS",
    "Device",
    "Fitted",
    "TrainSettings",
    "phase_voxels",
    "pick_device",
    "train_model",
]

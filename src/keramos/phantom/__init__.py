"""A FIB-SEM simulator: a 3-D body whose every voxel is known, imaged as the microscope would."""

from keramos.phantom.make import BA122_VOXEL_SIZE, Phantom, make_phantom
from keramos.phantom.presets import PRESETS

__all__ = ["BA122_VOXEL_SIZE", "PRESETS", "Phantom", "make_phantom"]

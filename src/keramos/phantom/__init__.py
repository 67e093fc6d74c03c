"""A FIB-SEM simulator: a 3-D body whose every voxel is known, imaged as the microscope would."""

from keramos.phantom.make import Phantom, make_phantom
from keramos.phantom.presets import PRESETS
from keramos.phantom.settings import BA122_VOXEL_SIZE, PhantomSettings
from keramos.phantom.stack import SLAB, PhantomStack, Slab

__all__ = ["BA122_VOXEL_SIZE", "PRESETS", "SLAB", "Phantom", "PhantomSettings", "PhantomStack", "Slab", "make_phantom"]

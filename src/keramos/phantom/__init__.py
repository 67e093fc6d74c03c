"""A FIB-SEM simulator: a 3-D body whose every voxel is known, imaged as the microscope would."""

from keramos.phantom.bodies.geometry import Geometry
from keramos.phantom.bodies.matter import Body, Matter
from keramos.phantom.calibration import Look, calibrated, look_of
from keramos.phantom.make import Phantom, gathered, make_phantom
from keramos.phantom.presets import PRESETS
from keramos.phantom.regions import REGIONS
from keramos.phantom.settings import PhantomSettings
from keramos.phantom.stack import SLAB, PhantomStack, Slab
from keramos.phantom.structures import STRUCTURES

__all__ = [
    "PRESETS", "REGIONS", "SLAB", "STRUCTURES", "Body", "Geometry", "Look", "Matter", "Phantom", "PhantomSettings",
    "PhantomStack", "Slab", "calibrated", "gathered", "look_of", "make_phantom",
]  # fmt: skip

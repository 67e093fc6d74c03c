"""A FIB-SEM simulator: a 3-D body whose every voxel is known, imaged as the microscope would."""

from keramos.simulation.bodies.geometry import Geometry
from keramos.simulation.bodies.matter import Body, Matter
from keramos.simulation.calibration import Look, calibrate, measure_look
from keramos.simulation.make import Phantom, collect_slabs, make_phantom
from keramos.simulation.presets import PRESETS
from keramos.simulation.regions import REGIONS
from keramos.simulation.settings import PhantomSettings
from keramos.simulation.stack import SLAB, PhantomStack, Slab
from keramos.simulation.structures import STRUCTURES

__all__ = [
    "PRESETS",
    "REGIONS",
    "SLAB",
    "STRUCTURES",
    "Body",
    "Geometry",
    "Look",
    "Matter",
    "Phantom",
    "PhantomSettings",
    "PhantomStack",
    "Slab",
    "calibrate",
    "collect_slabs",
    "make_phantom",
    "measure_look",
]

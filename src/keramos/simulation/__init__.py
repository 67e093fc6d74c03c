"""Simulation of FIB-SEM stacks: a 3-D body whose every voxel is known, imaged as the microscope would."""

from keramos.simulation.annotator import Annotator, move_outlines
from keramos.simulation.body import STRUCTURES, Body, Matter, Structure
from keramos.simulation.calibration import Look, calibrate, measure_look
from keramos.simulation.defect import DEFECTS, Defect, Sections, SliceRange, Surface
from keramos.simulation.geometry import Geometry
from keramos.simulation.make import Phantom, collect_slabs, make_phantom
from keramos.simulation.presets import PRESETS
from keramos.simulation.regions import REGIONS
from keramos.simulation.second_image import SECOND_IMAGES
from keramos.simulation.settings import PhantomSettings
from keramos.simulation.stack import SLAB, PhantomStack, Slab

__all__ = [
    "DEFECTS",
    "PRESETS",
    "REGIONS",
    "SECOND_IMAGES",
    "SLAB",
    "STRUCTURES",
    "Annotator",
    "Body",
    "Defect",
    "Geometry",
    "Look",
    "Matter",
    "Phantom",
    "PhantomSettings",
    "PhantomStack",
    "Sections",
    "Slab",
    "SliceRange",
    "Structure",
    "Surface",
    "calibrate",
    "collect_slabs",
    "make_phantom",
    "measure_look",
    "move_outlines",
]

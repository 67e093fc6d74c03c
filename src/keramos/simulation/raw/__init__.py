"""Raw slices: phantoms as microscopes write them, with drift, uneven thickness, information bars and bad slices."""

from keramos.simulation.raw.make import RawPhantom, make_raw_phantom
from keramos.simulation.raw.maker import MAKERS, Maker, RawSlice
from keramos.simulation.raw.settings import RawSettings
from keramos.simulation.raw.stack import RawSlab, RawStack
from keramos.simulation.raw.truth import describe_truth

__all__ = [
    "MAKERS",
    "Maker",
    "RawPhantom",
    "RawSettings",
    "RawSlab",
    "RawSlice",
    "RawStack",
    "describe_truth",
    "make_raw_phantom",
]

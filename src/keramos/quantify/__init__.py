"""Measure the microstructure of labels, block by block, in physical units, with intervals where they are honest."""

from keramos.quantify.measured import Curve, Measured, Measurements
from keramos.quantify.measurement import Domain, Measurement
from keramos.quantify.run import quantify_volume
from keramos.quantify.segmentation_intervals import with_segmentation
from keramos.quantify.settings import QuantifySettings
from keramos.quantify.thickness import local_thickness
from keramos.quantify.transport import Transport, transport

__all__ = [
    "Curve", "Domain", "Measured", "Measurement", "Measurements", "QuantifySettings", "Transport", "local_thickness",
    "quantify_volume", "transport", "with_segmentation",
]  # fmt: skip

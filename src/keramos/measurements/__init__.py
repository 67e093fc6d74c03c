"""Measure the microstructure of labels, block by block, in physical units, with intervals where they are honest."""

from keramos.measurements.measured import Curve, Measured, Measurements
from keramos.measurements.measurement import Domain, Measurement
from keramos.measurements.run import quantify_volume
from keramos.measurements.segmentation_intervals import with_segmentation
from keramos.measurements.settings import QuantifySettings
from keramos.measurements.thickness import local_thickness
from keramos.measurements.transport import Transport, transport

__all__ = [
    "Curve",
    "Domain",
    "Measured",
    "Measurement",
    "Measurements",
    "QuantifySettings",
    "Transport",
    "local_thickness",
    "quantify_volume",
    "transport",
    "with_segmentation",
]

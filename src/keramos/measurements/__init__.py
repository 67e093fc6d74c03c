"""Measure the microstructure of labels, block by block, in physical units, with intervals where they can be estimated.

A measurement is a value of class `Measurement` in a file of its own; other packages add theirs by entry points of the
group `keramos.measurements`.
"""

from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.component_table import (
    Components,
    ComponentTable,
    label_classes,
    labelled_box,
    merge_components,
    resolve_components,
)
from keramos.measurements.flow.solver import Transport, transport
from keramos.measurements.in_plane import PlaneErrors, PlaneMicrostructure, compare_planes, measure_planes
from keramos.measurements.interface import measure_surface, surface_sums
from keramos.measurements.local_thickness import local_thickness
from keramos.measurements.measurement import BlockMeasurement, Measurement
from keramos.measurements.network import measure_network
from keramos.measurements.registry import MEASUREMENTS, curve_specs, display_of, quantity_specs
from keramos.measurements.results import (
    AXES,
    OBJECT_TABLE,
    PORE_TABLE,
    SENSITIVITY_TABLE,
    THROAT_TABLE,
    WINDOW_TABLE,
    Curve,
    Measured,
    Measurements,
    Table,
)
from keramos.measurements.run import quantify_volume, quantify_with
from keramos.measurements.sensitivity import OutlineChange, list_changes, measure_sensitivity
from keramos.measurements.separation.passes import has_written_ids
from keramos.measurements.separation.stages import Stages, delete_stages
from keramos.measurements.spec import ChartSpec, CurveSpec, Line, QuantitySpec
from keramos.measurements.structure import Structure, StructureCounts, count_structure, finish_structure
from keramos.measurements.subvolume import Subvolume, middle_box
from keramos.measurements.uncertainty.segmentation_intervals import with_segmentation
from keramos.measurements.volume import MeasuredVolume

__all__ = [
    "AXES",
    "MEASUREMENTS",
    "OBJECT_TABLE",
    "PORE_TABLE",
    "SENSITIVITY_TABLE",
    "THROAT_TABLE",
    "WINDOW_TABLE",
    "BlockMeasurement",
    "BlockView",
    "ChartSpec",
    "ComponentTable",
    "Components",
    "Curve",
    "CurveSpec",
    "Line",
    "Measured",
    "MeasuredVolume",
    "Measurement",
    "Measurements",
    "OutlineChange",
    "PlaneErrors",
    "PlaneMicrostructure",
    "QuantitySpec",
    "Stages",
    "Structure",
    "StructureCounts",
    "Subvolume",
    "Table",
    "Transport",
    "compare_planes",
    "count_structure",
    "curve_specs",
    "delete_stages",
    "display_of",
    "finish_structure",
    "has_written_ids",
    "label_classes",
    "labelled_box",
    "list_changes",
    "local_thickness",
    "measure_network",
    "measure_planes",
    "measure_sensitivity",
    "measure_surface",
    "merge_components",
    "middle_box",
    "quantify_volume",
    "quantify_with",
    "quantity_specs",
    "resolve_components",
    "surface_sums",
    "transport",
    "with_segmentation",
]

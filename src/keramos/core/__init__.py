"""Values that every room shares: volumes, labels, phases, boxes, voxel sizes, quantities, findings and provenance."""

from keramos.core.box import Box, Triple, parse_box, triple
from keramos.core.byte_size import byte_size, machine_memory, size_in_words
from keramos.core.finding import Finding, Severity, name_ranges, name_slices, rank_findings
from keramos.core.near_names import did_you_mean
from keramos.core.phases import NOT_ANNOTATED, VOID_SOLID, Phase, PhaseTable
from keramos.core.provenance import Provenance, Step
from keramos.core.quantity import Quantity
from keramos.core.terminal import escape_controls, shorten_words
from keramos.core.view import CuttingOrder, View
from keramos.core.volume import ArraySource, BoxSource, LabelVolume, PixelSource, SourceView, Volume, piece_shape
from keramos.core.voxel_size import VoxelSize

__all__ = [
    "NOT_ANNOTATED",
    "VOID_SOLID",
    "ArraySource",
    "Box",
    "BoxSource",
    "CuttingOrder",
    "Finding",
    "LabelVolume",
    "Phase",
    "PhaseTable",
    "PixelSource",
    "Provenance",
    "Quantity",
    "Severity",
    "SourceView",
    "Step",
    "Triple",
    "View",
    "Volume",
    "VoxelSize",
    "byte_size",
    "did_you_mean",
    "escape_controls",
    "machine_memory",
    "name_ranges",
    "name_slices",
    "parse_box",
    "piece_shape",
    "rank_findings",
    "shorten_words",
    "size_in_words",
    "triple",
]

"""Value types: what a volume is, before any file, network or measurement."""

from keramos.volume.box import Box, Triple, parse_box, triple
from keramos.volume.byte_size import byte_size
from keramos.volume.phases import NOT_ANNOTATED, VOID_SOLID, Phase, PhaseTable
from keramos.volume.provenance import Provenance, Step
from keramos.volume.quantity import Quantity
from keramos.volume.view import CuttingOrder, View
from keramos.volume.volume import ArraySource, BoxSource, LabelVolume, PixelSource, SourceView, Volume
from keramos.volume.voxel_size import VoxelSize

__all__ = [
    "NOT_ANNOTATED",
    "VOID_SOLID",
    "ArraySource",
    "Box",
    "BoxSource",
    "CuttingOrder",
    "LabelVolume",
    "Phase",
    "PhaseTable",
    "PixelSource",
    "Provenance",
    "Quantity",
    "SourceView",
    "Step",
    "Triple",
    "View",
    "Volume",
    "VoxelSize",
    "byte_size",
    "parse_box",
    "triple",
]  # fmt: skip

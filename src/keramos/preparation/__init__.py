"""From raw slices to a calibrated volume: alignment, and remedies, which have the names of the defects they undo."""

from keramos.preparation.agreement import Agreement, AgreementObserver
from keramos.preparation.alignment import SliceMotion, observe_shifts, split_drift
from keramos.preparation.block_means import shrink_slice
from keramos.preparation.floor_light import FloorLight, FloorLightObserver
from keramos.preparation.likeness import Likeness, LikenessObserver, observe_likeness
from keramos.preparation.observation import Observation, SliceObserver, observe_stack
from keramos.preparation.preparation import Preparation, common_window
from keramos.preparation.prepared_source import PreparedSource
from keramos.preparation.remedy import REMEDIES, Observer, Parameters, RawStack, Remedy
from keramos.preparation.ruler import RulerObserver, RulerReading, place_by_ruler
from keramos.preparation.saved import from_bytes, to_bytes
from keramos.preparation.slice_grid import SliceGrid, place_on_grid
from keramos.preparation.slice_positions import PositionSource, SlicePositions, place_by_likeness
from keramos.preparation.slice_shifts import Shear, SliceShifts
from keramos.preparation.slice_sorting import digest_slice
from keramos.preparation.transforms import SliceTransforms
from keramos.preparation.turned_source import TurnedSource

__all__ = [
    "REMEDIES",
    "Agreement",
    "AgreementObserver",
    "FloorLight",
    "FloorLightObserver",
    "Likeness",
    "LikenessObserver",
    "Observation",
    "Observer",
    "Parameters",
    "PositionSource",
    "Preparation",
    "PreparedSource",
    "RawStack",
    "Remedy",
    "RulerObserver",
    "RulerReading",
    "Shear",
    "SliceGrid",
    "SliceMotion",
    "SliceObserver",
    "SlicePositions",
    "SliceShifts",
    "SliceTransforms",
    "TurnedSource",
    "common_window",
    "digest_slice",
    "from_bytes",
    "observe_likeness",
    "observe_shifts",
    "observe_stack",
    "place_by_likeness",
    "place_by_ruler",
    "place_on_grid",
    "shrink_slice",
    "split_drift",
    "to_bytes",
]

"""From raw slices to a calibrated volume: alignment, and remedies, which have the names of the defects they undo."""

from keramos.preparation.remedy import REMEDIES, Observer, Parameters, RawStack, Remedy
from keramos.preparation.slice_shifts import Shear, SliceShifts

__all__ = ["REMEDIES", "Observer", "Parameters", "RawStack", "Remedy", "Shear", "SliceShifts"]

"""Alignment of slices: shifts between them at several distances, joined into one shift a slice.

observe_shifts -> ShiftObserver -> SliceMotion -> split_drift -> SliceShifts -> shift_slab
"""

from keramos.preparation.alignment.drift import split_drift
from keramos.preparation.alignment.motion import SliceMotion
from keramos.preparation.alignment.observe import ShiftObserver, observe_shifts
from keramos.preparation.alignment.shift_slab import shift_slab
from keramos.preparation.alignment.tracks import Link

__all__ = ["Link", "ShiftObserver", "SliceMotion", "observe_shifts", "shift_slab", "split_drift"]

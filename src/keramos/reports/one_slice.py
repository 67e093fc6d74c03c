"""What one slice would have said, beside what the volume says."""

from __future__ import annotations

from dataclasses import replace

from keramos.measurements.measured import Measurements
from keramos.reports.content import Comparison

_EXPLANATION = (
    "The middle slice measured by itself, as a polished section would be. Its surface area holds if the structure is "
    "alike in all directions. The slice is part of the volume, so the difference has no interval of its own: see "
    "whether the volume's value lies within the slice's."
)


# What is connected in the volume need not be on a slice: of that, a slice says nothing.
_SAID_BY_A_SLICE = ("phase fraction", "specific surface area", "mean intercept length", "correlation length")


def one_slice_comparison(volume: Measurements, one_slice: Measurements) -> Comparison:
    """The 3-D result against its 2-D estimate."""
    said = replace(one_slice, quantities=tuple(r for r in one_slice.quantities if r.name in _SAID_BY_A_SLICE))
    samples = (("Volume (3\u2011D)", volume), ("One slice (2\u2011D)", said))
    return Comparison("One slice against the volume", samples, independent=False, explanation=_EXPLANATION)

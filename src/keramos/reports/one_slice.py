"""The estimates of a single slice beside those of the volume."""

from __future__ import annotations

from dataclasses import replace

from keramos.measurements import Measurements, quantity_specs
from keramos.reports.content import Comparison

_EXPLANATION = (
    "The middle slice measured by itself, as a polished section would be. Its surface area holds if the structure is "
    "alike in all directions. The slice is part of the volume, so the difference has no interval of its own: see "
    "whether the volume's value lies within the slice's."
)


def one_slice_comparison(volume: Measurements, one_slice: Measurements) -> Comparison:
    """The 3-D result against its 2-D estimate, of those quantities that a slice can estimate."""
    specs = quantity_specs()
    seen = tuple(row for row in one_slice.quantities if row.id in specs and specs[row.id].seen_on_slice)
    samples = (("Volume (3\u2011D)", volume), ("One slice (2\u2011D)", replace(one_slice, quantities=seen)))
    return Comparison("One slice against the volume", samples, independent=False, explanation=_EXPLANATION)

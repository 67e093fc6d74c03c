"""Local thickness and the narrowest passages of a part of a volume."""

from __future__ import annotations

from keramos.core import Quantity
from keramos.core.progress import Reporter
from keramos.measurements.measured import AXES, Curve, Measured, Measurements
from keramos.measurements.necks import neck_diameter
from keramos.measurements.part import Part
from keramos.measurements.thickness import distribution, local_thickness


def measure_widths(part: Part, reporter: Reporter) -> Measurements:
    found = Measurements()
    for code in part.domain.wanted:
        phase, mask = part.phase(code), part.codes == code
        progress = reporter.progress(f"map the thickness of {phase}", "step")
        spread = distribution(local_thickness(mask, part.domain.voxel_size, progress=progress))
        if not len(spread.diameters):
            continue
        how = "largest balls inside the phase (Hildebrand and Rueegsegger 1997)"
        rows = [Measured("mean local thickness", Quantity(spread.mean, "nm", how, domain=part.name), phase)]
        for axis, name in enumerate(AXES):
            narrowest = neck_diameter(mask, axis, part.domain.voxel_size)
            if narrowest is not None:
                how = "largest ball that passes from end to end"
                rows.append(Measured("neck diameter", Quantity(narrowest, "nm", how, domain=part.name), phase, name))
        columns = {"diameter": spread.diameters.tolist(), "share": spread.shares.tolist()}
        curve = Curve("local thickness", columns, {"diameter": "nm", "share": "1"}, how, phase)
        found += Measurements(tuple(rows), (curve,))
    return found

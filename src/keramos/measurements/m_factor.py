"""The relative diffusivity (M-factor) that a published formula predicts from the geometry, beside the solved one.

M = fraction^1.15 beta^0.37 / tau^4.39, with the constrictivity beta and the geodesic tortuosity tau, was fitted to 43
simulated structures, for which its mean error is 19 % (Stenzel et al., AIChE J. 62, 1834, 2016). Its tau is that of
paths on the voxel graph. Where it differs from the solved value by much more, look at the solved one.
"""

from __future__ import annotations

from keramos.core.progress import Reporter
from keramos.measurements.constrictivity import find_constrictivity
from keramos.measurements.measurement import Measurement
from keramos.measurements.paths.phase_paths import find_paths
from keramos.measurements.phase_flow import fraction_of
from keramos.measurements.phase_sizes import find_sizes
from keramos.measurements.results import AXES, Measured, Measurements
from keramos.measurements.sources import STENZEL
from keramos.measurements.spec import QuantitySpec
from keramos.measurements.subvolume import Subvolume
from keramos.measurements.volume import MeasuredVolume

PREDICTED = QuantitySpec(
    id="predicted-relative-diffusivity",
    name="relative diffusivity predicted from the geometry",
    unit="1",
    length_power=0,
    meaning="The relative diffusivity (M-factor) that the fraction, the constrictivity and the geodesic "
    "tortuosity of {phase} would have in structures like those of a published fit: to be held against the solved one.",
    method="fraction^1.15 · constrictivity^0.37 / tortuosity on the voxel graph^4.39 (Stenzel 2016)",
    caveat="a fit to 43 simulated structures with a mean error of 19 %; 2 % in the tortuosity are 9 % here; none "
    "without a constrictivity",
    sources=(STENZEL,),
    rank=121,
    headline=False,
    low=0,
    high=1,
    of_means=lambda means: predict_diffusivity(
        means["fraction"],
        (means["intrusion-r50"] / means["size-r50"]) ** 2,
        means["geodesic-tortuosity-on-graph"],
    ),
)


def predict_diffusivity(fraction: float, constrictivity: float, tortuosity: float) -> float:
    """The relative diffusivity by Stenzel's formula.

    Example:
        >>> round(predict_diffusivity(0.5, 0.5, 1.2), 4)
        0.1566
    """
    return float(fraction**1.15 * constrictivity**0.37 / tortuosity**4.39)


def measure_prediction(subvolume: Subvolume, reporter: Reporter) -> Measurements:
    """The prediction of each phase along each axis that has a constrictivity and a path from end to end."""
    rows: list[Measured] = []
    for code in subvolume.measured_codes:
        sizes = find_sizes(subvolume, code, reporter)
        for axis, name in enumerate(AXES):
            beta = None if sizes is None else find_constrictivity(sizes, axis)
            paths = find_paths(subvolume, code, axis, reporter)
            if beta is not None and paths.on_graph.size:
                value = predict_diffusivity(fraction_of(subvolume, code), beta, float(paths.on_graph.mean()))
                rows.append(PREDICTED.row(value, subvolume.phase(code), name, domain=subvolume.name))
    return Measurements(tuple(rows))


def _applies(volume: MeasuredVolume) -> bool:
    return volume.settings.paths and volume.settings.thickness and not volume.is_flat


MEASUREMENT = Measurement(
    name="m-factor", quantities=(PREDICTED,), applies=_applies, on_subvolume=measure_prediction, subvolumes=2
)

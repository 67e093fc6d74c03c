"""The spread of the phase fraction between windows of growing size, and the volume that would give it to 1 %."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, prod

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.interval import ratio_spread
from keramos.measurements.measurement import Measurement
from keramos.measurements.results import Curve, Measurements
from keramos.measurements.sources import LANTUEJOUL
from keramos.measurements.spec import ChartSpec, CurveSpec, Line, QuantitySpec
from keramos.measurements.volume import MeasuredVolume

_MIN_WINDOWS = 8
_FACTORS = (1, 2, 3, 4, 6, 8)
_PRECISION = 0.01
_NORMAL = 1.96
_KANIT = "T. Kanit et al., Int. J. Solids Struct. 40, 3647 (2003)"


def _lines(curve: Curve) -> Sequence[Line]:
    """The spread, and the slope of independent regions through its last point; windows that do not differ have no
    logarithm."""
    columns = zip(curve.columns["edge"], curve.columns["standard deviation"], strict=True)
    rows = [(edge, 100 * spread) for edge, spread in columns if spread > 0]
    if len(rows) < 2:
        return ()
    edges, spreads = zip(*rows, strict=True)
    slope = [spreads[-1] * (edge / edges[-1]) ** -1.5 for edge in (edges[0], edges[-1])]
    reference = Line([edges[0], edges[-1]], slope, "slope −3/2 (independent regions)", reference=True)
    return Line(edges, spreads, marked=True), reference


REPRESENTATIVE = QuantitySpec(
    id="representative-volume",
    name="representative volume",
    unit="um3",
    length_power=3,
    meaning="How large a sample must be for its fraction of {phase} to be within ±1 percentage point of the "
    "material's, 95 times in 100.",
    method="integral range: volume whose phase fraction is within 0.01 of the material's in 95 % of samples",
    sources=(LANTUEJOUL, _KANIT),
    rank=140,
)
SPREAD = CurveSpec(
    id="phase-fraction-spread",
    name="spread of the phase fraction between windows",
    units={"edge": "um", "volume": "um3", "standard deviation": "1"},
    method="windows of the volume",
    chart=ChartSpec(
        title="Spread of the phase fraction against window size",
        caption="How much the fraction differs from window to window (standard deviation). Once windows are larger "
        "than the structure, the points follow the dashed slope −3/2, and the volume can stand for the material.",
        alt="Spread of the phase fraction between windows against their edge, log-log",
        x_label="edge of the windows in µm",
        y_label="spread in % of the volume",
        lines=_lines,
        rank=20,
        log=True,
        second_of_two=True,
    ),
)


@dataclass(frozen=True)
class RepresentativeVolume:
    """Voxels of each measured phase, and last the annotated ones, per window.

    The spread of a large volume V falls as 1/sqrt(V) (integral range; Kanit et al. 2003, equation 8), so the volume
    that gives the fraction to +-1 % (absolute, 95 %) follows from the spread here.
    """

    volume: MeasuredVolume
    before: Triple = (0, 0, 0)
    after: Triple = (0, 0, 0)

    def measure(self, block: BlockView) -> NDArray[np.int64]:
        codes = block.core_codes
        masks = [codes == code for code in self.volume.measured_codes] + [codes != NOT_ANNOTATED]
        return self.volume.windows.count(masks, block.core)

    def merge(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.asarray(first + second)

    def finish(self, partial: NDArray[np.int64]) -> Measurements:
        results, below = Measurements(), partial[-1].astype(float)
        for number, code in enumerate(self.volume.measured_codes):
            results += self._of_phase(self.volume.phases.names[code], partial[number].astype(float), below)
        return results

    def _of_phase(self, phase: str, above: NDArray[np.float64], below: NDArray[np.float64]) -> Measurements:
        voxel_nm3, window = self.volume.voxel_size.volume_nm3, prod(self.volume.windows.edge)
        spreads = [(factor, _fractions(above, below, factor, window * factor**3)) for factor in _FACTORS]
        used = [(factor, shares) for factor, shares in spreads if shares.size >= _MIN_WINDOWS]
        volumes = [window * factor**3 * voxel_nm3 / 1e9 for factor, _ in used]
        columns = {
            "edge": [volume ** (1 / 3) for volume in volumes],
            "volume": volumes,
            "standard deviation": [float(shares.std(ddof=1)) for _, shares in used],
        }
        curves = (SPREAD.curve(columns, phase),) if used else ()
        spread = ratio_spread(above, below, self.volume.used_windows(below))
        error = np.nan if spread is None else spread.standard_error
        needed = float(below.sum() * voxel_nm3 / 1e9 * (_NORMAL * error / _PRECISION) ** 2)
        rows = (REPRESENTATIVE.row(needed, phase),) if isfinite(needed) and needed > 0 else ()
        return Measurements(rows, curves)


def _fractions(above: NDArray[np.float64], below: NDArray[np.float64], factor: int, voxels: int) -> NDArray[np.float64]:
    """The fractions of windows of `factor` times the edge; those without all their `voxels` annotated are left out."""
    if min(below.shape) < factor:
        return np.zeros(0)
    part = tuple(slice(0, n // factor * factor) for n in below.shape)
    merged = []
    for counts in (above[part], below[part]):
        z, y, x = (n // factor for n in counts.shape)
        merged.append(counts.reshape(z, factor, y, factor, x, factor).sum(axis=(1, 3, 5)))
    full = merged[1] == voxels
    return np.asarray(merged[0][full] / merged[1][full])


MEASUREMENT = Measurement(
    name="representative-volume", quantities=(REPRESENTATIVE,), curves=(SPREAD,), in_blocks=RepresentativeVolume
)

"""The spread of the phase fraction between windows of growing size, and the volume that would give it to 1 %."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import Finding, Triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.interval import ratio_spread, variance_interval
from keramos.measurements.counting.phase_voxels import count_phases
from keramos.measurements.counting.window_sums import FACTORS, MIN_WINDOWS, Ratio, values_of_windows
from keramos.measurements.measurement import Measurement
from keramos.measurements.printed import MATBOX, PORESPY
from keramos.measurements.results import Curve, Measurements
from keramos.measurements.sources import LANTUEJOUL
from keramos.measurements.spec import ChartSpec, CurveSpec, Line, QuantitySpec
from keramos.measurements.volume import MeasuredVolume

_FRACTION = Ratio(((1.0, 0, 1),))
_PRECISION = 0.01
NORMAL = 1.96
KANIT = "T. Kanit et al., Int. J. Solids Struct. 40, 3647 (2003)"


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
    caveat="extrapolated from the spread between windows, as is its interval; none of a volume that is thinner than "
    "three independent windows",
    sources=(LANTUEJOUL, KANIT),
    rank=140,
    has_interval=True,
    printed=(
        PORESPY.prints("metrics.rev_porosity: a cloud of windows, no volume"),
        MATBOX.prints("representative volume: of subdomains"),
    ),
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
        return count_phases(block, self.volume.measured_codes, self.volume.windows)

    def merge(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.asarray(first + second)

    def finish(self, partial: NDArray[np.int64]) -> Measurements:
        results, below = Measurements(), partial[-1].astype(float)
        for number, code in enumerate(self.volume.measured_codes):
            results += self._of_phase(self.volume.phases.names[code], partial[number].astype(float), below)
        given = {row.phase for row in results.quantities}
        varying = [curve.phase for curve in results.curves if any(curve.columns["standard deviation"])]
        missing = [phase for phase in varying if phase not in given]
        return results + (_report_missing(missing) if missing else Measurements())

    def _of_phase(self, phase: str, above: NDArray[np.float64], below: NDArray[np.float64]) -> Measurements:
        """The integral range is that of a volume which is larger than the structure along all axes: a thinner one
        varies less than its volume lets expect, so it does not tell."""
        voxel_nm3 = self.volume.voxel_size.volume_nm3
        sums, voxels = np.stack([above, below]), self.volume.windows.voxels
        spreads = [values_of_windows(sums, _FRACTION.of, below, voxels, factor) for factor in FACTORS]
        used = [(shares, mean * voxel_nm3 / 1e9) for shares, mean, apart in spreads if apart >= MIN_WINDOWS]
        columns = {
            "edge": [volume ** (1 / 3) for _, volume in used],
            "volume": [volume for _, volume in used],
            "standard deviation": [float(shares.std(ddof=1)) for shares, _ in used],
        }
        curves = (SPREAD.curve(columns, phase),) if used else ()
        spread = ratio_spread(above, below, self.volume.select_windows(below))
        if spread is None or spread.divided < 3:
            return Measurements((), curves)
        needed = float(below.sum() * voxel_nm3 / 1e9 * (NORMAL * spread.standard_error / _PRECISION) ** 2)
        return Measurements((REPRESENTATIVE.row(needed, phase, interval=variance_interval(needed, spread)),), curves)


def _report_missing(phases: Sequence[str]) -> Measurements:
    finding = Finding(
        "no-representative-volume",
        "the volume cannot be divided into independent windows along all three axes",
        f"the representative volume for {' and '.join(phases)} is not given",
        "measure a larger volume",
        "note",
    )
    return Measurements(findings=(finding,))


MEASUREMENT = Measurement(
    name="representative-volume", quantities=(REPRESENTATIVE,), curves=(SPREAD,), in_blocks=RepresentativeVolume
)

"""Numbers that are told of every window of a volume: phase fraction, specific surface area and mean chord length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.measurements.counting.window_sums import Ratio
from keramos.measurements.representative_volume import KANIT
from keramos.measurements.results import Curve
from keramos.measurements.sources import LANTUEJOUL, OHSER, UNDERWOOD
from keramos.measurements.spec import ChartSpec, CurveSpec, Line, QuantitySpec

_CONLEY = "T. G. Conley, J. Econom. 92, 1 (1999)"
_DIRRENBERGER = "J. Dirrenberger et al., Int. J. Solids Struct. 51, 359 (2014)"
_VOXELS, _ANNOTATED, _NEAR, _NEAR_CELLS, _WIDE, _WIDE_CELLS, _CHORDS = range(7)
"""The sums of a window: voxels of the phase, annotated voxels; surface (1/um times cells) and cells of one voxel, of
two; and ends of chords (1/nm times voxels) on the mean of the axes, two to a chord."""


@dataclass(frozen=True)
class Descriptor:
    """A number of each window, and what is told of how it differs.

    Attributes:
        name: for readers.
        column, column_unit: in the table of windows.
        ratio: of the sums of a window; `without_wide` of a volume too thin for cells of two voxels.
        trend, p_value, required, exponent: its quantities.
        distribution: its curve over the windows; `spread` and `layers`, where no other measurement gives them.
    """

    name: str
    column: str
    column_unit: str
    ratio: Ratio
    trend: QuantitySpec
    p_value: QuantitySpec
    required: QuantitySpec
    exponent: QuantitySpec
    distribution: CurveSpec
    spread: CurveSpec | None = None
    layers: CurveSpec | None = None
    without_wide: Ratio | None = None

    @property
    def quantities(self) -> tuple[QuantitySpec, ...]:
        return self.trend, self.p_value, self.required, self.exponent

    @property
    def curves(self) -> tuple[CurveSpec, ...]:
        return tuple(curve for curve in (self.distribution, self.spread, self.layers) if curve is not None)

    def for_sums(self, sums: NDArray[np.float64]) -> Descriptor:
        """This descriptor of a volume with these sums (K, Z Y X)."""
        if self.without_wide is None or sums[_WIDE_CELLS].sum() > 0:
            return self
        return replace(self, ratio=self.without_wide)


@dataclass(frozen=True)
class _Told:
    """Facts that the specifications of a descriptor have in common; ranks follow from `rank`."""

    id: str
    name: str
    unit: str
    rank: int
    source: str
    has_intervals: bool = True
    """Whether exponent and required volume have them: windows that hold few chords scatter more than is expected."""

    def describe(self, ratio: Ratio, *, without_wide: Ratio | None = None, has_curves: bool = True) -> Descriptor:
        """The descriptor; its spread and its layers, too, where no other measurement has them."""
        return Descriptor(
            name=self.name,
            column=self.name.replace(" ", "_"),
            column_unit=self.unit,
            ratio=ratio,
            trend=self.trend(),
            p_value=self.p_value(),
            required=self.volume(),
            exponent=self.exponent(),
            distribution=self.distribution(),
            spread=self.spread() if has_curves else None,
            layers=self.layers() if has_curves else None,
            without_wide=without_wide,
        )

    @property
    def label(self) -> str:
        return self.name if self.unit == "1" else f"{self.name} in {self.unit}"

    def trend(self) -> QuantitySpec:
        return QuantitySpec(
            id=f"{self.id}-trend",
            name=f"trend of the {self.name}",
            unit="1",
            length_power=0,
            meaning=f"By how much the {self.name} of {{phase}} changes from the first to the last face, relative to "
            "its mean: 0.1 is a tenth.",
            method="plane fitted to windows by least squares; variance of its slope with the covariances of neighbours",
            caveat="a straight line only; a wave or a step may have none",
            sources=(self.source, _CONLEY),
            rank=self.rank,
            headline=False,
            has_interval=True,
        )

    def p_value(self) -> QuantitySpec:
        return QuantitySpec(
            id=f"{self.id}-trend-p-value",
            name=f"p-value of the trend of the {self.name}",
            unit="1",
            length_power=0,
            meaning=f"How often a material whose {self.name} of {{phase}} is the same everywhere would show a trend as "
            "large as this.",
            method="t-test of the slope; windows merged until those two apart are not correlated, covariances of "
            "neighbours added, a degree of freedom for ten windows",
            caveat="below 0.05 in 1 to 9 of 100 volumes without a trend; each phase and axis is a test of its own",
            sources=(self.source, _CONLEY),
            rank=self.rank + 1,
            headline=False,
        )

    def volume(self) -> QuantitySpec:
        known = "" if self.has_intervals else "; no interval: in small volumes it held seven of ten"
        return QuantitySpec(
            id=f"{self.id}-required-volume",
            name=f"volume for the {self.name}",
            unit="um3",
            length_power=3,
            meaning=f"How large a sample must be for its {self.name} of {{phase}} to be within the wanted share of the "
            "material's, 95 times in 100.",
            method="integral range, from the spread between windows",
            caveat="extrapolated as 1 / volume: see the exponent; none of a volume that is thinner than three "
            f"independent windows{known}",
            sources=(LANTUEJOUL, KANIT),
            rank=self.rank + 2,
            headline=False,
            has_interval=self.has_intervals,
        )

    def exponent(self) -> QuantitySpec:
        known = "it is that of volumes of this size" if self.has_intervals else "none: it held three of four"
        return QuantitySpec(
            id=f"{self.id}-spread-exponent",
            name=f"exponent of the spread of the {self.name}",
            unit="1",
            length_power=0,
            meaning=f"How fast windows of growing volume become alike in {self.name} of {{phase}}: 1 where regions are "
            "independent, less where the material changes over long distances.",
            method="variance between windows ~ volume^-exponent, least squares of logarithms, from the size on whose "
            "windows are not correlated two apart, if three are left; interval from those without each eighth "
            "(jackknife)",
            caveat="overlapping balls in volumes 5 to 10 balls wide: 0.8 to 1.0 (phase fraction), 0.7 to 0.9 "
            "(surface), 1.1 to 1.4 (chords), for their windows are hardly wider than a ball; interval: "
            f"{known}",
            sources=(_DIRRENBERGER,),
            rank=self.rank + 3,
            headline=False,
            has_interval=self.has_intervals,
        )

    def distribution(self) -> CurveSpec:
        return CurveSpec(
            id=f"{self.id}-of-windows",
            name=f"{self.name} of windows",
            units={"value": self.unit, "share": "1"},
            method="share of the windows with at most this value",
            sources=(KANIT,),
            chart=ChartSpec(
                title=f"{self.name.capitalize()} of windows",
                caption="The share of the windows of the volume with at most this value: a steep line is an even "
                "material.",
                alt=f"Cumulative distribution of the {self.name} between windows",
                x_label=self.label,
                y_label="% of the windows",
                lines=_scale_lines("value", "share", 1.0, 100.0),
                rank=self.rank,
            ),
        )

    def spread(self) -> CurveSpec:
        return CurveSpec(
            id=f"{self.id}-spread",
            name=f"spread of the {self.name} between windows",
            units={"edge": "um", "volume": "um3", "standard deviation": self.unit},
            method="windows of the volume",
            sources=(KANIT,),
            chart=ChartSpec(
                title=f"Spread of the {self.name} against window size",
                caption="How much windows differ (standard deviation). Where regions are independent it falls by the "
                "power 3/2 of their edge.",
                alt=f"Spread of the {self.name} between windows against their edge, log-log",
                x_label="edge of the windows in µm",
                y_label=f"spread in {self.unit}",
                lines=_spread_lines,
                rank=self.rank + 1,
                log=True,
            ),
        )

    def layers(self) -> CurveSpec:
        return CurveSpec(
            id=f"{self.id}-of-layers",
            name=f"{self.name} of layers",
            units={"position": "nm", "value": self.unit},
            method="windows of each layer together; positions are their middles, from the corner of the volume that "
            "was given",
            sources=(self.source,),
            chart=ChartSpec(
                title=f"{self.name.capitalize()} along each axis",
                caption="In layers of windows; a flat line means that the material is the same throughout.",
                alt=f"{self.name.capitalize()} of layers along z, y and x",
                x_label="{axis} in µm",
                y_label=self.label,
                lines=_scale_lines("position", "value", 1e-3, 1.0),
                rank=self.rank + 2,
                panels="axis",
                share_y=True,
            ),
        )


def _scale_lines(x: str, y: str, x_scale: float, y_scale: float) -> Callable[[Curve], Sequence[Line]]:
    def lines(curve: Curve) -> Sequence[Line]:
        return [Line([x_scale * v for v in curve.columns[x]], [y_scale * v for v in curve.columns[y]])]

    return lines


def _spread_lines(curve: Curve) -> Sequence[Line]:
    columns = zip(curve.columns["edge"], curve.columns["standard deviation"], strict=True)
    rows = [(edge, spread) for edge, spread in columns if spread > 0]
    if len(rows) < 2:
        return ()
    return [Line([edge for edge, _ in rows], [spread for _, spread in rows], marked=True)]


DESCRIPTORS = (
    _Told("phase-fraction", "phase fraction", "1", 310, UNDERWOOD).describe(
        Ratio(((1.0, _VOXELS, _ANNOTATED),)), has_curves=False
    ),
    _Told("specific-surface-area", "specific surface area", "1/um", 320, OHSER).describe(
        Ratio(((2.0, _NEAR, _NEAR_CELLS), (-1.0, _WIDE, _WIDE_CELLS))),
        without_wide=Ratio(((1.0, _NEAR, _NEAR_CELLS),)),
    ),
    _Told("mean-chord-length", "mean chord length", "nm", 330, UNDERWOOD, has_intervals=False).describe(
        Ratio(((1.0, _VOXELS, _CHORDS),))
    ),
)
"""Phase fraction (whose spread and slices are told anyway), surface and chords on the mean of the axes."""

"""Number, sizes and largest share of the connected components of each phase, and what they are connected to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keramos.core import Triple
from keramos.core.errors import SettingsError
from keramos.measurements.accessibility import (
    FROM_FIRST,
    FROM_LAST,
    ISOLATED,
    PERCOLATING,
    UNKNOWN,
    list_accessibility,
)
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.component_table import (
    Components,
    ComponentTable,
    empty_table,
    label_components,
    merge_components,
    resolve_components,
)
from keramos.measurements.measurement import Measurement
from keramos.measurements.pieces import CONNECTIVITY
from keramos.measurements.printed import GEODICT, MATBOX, SCIPY
from keramos.measurements.results import Curve, Measured, Measurements
from keramos.measurements.spec import WHOLE_VOLUME, ChartSpec, CurveSpec, Line, QuantitySpec
from keramos.measurements.volume import MeasuredVolume

_JOINED = "connected-components-3d in blocks, joined through faces unless edges and corners are asked for, too"


def _line(curve: Curve) -> Sequence[Line]:
    """The number of components at least so large, against the diameter of the ball of their volume."""
    volumes, counts = (np.asarray(curve.columns[name], float) for name in ("volume", "components"))
    order = np.argsort(volumes)
    at_least = np.cumsum(counts[order][::-1])[::-1]
    diameters = np.cbrt(6 * volumes[order] / np.pi) / 1e3
    return [Line(diameters.tolist(), at_least.tolist(), marked=len(volumes) < 40)]


COUNT = QuantitySpec(
    id="components",
    name="components",
    unit="1",
    length_power=0,
    meaning="How many separate pieces there are; many are specks of a few voxels.",
    method=_JOINED,
    caveat="exact",
    rank=185,
    headline=False,
    display="count",
    printed=(
        SCIPY.prints("ndimage.label", benchmark="oracles"),
        GEODICT.prints("MatDict, Connected Components", page="matdict_componentanalysis.html"),
        MATBOX.prints("Connectivity: clusters"),
    ),
)
_RESOLVED_EDGE = 3
RESOLVED_VOXELS = _RESOLVED_EDGE**3
"""Voxels of a cube of three; what is smaller cannot be told from an error of an outline."""
RESOLVED = QuantitySpec(
    id="resolved-components",
    name=f"components of {RESOLVED_VOXELS} voxels or more",
    unit="1",
    length_power=0,
    meaning=f"How many separate pieces have at least {RESOLVED_VOXELS} voxels, as a cube of three has: smaller ones "
    "come and go with small errors of outlines.",
    method=_JOINED,
    caveat="exact in voxels: smaller voxels resolve smaller pieces, and a piece that a face cuts counts by its part",
    rank=190,
    headline=False,
    display="count",
)
LARGEST = QuantitySpec(
    id="largest-component",
    name="largest component",
    unit="1",
    length_power=0,
    meaning="The share of all {phase} that is connected in one piece.",
    method="the largest component's share of the phase",
    caveat="exact",
    rank=90,
    comparison="shown",
    display="fraction",
    printed=(
        SCIPY.prints("ndimage.label, the largest", benchmark="oracles"),
        MATBOX.prints("Connectivity: main cluster"),
    ),
)
SIZES = CurveSpec(
    id="component-sizes",
    name="component sizes",
    units={"volume": "nm3", "components": "1"},
    method=_JOINED,
    chart=ChartSpec(
        title="Component sizes",
        caption="How many separate pieces are at least so large. A long line of small pieces far from a single large "
        "one is often noise of the segmentation.",
        alt="Number of components of each phase against their size, log-log",
        x_label="diameter of the ball of that volume in µm",
        y_label="components as large or larger",
        lines=_line,
        rank=60,
        log=True,
    ),
)


@dataclass(eq=False)
class Tables:
    """The components of all that is annotated and, where that is no box, those of the largest box in it."""

    volume: ComponentTable
    box: ComponentTable | None


@dataclass(frozen=True)
class MeasuredComponents:
    """Components of each phase, connected through the neighbours that the settings name.

    Raises:
        SettingsError: a connectivity other than 6, 18 or 26.
    """

    volume: MeasuredVolume
    before: Triple = (0, 0, 0)
    after: Triple = (1, 1, 1)

    def __post_init__(self) -> None:
        if self._connectivity not in CONNECTIVITY:
            raise SettingsError(f"expected a connectivity of 6, 18 or 26 neighbours, found {self._connectivity}")

    def measure(self, block: BlockView) -> Tables:
        table = label_components(block, self.volume.measured_codes, self._connectivity)
        if self.volume.is_box or self.volume.annotated_box is None:
            return Tables(table, None)
        part = block.within(self.volume.annotated_box)
        if part is None:
            return Tables(table, empty_table())
        return Tables(table, label_components(part, self.volume.measured_codes, self._connectivity))

    def merge(self, first: Tables, second: Tables) -> Tables:
        box = None
        if first.box is not None and second.box is not None:
            box = merge_components(first.box, second.box)
        return Tables(merge_components(first.volume, second.volume), box)

    def finish(self, partial: Tables) -> Measurements:
        components = resolve_components(partial.volume)
        results = self._sizes(components)
        if self.volume.annotated_box is None:
            note = "no percolating fraction: no box of annotated voxels is large enough"
            return results + Measurements(notes=(note,))
        if partial.box is None:
            return results + self._percolation(components, WHOLE_VOLUME)
        return results + self._percolation(
            resolve_components(partial.box), self.volume.name_of(self.volume.annotated_box)
        )

    def _sizes(self, components: Components) -> Measurements:
        rows, curves = [], []
        for code in self.volume.measured_codes:
            phase, voxels = self.volume.phases.names[code], components.voxels[components.code == code]
            rows.append(COUNT.row(len(voxels), phase, method=f"components {self._how}"))
            if min(self.volume.shape) >= _RESOLVED_EDGE:
                large = int(np.count_nonzero(voxels >= RESOLVED_VOXELS))
                rows.append(RESOLVED.row(large, phase, method=f"components {self._how}"))
            if not voxels.sum():
                continue
            share = int(voxels.max()) / int(voxels.sum())
            rows.append(LARGEST.row(share, phase, method=f"{LARGEST.method}, {self._how}"))
            sizes, counts = np.unique(voxels, return_counts=True)
            volumes = (sizes * self.volume.voxel_size.volume_nm3).tolist()
            columns = {"volume": volumes, "components": counts.tolist()}
            curves.append(SIZES.curve(columns, phase, method=f"components {self._how}"))
        return Measurements(tuple(rows), tuple(curves))

    def _percolation(self, components: Components, domain: str) -> Measurements:
        rows: list[Measured] = []
        shape = self.volume.shape if self.volume.annotated_box is None else self.volume.annotated_box.shape
        for code in self.volume.measured_codes:
            if np.any(components.code == code):
                rows += list_accessibility(components, code, self.volume.phases.names[code], domain, self._how, shape)
        return Measurements(tuple(rows))

    @property
    def _how(self) -> str:
        return f"connected through {CONNECTIVITY[self._connectivity]} ({self._connectivity})"

    @property
    def _connectivity(self) -> int:
        return self.volume.settings.connectivity


MEASUREMENT = Measurement(
    name="components",
    quantities=(COUNT, RESOLVED, LARGEST, ISOLATED, PERCOLATING, UNKNOWN, FROM_FIRST, FROM_LAST),
    curves=(SIZES,),
    in_blocks=MeasuredComponents,
)

"""Numbers that PoreSpy and TauFactor print, beside those of Keramos that share a row with them in docs/programs.md.

    crops of berea and electrode -> each program as it comes, by its defaults but for the device -> its number over ours

One means that both print the same; where definitions differ, the ratio says by how much on these bodies. What is an
estimator of `keramos reconcile` is compared in benchmarks/reconcile.py.

    pip install porespy taufactor
    KERAMOS_DATA=... python benchmarks/printed.py [--edge 64]
"""

from __future__ import annotations

import argparse
import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import porespy
import taufactor
import tifffile
from measured import data_folder, write_results
from numpy.typing import NDArray
from taufactor import metrics

from keramos.core import LabelVolume, PhaseTable, VoxelSize
from keramos.core.progress import Reporter
from keramos.estimators import ESTIMATORS, Sample
from keramos.measurements import quantify_volume
from keramos.settings.quantify import MeasurementOptions

EDGE_NM = 10.0
NAMES = ("void", "solid", "binder")
CONDUCTIVITIES = {1: 1.0, 2: 0.1}
Codes = NDArray[np.uint8]


@dataclass(frozen=True)
class Ours:
    """What Keramos measures of the same codes; of the phase of code 1."""

    codes: Codes
    edge: int

    def __post_init__(self) -> None:
        present = set(np.unique(self.codes).tolist())
        phases = PhaseTable.from_names(NAMES[: max(present) + 1])
        size = VoxelSize(EDGE_NM, EDGE_NM, EDGE_NM)
        labels = LabelVolume.from_array(self.codes, phases, size)
        conductivity = {NAMES[code]: value for code, value in CONDUCTIVITIES.items() if code in present}
        own = MeasurementOptions(thickness=True, domain=self.edge, conductivity=conductivity, objects="solid")
        sample = Sample(self.codes, 1, phases, size, MeasurementOptions(phase=("solid",)), Reporter())
        object.__setattr__(self, "measured", quantify_volume(labels, own))
        object.__setattr__(self, "watershed", ESTIMATORS["watershed-by-number"].measure(sample)[""])

    def value(self, quantity: str, axis: str = "", phase: str = "solid") -> float | None:
        rows = ((row.id, row.phase, row.axis, row.quantity.value) for row in self.measured.quantities)
        return next((value for *key, value in rows if key == [quantity, phase, axis]), None)


def quietly(solve: Callable[[], Any]) -> Any:
    with contextlib.redirect_stdout(io.StringIO()):
        return solve()


def solved(mask: Codes) -> tuple[float, float]:
    """TauFactor's factor and its effective over its bulk diffusivity."""
    solver = taufactor.Solver(mask, device="cpu")
    quietly(lambda: solver.solve(verbose=False))
    return float(np.squeeze(solver.tau)), float(np.squeeze(solver.D_eff))


def median_of_intrusion(mask: Codes) -> float:
    radii = porespy.filters.porosimetry(mask > 0)[mask > 0]
    return float(np.median(radii)) * EDGE_NM


def mean_chord(mask: Codes) -> float:
    chords = porespy.filters.apply_chords(mask > 0, axis=0, trim_edges=True)
    return float(porespy.metrics.chord_counts(chords).mean()) * EDGE_NM


def mean_object(mask: Codes) -> tuple[int, float]:
    """How many regions PoreSpy parts the phase into, and the mean diameter of a ball of the volume of one."""
    regions = porespy.filters.snow_partitioning(mask > 0).regions
    volumes = np.bincount(regions[mask > 0])[1:]
    volumes = volumes[volumes > 0]
    return len(volumes), float(np.cbrt(6 * volumes / np.pi).mean()) * EDGE_NM


def of_pairs(codes: Codes, ours: Ours) -> list[tuple[str, str, float, float | None]]:
    """Interface area of solid and void per volume, in 1/um."""
    own = ours.value("interface-area", phase="void / solid")
    faces = metrics.interfacial_areas(codes.astype(np.int64), device="cpu")[(0, 1)] * 1e3 / EDGE_NM
    regions = codes.astype(int) + 1
    areas = porespy.metrics.region_surface_areas(regions)
    mesh = porespy.metrics.region_interface_areas(regions, areas)
    pairs = {tuple(sorted(pair)): float(area) for pair, area in zip(mesh.conns.tolist(), mesh.area, strict=True)}
    area = pairs[(0, 1)] / codes.size * 1e3 / EDGE_NM
    return [("interface-area", "TauFactor", faces, own), ("interface-area", "PoreSpy", area, own)]


def compare(codes: Codes) -> list[dict[str, Any]]:
    """A row for each quantity and program."""
    ours, mask = Ours(codes, codes.shape[0]), (codes == 1).astype(np.uint8)
    through, _ = metrics.extract_through_feature(mask, 1, "x")[:2]
    by_type = porespy.metrics.porosity_by_type(mask > 0)
    tau, diffusivity = solved(mask)
    count, diameter = mean_object(mask)
    slices = porespy.metrics.porosity_profile(mask > 0, axis=0)
    curve = next(one for one in ours.measured.curves if one.id == "phase-fraction-of-slices" and one.phase == "solid")
    rows: list[tuple[str, str, float, float | None]] = [
        ("phase-fraction", "PoreSpy", float(porespy.metrics.porosity(mask > 0)), ours.value("phase-fraction")),
        ("phase-fraction", "TauFactor", float(metrics.volume_fraction(mask)["1"]), ours.value("phase-fraction")),
        ("phase-fraction-of-slices", "PoreSpy", float(slices.porosity[0]), curve.columns["fraction"][0]),
        (
            "percolating-fraction",
            "PoreSpy",
            float(porespy.metrics.percolating_porosity(mask > 0, axis=0) / porespy.metrics.porosity(mask > 0)),
            ours.value("percolating-fraction", "z"),
        ),
        (
            "percolating-fraction",
            "TauFactor",
            float(np.asarray(through).sum() / mask.sum()),
            ours.value("percolating-fraction", "z"),
        ),
        ("isolated-fraction", "PoreSpy", float(by_type.closed / by_type.total), ours.value("isolated-fraction")),
        ("tortuosity-factor", "TauFactor", tau, ours.value("tortuosity-factor", "z")),
        ("relative-diffusivity", "TauFactor", diffusivity, ours.value("relative-diffusivity", "z")),
        ("intrusion-r50-all-faces", "PoreSpy", median_of_intrusion(mask), ours.value("intrusion-r50-all-faces")),
        ("mean-intercept-length", "PoreSpy", mean_chord(mask), ours.value("mean-intercept-length", "z")),
        ("objects", "PoreSpy", count, ours.value("objects")),
        ("watershed-by-number", "PoreSpy", diameter, ours.watershed),
    ]
    rows += of_pairs(codes, ours)
    if codes.max() == 2:
        solver = taufactor.MultiPhaseSolver(codes.astype(np.int64), cond=CONDUCTIVITIES, device="cpu")
        quietly(lambda: solver.solve(verbose=False))
        own = ours.value("effective-conductivity", "z", "")
        rows.append(("effective-conductivity", "TauFactor", float(np.squeeze(solver.D_eff)), own))
    found = []
    for quantity, program, theirs, value in rows:
        ratio = theirs / value if value else None
        found.append({"id": quantity, "program": program, "theirs": theirs, "ours": value, "ratio": ratio})
        print(f"  {quantity}, {program}: {theirs:.5g}, ours {value}, ratio {ratio}", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--edge", type=int, default=64, help="voxels of the cube of each body")
    options = parser.parse_args()
    folder, rows = data_folder("geometry"), {}
    for name, most in (("berea", 1), ("electrode", 2)):
        print(name, flush=True)
        codes = np.minimum(tifffile.imread(folder / f"{name}.tif") // 85, most).astype(np.uint8)
        rows[name] = compare(np.ascontiguousarray(codes[(slice(0, options.edge),) * 3]))
    programs = {name: version(name) for name in ("porespy", "taufactor")}
    write_results("printed", {"edge": options.edge, "programs": programs, "rows": rows})


if __name__ == "__main__":
    main()

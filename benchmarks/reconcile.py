"""What programs print of the same labels, beside the estimators of `keramos reconcile` that stand for them; and the
bias of all estimators on balls, by their size in voxels.

PoreSpy, TauFactor, scikit-image and SciPy are run as they come, each by its defaults but for the device; their values
are put over ours times the factor that `reconcile` states. One means that we print what they print.

    pip install porespy taufactor
    KERAMOS_DATA=... python benchmarks/reconcile.py [--edge 96]
"""

from __future__ import annotations

import argparse
import contextlib
import io
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import porespy
import taufactor
import tifffile
from measured import data_folder, write_results
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from skimage.measure import marching_cubes, mesh_surface_area
from taufactor import metrics

from keramos.core import PhaseTable, VoxelSize
from keramos.core.progress import Reporter
from keramos.estimators import ESTIMATORS, Sample
from keramos.estimators.bodies import draw_balls, draw_whole_balls
from keramos.settings.quantify import MeasurementOptions

EDGE_NM = 10.0
RADII = (1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
"""Of balls, in edges of voxels, the shortest."""
SIZES = {
    "cubic": VoxelSize(10, 10, 10),
    "20 x 26.4 x 20.8": VoxelSize(20, 26.4, 20.8),
    "40 x 10 x 10": VoxelSize(40, 10, 10),
}
Codes = NDArray[np.uint8]


def solved(mask: Codes) -> float:
    solver = taufactor.Solver(mask, device="cpu")
    with contextlib.redirect_stdout(io.StringIO()):
        return float(np.squeeze(solver.solve(verbose=False)))


def surface_of_mesh(mask: Codes) -> float:
    corners, triangles, _, _ = marching_cubes(mask.astype(np.float32), 0.5)
    return float(mesh_surface_area(corners, triangles) / mask.size)


def mean_radius(mask: Codes) -> float:
    thickness = porespy.filters.local_thickness(mask > 0)
    return float(thickness[mask > 0].mean())


# Each prints a number of a mask (Z Y X), in voxels; then its power of the voxel's edge, and along which axis it is.
PROGRAMS: dict[str, tuple[str, Callable[[Codes], float], int, str, float]] = {
    "PoreSpy region_surface_areas": (
        "marching-cubes-blurred-with-border",
        lambda mask: float(porespy.metrics.region_surface_areas(mask.astype(int))[0] / mask.size),
        -1,
        "",
        1.0,
    ),
    "TauFactor specific_surface_area": (
        "mask-gradient",
        lambda mask: float(metrics.specific_surface_area(mask, device="cpu")["1"]),
        -1,
        "",
        1.0,
    ),
    "TauFactor specific_surface_area, face_counting": (
        "voxel-faces",
        lambda mask: float(metrics.specific_surface_area(mask, device="cpu", method="face_counting")["1"]),
        -1,
        "",
        1.0,
    ),
    "scikit-image marching_cubes": ("marching-cubes", surface_of_mesh, -1, "", 1.0),
    "PoreSpy local_thickness, mean": ("mean-local-thickness", mean_radius, 1, "", 0.5),
    "SciPy distance_transform_edt, mean": (
        "mean-distance",
        lambda mask: float(distance_transform_edt(mask)[mask > 0].mean()),
        1,
        "",
        1.0,
    ),
    "TauFactor Solver": ("tortuosity-factor", solved, 0, "z", 1.0),
}


def compare(codes: Codes, code: int) -> dict[str, Any]:
    """By program: what it prints in physical units, what our estimator says it would, and the one over the other."""
    phases = PhaseTable.from_names(("void", "solid", "binder"))
    own = MeasurementOptions(phase=(phases.names[code],), thickness=True)
    sample = Sample(codes, code, phases, VoxelSize(EDGE_NM, EDGE_NM, EDGE_NM), own, Reporter())
    mask, rows = (codes == code).astype(np.uint8), {}
    for program, (name, printed, power, axis, times) in PROGRAMS.items():
        unit = (1e3 if power == -1 else 1.0) * EDGE_NM**power
        theirs, ours = printed(mask) * unit, ESTIMATORS[name].measure(sample)[axis]
        rows[program] = {"program": theirs, "estimator": name, "stated": ours and ours * times}
        rows[program]["ratio"] = theirs / (ours * times) if ours else None
        print(f"  {program}: {theirs:.5g}, stated {ours and ours * times:.5g}, ratio {rows[program]['ratio']:.4f}")
    if len(np.unique(codes)) == 3:
        with contextlib.redirect_stdout(io.StringIO()):
            share = float(metrics.triple_phase_boundary(codes.astype(np.int64)))
        theirs, ours = 1e6 * 3 * share / EDGE_NM**2, ESTIMATORS["voxel-edges"].measure(sample)[""]
        rows["TauFactor triple_phase_boundary, times 3"] = {"program": theirs, "stated": ours, "ratio": theirs / ours}
        print(f"  TauFactor triple_phase_boundary: {theirs:.5g}, stated {ours:.5g}, ratio {theirs / ours:.4f}")
    return rows


def biases() -> dict[str, Any]:
    """By voxels, radius and estimator."""
    found: dict[str, Any] = {}
    for shape, size in SIZES.items():
        for radius in RADII:
            nm = radius * min(size.zyx)
            cut, whole = draw_balls(nm, size), draw_whole_balls(nm, size)
            row = {}
            for one in ESTIMATORS.values():
                bias = cut.bias(one) if one.group == "surface" else whole.bias(one)
                if bias is not None:
                    row[one.name] = bias
            found.setdefault(shape, {})[str(radius)] = row
            print(shape, radius, {name: round(value, 3) for name, value in row.items()}, flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--edge", type=int, default=96, help="voxels of the cube of each body")
    options = parser.parse_args()
    folder, rows = data_folder("geometry"), {}
    for name, most in (("berea", 1), ("electrode", 2)):
        print(name, flush=True)
        codes = np.minimum(tifffile.imread(folder / f"{name}.tif") // 85, most).astype(np.uint8)
        rows[name] = compare(np.ascontiguousarray(codes[(slice(0, options.edge),) * 3]), 1)
    programs = {name: version(name) for name in ("porespy", "taufactor", "scikit-image", "scipy")}
    write_results("reconcile", {"edge": options.edge, "programs": programs, "printed": rows, "bias": biases()})


if __name__ == "__main__":
    main()

"""Do other codes find the same on measured geometries? scipy, scikit-image and a Fourier transform against ours.

    berea (400^3), electrode (256^3) -> components, largest share and percolation: scipy.ndimage.label
                                     -> Euler number, both ways of connecting: skimage.measure.euler_number
                                     -> two-point correlation: numpy's Fourier transform of the padded volume
                                     -> surface area: marching cubes on the voxels, beside it

    KERAMOS_DATA=... python benchmarks/oracles.py

Tortuosity against TauFactor is in benchmarks/transport.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tifffile
from measured import data_folder, write_results
from numpy.typing import NDArray
from scipy import fft, ndimage
from skimage.measure import euler_number, marching_cubes, mesh_surface_area

from keramos.core import VOID_SOLID, LabelVolume, VoxelSize
from keramos.measurements import Measurements, quantify_volume
from keramos.settings.quantify import MeasurementOptions

SIZE = VoxelSize(1000, 1000, 1000)


def ours(mask: NDArray[np.bool_]) -> Measurements:
    labels = LabelVolume.from_array(mask.astype(np.uint8), VOID_SOLID, SIZE)
    return quantify_volume(labels, MeasurementOptions(transport=False))


def components(mask: NDArray[np.bool_], found: Measurements) -> dict[str, Any]:
    labelled, count = ndimage.label(mask)
    sizes = np.bincount(labelled.ravel())[1:]
    through = np.setdiff1d(np.intersect1d(labelled[0], labelled[-1]), [0])
    return {
        "components": [int(count), found.find("components", "solid").value],
        "largest component": [float(sizes.max() / sizes.sum()), found.find("largest-component", "solid").value],
        "percolating fraction z": [
            float(sizes[through - 1].sum() / sizes.sum()),
            found.find("percolating-fraction", "solid", "z").value,
        ],
    }


def euler(mask: NDArray[np.bool_], found: Measurements) -> dict[str, Any]:
    return {
        "Euler number (6)": [int(euler_number(mask, connectivity=1)), found.find("euler-number", "solid").value],
        "Euler number (26)": [int(euler_number(mask, connectivity=3)), found.find("euler-number-26", "solid").value],
    }


def correlation(mask: NDArray[np.bool_], found: Measurements) -> dict[str, Any]:
    """Along Z: the largest difference from pairs counted by a Fourier transform along padded lines."""
    curve = next(c for c in found.curves if (c.name, c.phase, c.axis) == ("two-point correlation", "solid", "z"))
    lags = np.rint(np.array(curve.columns["distance"]) / SIZE.z_nm).astype(int)
    depth, pairs = mask.shape[0], np.zeros(2 * mask.shape[0])
    for y in range(mask.shape[1]):
        lines = fft.rfft(mask[:, y].astype(float), 2 * depth, axis=0)
        pairs += fft.irfft(np.abs(lines) ** 2, 2 * depth, axis=0).sum(axis=1)
    both = pairs[lags] / ((depth - lags) * mask[0].size)
    theirs = both - both[0] ** 2
    return {"two-point correlation z, largest difference": float(np.abs(theirs - curve.columns["covariance"]).max())}


def surface(mask: NDArray[np.bool_], found: Measurements) -> dict[str, Any]:
    vertices, faces, *_ = marching_cubes(mask.astype(np.float32), 0.5)
    mesh = mesh_surface_area(vertices, faces) / np.prod(np.array(mask.shape) - 1.0)
    area = found.find("specific-surface-area", "solid").value
    return {"surface area": {"marching cubes": float(mesh), "ours": area, "ratio": float(area / mesh)}}


def main() -> None:
    results = {}
    for name in ("electrode", "berea"):
        pixels = tifffile.imread(data_folder("geometry") / f"{name}.tif")
        mask = pixels == pixels.min()
        found = ours(mask)
        results[name] = {
            **components(mask, found),
            **euler(mask, found),
            **correlation(mask, found),
            **surface(mask, found),
        }
        print(name, results[name], flush=True)
    write_results("oracles", results)


if __name__ == "__main__":
    main()

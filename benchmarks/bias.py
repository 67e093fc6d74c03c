"""How far is what `keramos quantify` prints from the truth, over how many voxels the bodies are wide?

bodies of known geometry at random places, in cubic voxels, usual ones of a FIB-SEM and four times as deep as wide
    -> the package's own measurement -> value / truth - 1: mean, least and most over the places

Balls (surface, mean curvature, local thickness, object), circles where three phases meet, films on balls, round
channels askew (connection, neck, shortest paths), space around a lattice of balls (diffusion, flow), slits, stretched
overlapping balls (fabric) and windows of overlapping balls (heterogeneity). Truths are from geometry or from the theory
that each function names; widths are in cube roots of a voxel's volume.

    python benchmarks/bias.py [--only NAME ...]    # no data; pictures of it: python docs/bias_figures.py
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator
from math import cos, log, pi, radians, sin, sqrt
from typing import Any

import numpy as np
from measured import RESULTS, write_results
from numpy.typing import NDArray

from keramos import quantify
from keramos.core import LabelVolume, PhaseTable, VoxelSize
from keramos.measurements import Measurements

Codes = NDArray[np.uint8]
Rows = dict[str, dict[str, Any]]
VOXELS = {
    "cubic": VoxelSize(10, 10, 10),
    "20 x 26.4 x 20.8 nm": VoxelSize(20, 26.4, 20.8),
    "four times as deep as wide": VoxelSize(40, 10, 10),
}
RADII = (2.0, 3.0, 4.0, 6.0, 9.0, 13.0, 18.0)
PLACES = 8


def measured(codes: Codes, size: VoxelSize, names: str, **options: Any) -> Measurements:
    labels = LabelVolume.from_array(codes.astype(np.uint8), PhaseTable.from_names(names.split()), size)
    return quantify(labels, **{"transport": False, **options})


def edge_of(size: VoxelSize) -> float:
    """The edge (nm) of a cube as large as a voxel."""
    return float(np.cbrt(size.volume_nm3))


def points(wide: float | tuple[float, float, float], size: VoxelSize, rng: np.random.Generator) -> list[Any]:
    """Coordinates (nm) of voxels' centres in a box of this width and five voxels around it, from a place near its
    middle."""
    counts = np.ceil(np.broadcast_to(wide, 3) / size.zyx).astype(int) + 10
    lines = [(np.arange(n) - n / 2 + rng.random()) * d for n, d in zip(counts, size.zyx, strict=True)]
    return list(np.meshgrid(*lines, indexing="ij", sparse=True))


def middle_grid(shape: tuple[int, ...], size: VoxelSize) -> list[Any]:
    """Coordinates (nm) of voxels' centres from the middle of the volume."""
    lines = [(np.arange(n) - (n - 1) / 2) * d for n, d in zip(shape, size.zyx, strict=True)]
    return list(np.meshgrid(*lines, indexing="ij", sparse=True))


def direction(rng: np.random.Generator, most: float = 180.0) -> NDArray[np.float64]:
    """A random direction (Z Y X), at most so many degrees from z."""
    z = 1 - rng.random() * (1 - cos(radians(most)))
    turn = 2 * pi * rng.random()
    return np.array([z, sqrt(1 - z**2) * sin(turn), sqrt(1 - z**2) * cos(turn)])


def along(line: NDArray[np.float64], grid: list[Any]) -> NDArray[np.float64]:
    return np.asarray(line[0] * grid[0] + line[1] * grid[1] + line[2] * grid[2])


def volumes(codes: Codes, size: VoxelSize) -> tuple[float, float]:
    """Of the cells between voxels (nm3), to which triple lines are related, and the volume to which surfaces are: that
    which pairs of voxels one apart and two apart cover, extrapolated."""
    one, two = (float(np.prod((np.array(codes.shape) - n) * size.zyx)) for n in (1, 2))
    return one, 1 / (2 / one - 1 / two)


def summary(values: Iterable[float]) -> dict[str, Any]:
    each = [float(value) for value in values]
    return {"mean": float(np.mean(each)), "least": min(each), "most": max(each), "places": len(each)}


def gather(found: Iterator[dict[str, float]]) -> dict[str, Any]:
    """Of each name, over the places that have it."""
    rows: dict[str, list[float]] = {}
    for values in found:
        for name, value in values.items():
            rows.setdefault(name, []).append(value)
    return {name: summary(values) for name, values in rows.items()}


def each_voxel(widths: Iterable[float], at: Callable[[float, VoxelSize], Iterator[dict[str, float]]]) -> Rows:
    """What `at` finds at each of its places for a width (nm), by the name of the voxels and the width in voxels."""
    wide = list(widths)
    return {
        name: {str(width): gather(at(width * edge_of(size), size)) for width in wide} for name, size in VOXELS.items()
    }


def balls(radius: float, size: VoxelSize) -> Iterator[dict[str, float]]:
    for seed in range(PLACES):
        z, y, x = points(2 * radius, size, np.random.default_rng(seed))
        codes = (z**2 + y**2 + x**2 <= radius**2).astype(np.uint8)
        found = measured(codes, size, "outside ball", phase=("ball",), thickness=True, objects="ball")
        _, volume = volumes(codes, size)
        rows = found.tables[0].columns
        yield {
            "specific surface area": found.find("specific-surface-area", "ball").value
            * volume
            / 1e3
            / (4 * pi * radius**2)
            - 1,
            "mean curvature": found.find("mean-curvature", "ball").value * radius / 1e3 - 1,
            "mean local thickness": found.find("mean-local-thickness", "ball").value / (2 * radius) - 1,
            "size r50": found.find("size-r50", "ball").value / radius - 1,
            "equivalent diameter": float(rows["equivalent_diameter"][0]) / (2 * radius) - 1,
            "sphericity": float(rows["sphericity"][0]) - 1,
        }


def circles(radius: float, size: VoxelSize) -> Iterator[dict[str, float]]:
    """A ball in two half-spaces, which part it at any angle: phases meet in a circle."""
    for seed in range(PLACES):
        rng = np.random.default_rng(seed)
        grid = points(2 * radius, size, rng)
        offset = radius * (rng.random() - 0.5)
        codes = np.where(sum(one**2 for one in grid) <= radius**2, 2, along(direction(rng), grid) > offset)
        length = 2 * pi * sqrt(radius**2 - offset**2)
        found = measured(codes, size, "above below ball").find("triple-phase-boundary-length").value
        yield {"triple-phase boundary": found * volumes(codes, size)[0] / 1e6 / length - 1}


def films(thickness: float, size: VoxelSize) -> Iterator[dict[str, float]]:
    """A film on half of a ball of 14 voxels' radius."""
    radius = 14 * edge_of(size)
    for seed in range(PLACES):
        rng = np.random.default_rng(seed)
        grid = points(2 * (radius + thickness), size, rng)
        from_middle = np.sqrt(sum(one**2 for one in grid))
        film = (from_middle < radius + thickness) & (along(direction(rng), grid) > 0)
        codes = np.where(from_middle < radius, 1, np.where(film, 2, 0))
        found = measured(codes, size, "outside ball film")
        area = found.find("interface-area", "ball / film").value * volumes(codes, size)[1] / 1e3
        yield {
            "interface area": area / (2 * pi * radius**2) - 1,
            "coverage": found.find("coverage", "ball / film").value / 0.5 - 1,
        }


def channel(width: float, line: NDArray[np.float64], size: VoxelSize, seed: int) -> Codes:
    """A round channel of a diameter (nm) that runs 40 voxels deep from end to end, askew."""
    depth = 40 * edge_of(size)
    ends = line / line[0] * depth / 2
    rng = np.random.default_rng(seed)
    grid = points((0.0, *(2 * abs(ends[1:]) + width)), size, rng)
    count = int(depth / size.z_nm)
    grid[0] = ((np.arange(count) - count / 2 + 0.5) * size.z_nm)[:, None, None]
    aside = sum(one**2 for one in grid) - along(line, grid) ** 2
    return np.asarray(aside <= (width / 2) ** 2).astype(np.uint8)


def channels(width: float, size: VoxelSize) -> Iterator[dict[str, float]]:
    """Whether channels up to 45 degrees askew reach from end to end, as shares; and how wide they are where they do."""
    for seed in range(3 * PLACES):
        line = direction(np.random.default_rng(seed), 45)
        codes = channel(width, line, size, seed)
        values = {}
        for neighbours in (6, 26):
            chosen = {"phase": ("channel",), "connectivity": neighbours, "thickness": neighbours == 6}
            found = measured(codes, size, "solid channel", **chosen) if codes.any() else None
            passes = found is not None and found.find("percolating-fraction", "channel", "z").value > 0.5
            values[f"connected ({neighbours})"] = float(passes)
            if found is not None and passes and neighbours == 6:
                values["neck diameter"] = found.find("neck-diameter", "channel", "z").value / width - 1
        yield values


def paths(width: float, size: VoxelSize) -> Iterator[dict[str, float]]:
    """A square channel askew; straight from the nearest point of the opening, mean over the far end."""
    length = 60 * edge_of(size)
    for seed in range(PLACES):
        slopes = np.random.default_rng(seed).random(2)
        across = [int((s * length + width) / d + 5) | 1 for s, d in zip(slopes, size.zyx[1:], strict=True)]
        shape = (int(length / size.z_nm), *across)
        z, y, x = middle_grid(shape, size)
        inside = (abs(y - slopes[0] * z) <= width / 2) & (abs(x - slopes[1] * z) <= width / 2)
        depth = shape[0] * size.z_nm - size.z_nm / 2
        ends = (np.linspace(s * depth - width, s * depth, 200) for s in slopes)
        v, u = (np.maximum(0, at) for at in ends)
        truth = float(np.sqrt(depth**2 + v[:, None] ** 2 + u**2).mean()) / depth
        found = measured(inside, size, "solid channel", phase=("channel",), paths=True)
        values = {one.id: one.quantity.value for one in found.quantities if one.axis == "z"}
        named = {"geodesic": "geodesic-tortuosity", "on the voxel graph": "geodesic-tortuosity-on-graph"}
        yield {name: values[id] / truth - 1 for name, id in named.items() if id in values}


def lattices() -> Rows:
    """Space around balls in a simple cubic lattice, one in the volume, whose mirrors are the others. Diffusion: Lord
    Rayleigh, Phil. Mag. 34, 481 (1892), balls a fifth of the volume; flow: Sangani and Acrivos, Int. J. Multiphase
    Flow 8, 343 (1982), an eighth."""
    rows: Rows = {}
    for edge in (6, 8, 12, 16, 24, 32, 48):
        z, y, x = middle_grid((edge,) * 3, VoxelSize(1, 1, 1))
        for name, share in (("diffusion", 0.2), ("flow", 0.125)):
            radius = edge * (3 * share / (4 * pi)) ** (1 / 3)
            codes = (z**2 + y**2 + x**2 <= radius**2).astype(np.uint8)
            row = rows.setdefault(name, {}).setdefault(f"{radius:.2f}", {})
            chosen = {"phase": ("void",), "transport": name == "diffusion", "permeability": name == "flow"}
            found = measured(codes, VOXELS["cubic"], "void ball", **chosen)
            if name == "flow":
                truth = (10 * edge) ** 3 / (6 * pi * 10 * radius * 4.292)
                row["permeability"] = found.find("permeability", "void", "z").value / truth - 1
                continue
            diffusivity = 1 - 3 * share / (2 + share - 0.3905 * share ** (10 / 3))
            truth = (1 - share) / diffusivity
            factor = found.find("tortuosity-factor", "void", "z").value
            row["tortuosity factor"] = factor / truth - 1
            doubled = [one.quantity.value for one in found.quantities if one.id == "tortuosity-factor-at-double-voxels"]
            if doubled:
                row["at double voxels"] = doubled[0] / truth - 1
                row["carried on from both"] = (2 * factor - doubled[0]) / truth - 1
            exponent = found.find("bruggeman-exponent", "void", "z").value
            row["bruggeman exponent"] = exponent / (log(diffusivity) / log(1 - share)) - 1
    return rows


def slits() -> Rows:
    """Poiseuille: the square of the width over twelve, times the share of the slit."""
    rows: Rows = {"slit": {}}
    for count in (2, 3, 4, 6, 8, 12, 16):
        codes = np.ones((4, count + 4, 4), np.uint8)
        codes[:, 2:-2] = 0
        found = measured(codes, VOXELS["cubic"], "void solid", phase=("void",), permeability=True)
        truth = (count * 10.0) ** 2 / 12 * count / (count + 4)
        rows["slit"][str(count)] = {"permeability": found.find("permeability", "void", "x").value / truth - 1}
    return rows


def overlapping(
    shape: tuple[int, ...], radius: float, share: float, size: VoxelSize, seed: int, **stretch: Any
) -> Codes:
    """Overlapping balls that cover a share on the mean, stretched along a `line` by a `factor` if asked for."""
    rng = np.random.default_rng(seed)
    grid = np.stack(np.broadcast_arrays(*middle_grid(shape, size)))
    if stretch:
        line = np.asarray(stretch["line"])
        grid = grid + (1 / stretch["factor"] - 1) * np.tensordot(line, grid, axes=1) * line[:, None, None, None]
    body = grid.reshape(3, -1)
    outer = np.ptp(body, axis=1) + 2 * radius
    count = rng.poisson(-log(1 - share) * outer.prod() / (4 / 3 * pi * radius**3))
    mask = np.zeros(body.shape[1], bool)
    for centre in (rng.random((count, 3)) - 0.5) * outer:
        near = np.flatnonzero(np.abs(body[0] - centre[0]) < radius)
        mask[near] |= ((body[:, near] - centre[:, None]) ** 2).sum(axis=0) <= radius**2
    return mask.reshape(shape).astype(np.uint8)


def fabrics(radius: float, size: VoxelSize) -> Iterator[dict[str, float]]:
    """Overlapping balls stretched twofold: their mean intercept lengths are those of the balls, stretched alike."""
    for seed in range(PLACES):
        line = direction(np.random.default_rng(100 + seed))
        shape = tuple(int(min(9 * radius / d, 60)) for d in size.zyx)
        codes = overlapping(shape, radius, 0.4, size, seed, line=line, factor=2.0)
        found = measured(codes, size, "void solid", phase=("solid",))
        values = {one.id: one.quantity for one in found.quantities if one.phase == "solid"}
        if "fabric-anisotropy" not in values:
            continue
        towards = np.array([cos(radians(found.find("fabric-angle", "solid", axis).value)) for axis in "zyx"])
        off = min(1.0, float(towards @ abs(line)) / float(np.linalg.norm(towards)))
        yield {
            "degree of anisotropy": values["fabric-anisotropy"].value / 2 - 1,
            "angle off (degrees)": float(np.degrees(np.arccos(off))),
        }


def windows() -> Rows:
    """Spread of the phase fraction between cubic windows of overlapping balls of 6 voxels' radius, half of the volume
    theirs, over the theory's: the integral of the covariance q^2 (exp(intensity V(r)) - 1) over pairs of places in a
    window (Torquato, Random Heterogeneous Materials, 2002)."""
    size, radius = VOXELS["cubic"], 60.0
    rows: Rows = {"cubic": {}}
    found: dict[float, list[float]] = {}
    for seed in range(4):
        codes = overlapping((96, 96, 96), radius, 0.5, size, seed)
        results = measured(codes, size, "void solid", phase=("solid",), heterogeneity=True)
        (curve,) = (c for c in results.curves if c.id == "phase-fraction-spread" and c.phase == "solid")
        for edge, spread in zip(curve.columns["edge"], curve.columns["standard deviation"], strict=True):
            found.setdefault(1e3 * float(edge), []).append(float(spread))
    for edge, spreads in sorted(found.items()):
        truth = sqrt(_variance(edge, radius, 0.5))
        rows["cubic"][f"{edge / radius:.2f}"] = {
            "spread between windows": summary(spreads),
            "theory": truth,
        }
    return rows


def _variance(edge: float, radius: float, share: float) -> float:
    """Of the fraction in a cube of an edge (nm), of overlapping balls."""
    steps = (np.arange(64) + 0.5) / 64 * min(edge, 2 * radius)
    z, y, x = np.meshgrid(steps, steps, steps, indexing="ij", sparse=True)
    apart = np.minimum(np.sqrt(z**2 + y**2 + x**2) / radius, 2)
    common = 1 - 0.75 * apart + apart**3 / 16
    covariance = (1 - share) ** 2 * (np.exp(-log(1 - share) * common) - 1)
    weights = (1 - z / edge) * (1 - y / edge) * (1 - x / edge)
    return float((covariance * weights).sum() * (2 * steps[0] * 2) ** 3 / edge**3)


EVERY: dict[str, Callable[[], Rows]] = {
    "balls": lambda: each_voxel(RADII, balls),
    "circles": lambda: each_voxel(RADII, circles),
    "films": lambda: each_voxel((1, 1.5, 2, 3, 4, 6), films),
    "channels": lambda: each_voxel((1, 1.5, 2, 2.5, 3, 4, 5, 7, 10), channels),
    "paths": lambda: each_voxel((2, 3, 4, 6, 10, 16), paths),
    "fabrics": lambda: each_voxel((2, 3, 4, 6, 9), fabrics),
    "lattices": lattices,
    "slits": slits,
    "windows": windows,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=EVERY, default=list(EVERY))
    options = parser.parse_args()
    path = RESULTS / "bias.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for name in options.only:
        kept[name] = EVERY[name]()
        print(name, json.dumps(kept[name])[:300], flush=True)
        write_results("bias", {key: value for key, value in kept.items() if key != "machine"})


if __name__ == "__main__":
    main()

"""Lengths of the shortest paths through a phase of a subvolume from one end to the other, along an axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from skimage.graph import MCP_Geometric

from keramos.core.progress import Reporter
from keramos.measurements.paths.fast_marching import march
from keramos.measurements.pieces import find_through
from keramos.measurements.results import AXES
from keramos.measurements.subvolume import Subvolume

Edges = tuple[float, float, float]
Lengths = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PhasePaths:
    """Lengths of paths over the length of the volume, one for each voxel of both end faces that the other end can
    reach, in ascending order; none where nothing passes.

    Attributes:
        marched: inside the phase, through faces of voxels, by fast marching.
        on_graph: from centre to centre of the 26 neighbours, in pieces (by `connectivity`) that reach both ends.
    """

    marched: Lengths
    on_graph: Lengths


def find_paths(subvolume: Subvolume, code: int, axis: int, reporter: Reporter) -> PhasePaths:
    """The paths of a phase along an axis, found once for all measurements that are made of them."""

    def compute() -> PhasePaths:
        name = f"{subvolume.phase(code)} along {AXES[axis]}"
        edges = np.array(subvolume.voxel_size.zyx)
        order = (axis, *(other for other in range(3) if other != axis))
        # In the unit of the shortest edge: no unit that was chosen changes a digit.
        relative = np.round(edges / edges.min(), 12)[list(order)]
        mask = np.ascontiguousarray((subvolume.codes == code).transpose(order))
        progress = reporter.progress(f"find paths through {name}", "step")
        steps = cast(Edges, tuple(relative.tolist()))
        marched = _between_ends(mask, steps, march)
        progress(1, 2)
        through = find_through(mask, subvolume.settings.connectivity)
        on_graph = _between_ends(through, steps, _walk_on_graph)
        progress(2, 2)
        return PhasePaths(marched, on_graph)

    return cast(PhasePaths, subvolume.share(("paths", code, axis), compute))


def _between_ends(
    mask: NDArray[np.bool_], edges: Edges, length_to: Callable[[NDArray[np.bool_], Edges], Lengths]
) -> Lengths:
    """The relative lengths from each end to the voxels at the other, both together, in ascending order."""
    ways = []
    for way in (mask, mask[::-1]):
        # The last voxel's centre is half an edge from the outer face.
        last = length_to(np.ascontiguousarray(way), edges)[-1] + edges[0] / 2
        ways.append(last[np.isfinite(last)] / (edges[0] * len(mask)))
    return np.sort(np.concatenate(ways))


def _walk_on_graph(mask: NDArray[np.bool_], edges: Edges) -> Lengths:
    """The lengths from the outer face where the first axis begins along the graph of 26 neighbours (Dijkstra)."""
    starts = [(0, *place) for place in np.argwhere(mask[0]).tolist()]
    if not starts:
        return np.full(mask.shape, np.inf)
    costs, _ = MCP_Geometric(np.where(mask, 1.0, -1.0), sampling=edges).find_costs(starts)
    return np.asarray(costs) + edges[0] / 2

"""Slices of labels that hold one phase alone, where the slices beside them do not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import plan_blocks
from keramos.core import Finding, LabelVolume, name_slices
from keramos.inspection.amounts import percent
from keramos.inspection.check import Check
from keramos.inspection.running import find_runs

_LEAST_BESIDE = 0.02
"""The share of other phases beside such slices. Where there is less, a slice may well miss it."""
_LEAST_VOXELS = 200


def check_plain_slices(labels: LabelVolume) -> list[Finding]:
    """A finding about slices, or runs of them, of one phase alone, between or beside slices that hold several."""
    if labels.shape[0] < 3:
        return []
    counts = _count(labels)
    total, other = counts.sum(axis=1), counts.sum(axis=1) - counts.max(axis=1)
    rich = (other >= _LEAST_VOXELS) & (other >= _LEAST_BESIDE * total)
    runs = (range(first, last + 1) for first, last in find_runs((total > 0) & (other == 0)))
    plain = [z for run in runs if _beside(rich, run) for z in run]
    if not plain or len(plain) > labels.shape[0] // 2:
        return []
    names = [labels.phases.names[code] for code in sorted({int(counts[z].argmax()) for z in plain})]
    share = float(other[rich].sum() / max(1, total[rich].sum()))
    slices = tuple(z + labels.origin[0] for z in plain)
    return [
        Finding(
            "blank-slice",
            f"{name_slices(slices)} of the labels {'are' if plain[1:] else 'is'} {' or '.join(names)} throughout, "
            f"where others hold {percent(share)} of other phases",
            "what is not there is cut in two: its connectivity, percolation and transport along z are wrong",
            "see whether the images are blank there; leave the slices out (--box), or fill and segment them again",
            slices=slices,
        )
    ]


def _count(labels: LabelVolume) -> NDArray[np.int64]:
    """Voxels of each phase in each slice (slices, phases)."""
    counts = np.zeros((labels.shape[0], len(labels.phases)), np.int64)
    for block in plan_blocks(labels.shape, chunk=(16, 256, 256), max_voxels=2**23):
        for z, codes in enumerate(labels.read(block.core), block.core.start[0]):
            counts[z] += [np.count_nonzero(codes == code) for code in range(len(labels.phases))]
    return counts


def _beside(rich: NDArray[np.bool_], run: range) -> bool:
    """Whether all slices next to a run hold much of several phases."""
    return bool(all(rich[z] for z in (run.start - 1, run.stop) if 0 <= z < len(rich)))


PLAIN_SLICES = Check("plain slices of labels", "result", check_plain_slices)

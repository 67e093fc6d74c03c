"""The sizes of a phase in a subvolume, found once for all measurements that are made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from keramos.core.progress import Reporter
from keramos.measurements.ball_sizes import classify_balls, covered_shares, intruded_shares
from keramos.measurements.pieces import label_pieces
from keramos.measurements.results import AXES
from keramos.measurements.subvolume import Subvolume
from keramos.measurements.widest_passage import widest_passage

Shares = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PhaseSizes:
    """Shares of a phase at growing fineness.

    Attributes:
        radii: of balls in nm, the largest first.
        step: between classes of balls, in nm.
        covered: the share of the phase that balls of at least each radius cover.
        intruded: the share that is intruded at each radius (radii, 7): from each outer face, first and last of Z, Y and
            X, and from all together.
        passages: the diameter in nm of the largest ball that passes along each axis; None where none does.
    """

    radii: NDArray[np.float64]
    step: float
    covered: Shares
    intruded: Shares
    passages: tuple[float | None, ...]

    @property
    def bulge(self) -> float | None:
        """The r50 of what balls cover (r_max)."""
        return self.median(self.covered)

    def neck(self, axis: int) -> float | None:
        """The r50 of what is intruded along an axis (r_min), mean of both directions; None where it is told of neither
        or of only one of them, or where nothing passes."""
        if self.passages[axis] is None:
            return None
        first, last = (self.median(self.intruded[:, 2 * axis + end]) for end in (0, 1))
        return None if first is None or last is None else (first + last) / 2

    def median(self, shares: Shares) -> float | None:
        """The radius at which a share reaches a half, as if what each class adds were spread evenly over its width;
        None where it does not come so far."""
        number = int(np.argmax(shares >= 0.5))
        if shares[number] < 0.5:
            return None
        radius, half = self.radii[number], self.step / 2
        above, below = self.radii[:number], self.radii[number + 1 :]
        upper = min(radius + half, (radius + above[-1]) / 2) if len(above) else radius + half
        lower = max(radius - half, (radius + below[0]) / 2) if len(below) else radius - half
        before = shares[number - 1] if number else 0.0
        return float(upper - (upper - lower) * (0.5 - before) / (shares[number] - before))


def find_sizes(subvolume: Subvolume, code: int, reporter: Reporter) -> PhaseSizes | None:
    """The sizes of a phase; None of one that is absent or has no border."""

    def compute() -> PhaseSizes | None:
        phase = subvolume.phase(code)
        progress = reporter.progress(f"fill {phase} with balls", "step")
        mask = subvolume.codes == code
        classes = classify_balls(mask, subvolume.voxel_size, progress=progress)
        if classes is None:
            return None
        pieces = label_pieces(mask, subvolume.settings.connectivity)
        passages = []
        for axis, name in enumerate(AXES):
            progress = reporter.progress(f"find the necks of {phase} along {name}", "step")
            passages.append(widest_passage(classes.depth, pieces, axis, progress))
        progress = reporter.progress(f"intrude into {phase}", "step")
        intruded = intruded_shares(classes, pieces, progress=progress)
        shares = covered_shares(classes)
        return PhaseSizes(classes.radii[classes.used], classes.step, shares, intruded, tuple(passages))

    return cast(PhaseSizes | None, subvolume.share(("sizes", code), compute))

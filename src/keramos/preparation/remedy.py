"""Remedies as members of an open set.

A module-level `Remedy` in `keramos/preparation/`, or behind an entry point of the group `keramos.remedies` of another
package, registers one. Its sibling is the defect of the same name in `keramos/simulation/defects/`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Volume
from keramos.core.progress import Progress
from keramos.core.registry import Registry


@dataclass(frozen=True)
class Remedy:
    """A way to undo one imaging defect.

    Attributes:
        name: of the defect that it undoes.
        description: one line for help texts.
        estimate: the defect's parameters in a volume, as a plain frozen value.
        apply: grey values (Z Y X) of slices from `first_slice` on, with the defect of those parameters removed.
    """

    name: str
    description: str
    estimate: Callable[[Volume, Progress], Any]
    apply: Callable[[NDArray[np.float32], Any, int], NDArray[np.float32]]


REMEDIES: Registry[Remedy] = Registry("remedies", Remedy, "keramos.preparation")

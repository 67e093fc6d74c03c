"""Phantoms in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import ArraySource, LabelVolume, Volume, triple
from keramos.core.progress import Progress, silent
from keramos.simulation.body import Body
from keramos.simulation.settings import PhantomSettings
from keramos.simulation.stack import PhantomStack


@dataclass(frozen=True, eq=False)
class Phantom:
    """A simulated stack with its truth.

    Attributes:
        images: the images as recorded, with second ones among the `others` where they were asked for.
        truth: the specimen.
        shown: the truth as imaged: displaced by slice-thickness errors and stage drift. It is the best that can be
            annotated or learnt on these images.
        hand: simulated hand labels of the requested slices, 255 elsewhere.
        regions: bits of the `REGIONS` that each voxel lies in (Z Y X).
        parameters: everything that made the phantom (JSON values).
    """

    images: Volume
    truth: LabelVolume
    shown: LabelVolume
    hand: LabelVolume
    regions: NDArray[np.uint8]
    parameters: dict[str, Any]


def make_phantom(
    shape: Sequence[int], *, body: Body | None = None, progress: Progress = silent, **settings: Any
) -> Phantom:
    """A simulated FIB-SEM stack with its exact truth, in memory.

    The body is defined in nm: another voxel size samples the same body. The truth does not depend on the severity, and
    the same settings give the same bytes.

    Args:
        shape: Z Y X in voxels.
        body: a body in place of the preset's.
        progress: receives the number of finished slices.
        settings: the other fields of `PhantomSettings`, such as `seed` and `severity`.

    Raises:
        SettingsError, ShapeError: as `PhantomSettings` and `PhantomStack`.

    Example:
        >>> phantom = make_phantom((2, 24, 32), seed=1)
        >>> phantom.images.shape, phantom.truth.phases.names
        ((2, 24, 32), ('void', 'solid'))
    """
    return collect_slabs(PhantomStack(PhantomSettings(shape=triple(shape), **settings), body), progress)


def collect_slabs(stack: PhantomStack, progress: Progress = silent) -> Phantom:
    """All slabs of a stack as one phantom in memory."""
    names = ("grey", "truth", "shown", "regions", "hand", *(() if stack.second is None else ("also",)))
    parts = {name: np.empty(stack.settings.shape, np.uint8) for name in names}
    for slab in stack.slabs(progress=progress):
        for name, pixels in parts.items():
            pixels[slab.start : slab.start + len(slab.grey)] = getattr(slab, name)
    name, provenance, size = f"phantom {stack.settings.preset}", stack.provenance, stack.settings.voxels
    truth, shown, hand = (
        LabelVolume(ArraySource(parts[part]), size, f"{part} of {name}", provenance, phases=stack.phases)
        for part in ("truth", "shown", "hand")
    )
    images = Volume(ArraySource(parts["grey"]), size, name, provenance, view=stack.view)
    if "also" in parts:
        second = replace(images, source=ArraySource(parts["also"]), channel=str(stack.settings.also))
        images = replace(images, others=(second,), channel="images")
    return Phantom(images, truth, shown, hand, parts["regions"], stack.parameters)

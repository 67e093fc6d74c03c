"""A preparation, estimated from one reading of the raw slices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from keramos.acquisition import Acquisition
from keramos.core import Finding, Volume, name_slices
from keramos.core.errors import OptionError, PixelError
from keramos.core.progress import Progress
from keramos.io.images import region_of
from keramos.preparation import (
    REMEDIES,
    Observation,
    Preparation,
    RawStack,
    SliceObserver,
    common_window,
    observe_shifts,
    observe_stack,
    place_on_grid,
)
from keramos.project.preparing.field import Field
from keramos.project.preparing.place import find_positions, find_shifts
from keramos.project.preparing.raw import FILLED
from keramos.settings.prepare import PrepareSettings

_SHIFTS = "shifts"


@dataclass(frozen=True, eq=False)
class Estimate:
    """A preparation and the findings about the slices that it is made for."""

    preparation: Preparation
    findings: tuple[Finding, ...]


def estimate_preparation(
    raw: Volume, field: Field, stated: Acquisition, settings: PrepareSettings, progress: Progress
) -> Estimate:
    """The preparation of a raw stack.

    Args:
        raw: the slices; its voxel size, where known, is that of the raw grid.
        field: the part of them to use.
        stated: what the microscope wrote about them.

    Raises:
        PixelError: fewer than two slices show anything.
        ShapeError: slices that have no field in common.
    """
    largest = float(np.iinfo(raw.dtype).max) if raw.dtype.kind in "iu" else None
    stack = RawStack(field.box.shape, raw.voxel_size, largest=largest)
    names = choose_remedies(settings.remedies)
    observers: dict[str, SliceObserver] = {name: REMEDIES.find(name).observe(stack) for name in names}
    if settings.align != "none":
        observers[_SHIFTS] = observe_shifts(stack, _fiducial(settings, field))
    observed = observe_stack(raw.source, field.box, observers, progress=progress)
    if len(observed.kept) < 2:
        raise PixelError(
            f"expected at least two slices that show the specimen in {raw.name}, found {len(observed.kept)} of "
            f"{raw.shape[0]}; check the stack (keramos check)"
        )
    shifts = find_shifts(observed, raw, stated, settings)
    positions, pitch = find_positions(observed.kept, raw, stated)
    preparation = Preparation(
        field.box,
        observed.kept,
        positions,
        shifts,
        place_on_grid(positions, pitch),
        {name: observed.findings[name] for name in names},
        common_window(shifts.yx, *field.box.shape[1:]),
    )
    return Estimate(preparation, tuple(_report_unused(observed)))


def choose_remedies(names: tuple[str, ...] | None) -> tuple[str, ...]:
    """The remedies of those names, in the order in which they are applied; None: those of the default chain.

    Raises:
        OptionError: a name that no remedy has.
    """
    if names is None:
        chosen = [remedy for remedy in REMEDIES.values() if remedy.is_default]
    else:
        wanted = [name for name in names if name != "none"]
        unknown = [name for name in wanted if name not in REMEDIES]
        if unknown or ("none" in names and wanted):
            known = ", ".join([*REMEDIES, "none"])
            raise OptionError("remedies", f"expected names out of {known}, found {','.join(names)}")
        chosen = [REMEDIES.find(name) for name in wanted]
    return tuple(remedy.name for remedy in sorted(chosen, key=lambda remedy: remedy.order))


def _report_unused(observed: Observation) -> list[Finding]:
    rows: list[tuple[tuple[int, ...], dict[str, Any]]] = [
        (observed.blank, {"kind": "blank-slice", "what": "without an image"}),
        (observed.repeated, {"kind": "repeated-slice", "what": "equal to the slice before"}),
    ]
    return [
        Finding(
            row["kind"],
            f"{name_slices(slices)} {'are' if slices[1:] else 'is'} {row['what']}",
            FILLED,
            severity="warning",
            slices=slices,
        )
        for slices, row in rows
        if slices
    ]


def _fiducial(settings: PrepareSettings, field: Field) -> tuple[int, int, int, int] | None:
    """First and last row, first and last column of the box of the fiducial, within the field."""
    if settings.fiducial is None:
        return None
    box = region_of(settings.fiducial, field.box)
    if box is None:
        return None
    return (box.start[1], box.stop[1], box.start[2], box.stop[2])

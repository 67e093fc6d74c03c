"""A preparation, estimated from one reading of the raw slices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from keramos.blocks import FoldCheckpoint
from keramos.core import Box
from keramos.core.errors import KeramosError, OptionError, PixelError
from keramos.core.progress import Progress
from keramos.io.images import region_of
from keramos.preparation import (
    REMEDIES,
    Agreement,
    AgreementObserver,
    FloorLightObserver,
    LikenessObserver,
    Preparation,
    RawStack,
    RulerObserver,
    SliceObserver,
    common_window,
    observe_likeness,
    observe_shifts,
    observe_stack,
    place_on_grid,
)
from keramos.preparation.alignment import ShiftObserver
from keramos.project.preparing.place import find_shifts, refuse_evidence
from keramos.project.preparing.positions import LIGHT, LIKENESS, RULER, find_positions, refuse_positions
from keramos.project.preparing.raw import RawInput
from keramos.settings.prepare import PrepareSettings

_SHIFTS, _AGREEMENT = "shifts", "agreement"
_STRAIGHT_DEG = 5.0
_FINE, _COARSE = 560, 280  # pixels: longest slice that is compared, to place slices and to report on them


def estimate_preparation(
    raw: RawInput, settings: PrepareSettings, progress: Progress, checkpoint: FoldCheckpoint | None = None
) -> Preparation:
    """The preparation of a raw stack, from one reading of it, which goes on from a checkpoint.

    Raises:
        OptionError: evidence or positions that neither the options nor the files give.
        PixelError: fewer than two slices show anything.
        ShapeError: slices that have no field in common.
    """
    refuse_evidence(raw, settings)
    refuse_positions(raw, settings)
    volume, field = raw.volume, raw.field.box
    observers = _choose_observers(raw, settings)
    observed = observe_stack(raw.source, field, observers, progress=progress, checkpoint=checkpoint)
    if len(observed.kept) < 2:
        raise PixelError(
            f"expected at least two slices that show the specimen in {volume.name}, found {len(observed.kept)} of "
            f"{volume.shape[0]}; check the stack (keramos check)"
        )
    agreement: Agreement | None = observed.findings.get(_AGREEMENT)
    is_unrelated = agreement is not None and agreement.is_unrelated
    shifts = find_shifts(observed, None if is_unrelated else observed.findings.get(_SHIFTS), raw, settings)
    positions = find_positions(observed, raw, settings)
    is_resampled = settings.uneven == "resample"
    placed = positions.nm if is_resampled else positions.known["even"].nm
    return Preparation(
        field,
        observed.kept,
        observed.blank,
        observed.repeated,
        positions.nm,
        shifts,
        place_on_grid(placed, positions.pitch_nm),
        {name: observed.findings[name] for name in choose_remedies(settings.remedies)},
        common_window(shifts.yx, *field.shape[1:]),
        () if agreement is None or is_unrelated else tuple(agreement.tears),
        is_unrelated,
        positions.source,
        positions.known,
        is_resampled,
        tuple(observed.digests[z] for z in observed.kept),
    )


def estimate_remedies(
    raw: RawInput,
    preparation: Preparation,
    settings: PrepareSettings,
    progress: Progress,
    checkpoint: FoldCheckpoint | None = None,
) -> Preparation:
    """The preparation of the images of another detector of the same scan: they are moved as the first ones were, and
    have remedies of their own, from one reading of them."""
    observers = _observe_defects(_describe_stack(raw, settings), settings)
    observed = observe_stack(raw.source, raw.field.box, observers, progress=progress, checkpoint=checkpoint)
    remedies = {name: observed.findings[name] for name in observers} if observed.kept else {}
    return replace(preparation, remedies=remedies, digests=tuple(observed.digests[z] for z in preparation.kept))


def _describe_stack(raw: RawInput, settings: PrepareSettings) -> RawStack:
    volume = raw.volume
    largest = float(np.iinfo(volume.dtype).max) if volume.dtype.kind in "iu" else None
    return RawStack(raw.field.box.shape, volume.voxel_size, _find_ion_beam(raw, settings), largest)


def _observe_defects(stack: RawStack, settings: PrepareSettings) -> dict[str, SliceObserver]:
    """By name, the observers of the remedies that are asked for."""
    return {name: REMEDIES.find(name).observe(stack) for name in choose_remedies(settings.remedies)}


def _choose_observers(raw: RawInput, settings: PrepareSettings) -> dict[str, SliceObserver]:
    """By name, all that looks at the slices: remedies, alignment, positions."""
    field, stack = raw.field.box, _describe_stack(raw, settings)
    observers = _observe_defects(stack, settings)
    if settings.align != "none":
        observers[_SHIFTS] = observe_shifts(stack, find_region("fiducial", settings.fiducial, raw))
        observers[_AGREEMENT] = AgreementObserver((field.shape[1], field.shape[2]))
    shifts = observers.get(_SHIFTS)
    observers[LIKENESS] = _observe_likeness(stack, shifts, settings)
    if isinstance(shifts, ShiftObserver) and settings.positions == LIKENESS:
        observers[LIGHT] = FloorLightObserver(shifts)
    ruler = find_region("ruler", settings.ruler, raw)
    if ruler is not None:
        observers[RULER] = _observe_ruler(ruler)
    return observers


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
            known = ", ".join(REMEDIES)
            raise OptionError("remedies", f"expected names out of {known}, or none alone, found {','.join(names)}")
        chosen = [REMEDIES.find(name) for name in wanted]
    return tuple(remedy.name for remedy in sorted(chosen, key=lambda remedy: remedy.order))


def _find_ion_beam(raw: RawInput, settings: PrepareSettings) -> str:
    """The axis of a slice along which the ion beam cuts."""
    rotation = raw.stated.value("scan_rotation_deg")
    is_across = rotation is not None and abs(abs((float(rotation) + 180) % 360 - 180) - 90) < _STRAIGHT_DEG
    return settings.ion_beam or ("x" if is_across else "y")


def _observe_likeness(stack: RawStack, shifts: SliceObserver | None, settings: PrepareSettings) -> LikenessObserver:
    """An observer of the likeness of slices, fine where positions are taken from it."""
    placer = shifts if isinstance(shifts, ShiftObserver) else None
    return observe_likeness(stack.shape[1:], placer, _FINE if settings.positions == LIKENESS else _COARSE)


def find_region(option: str, region: Box | str | None, raw: RawInput) -> tuple[int, int, int, int] | None:
    """First and last row, first and last column, in the field as it is shown, of the region that an option names in the
    slices as they are in the file.

    Raises:
        OptionError: a region that is none, or that leaves the field.
    """
    try:
        box = region_of(region, Box.whole(raw.whole_shape))
    except KeramosError as error:
        raise OptionError(option, str(error)) from error
    if box is None:
        return None
    field = raw.field.box.shift(raw.volume.origin)
    ends = []
    for axis in (1, 2):
        first, last = box.start[axis] - field.start[axis], box.stop[axis] - field.start[axis]
        length = field.shape[axis]
        if first < 0 or last > length:
            raise OptionError(
                option,
                f"expected a region within rows {field.start[1]} to {field.stop[1]} and columns {field.start[2]} to "
                f"{field.stop[2]} of the raw slices, which --box and the information bar leave, found {box}",
            )
        ends += [length - last, length - first] if raw.is_turned else [first, last]
    return (ends[0], ends[1], ends[2], ends[3])


def _observe_ruler(region: tuple[int, int, int, int]) -> RulerObserver:
    try:
        return RulerObserver(region)
    except ValueError as error:
        raise OptionError("ruler", f"expected {error}") from error

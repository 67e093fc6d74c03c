"""The most likely meaning of a label file's distinct values, where nobody states it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from keramos.core import NOT_ANNOTATED, VOID_SOLID, PhaseTable
from keramos.core.errors import LabelError
from keramos.io.display import AS_STORED, Display
from keramos.io.label_codes import Claim, CodeMap, without

Note = Callable[[str], None]

BINARY_TOLERANCE = 3 / 255
"""Values within this fraction of the range (0-3 and 252-255 of a byte) are its ends: resaved masks hold such values."""

MAX_PHASES = 64
"""More distinct values than this are grey values, not phases."""


def guess_codes(
    values: Sequence[int],
    *,
    where: str,
    positive: str | None = None,
    ignore: int | None = None,
    note: Note | None = None,
    display: Display = AS_STORED,
    counts: Mapping[int, int] | None = None,
) -> CodeMap:
    """Phases for the distinct `values` (sorted) of a file.

    {0, 1}: void, solid. All values near 0 or near the top of the range: binary void and solid; where the file shows
    the small values white (`display`), these are solid. 255 beside a few small codes: not annotated. Anything else:
    one phase a value, `phase-<value>`. `note` is told what was assumed, where it was more than {0, 1}; messages give
    the `counts` of values.

    Raises:
        LabelError: negative, too many or too few values for phases.

    Example:
        >>> guess_codes([0, 3, 253, 255], where="mask.tif", note=print).phases.names
        mask.tif: read as binary: 0-3 is void, 252-255 is solid; override with --phases
        ('void', 'solid')
        >>> guess_codes([0, 1, 2, 255], where="mask.tif").phases.names
        ('phase-0', 'phase-1', 'phase-2')
    """
    notify = note or (lambda _: None)
    kept = [value for value in values if value != ignore]
    ignored = [] if ignore is None else [Claim(ignore, ignore, NOT_ANNOTATED)]
    if kept and kept[0] < 0:
        raise _negative(kept, where, counts or {})
    if len(kept) > MAX_PHASES:
        raise looks_grey(len(kept), where)
    if without_mark(kept) != kept:
        kept = without_mark(kept)
        ignored = [*ignored, Claim(NOT_ANNOTATED, NOT_ANNOTATED, NOT_ANNOTATED)]
        notify(f"{where}: 255 is treated as not annotated{_voxels(NOT_ANNOTATED, counts)}; override with --phases")
    claims, names = _binary(kept, where, notify, display) or _one_each(kept, where)
    if names != VOID_SOLID.names:
        notify(f"{where}: read as {len(names)} phases: {', '.join(names)}; --phases names them")
    phases = VOID_SOLID if names == VOID_SOLID.names and positive is None else PhaseTable.from_names(names, positive)
    return CodeMap(phases, (*without(claims, ignore), *ignored))


def looks_grey(distinct: int, where: str) -> LabelError:
    return LabelError(
        f"expected labels (a few distinct values) in {where}, found {distinct} or more, which look like grey values; "
        "give the label file, or say what they mean with --phases void=0-127,solid=128-255"
    )


def without_mark(values: Sequence[int]) -> list[int]:
    """The values (sorted) of phases: all but 255 where that is no phase, nor the bright half of a binary image."""
    others = list(values[:-1])
    return others if values and values[-1] == NOT_ANNOTATED and _is_ignore_value(others) else list(values)


def _is_ignore_value(others: Sequence[int]) -> bool:
    low, _ = _ends(NOT_ANNOTATED)
    binary = not any(others) or any(value >= NOT_ANNOTATED - low for value in others)
    return not binary and max(others) < max(32, 4 * len(others))


def _binary(
    values: Sequence[int], where: str, notify: Note, display: Display
) -> tuple[list[Claim], tuple[str, ...]] | None:
    swapped = bool(values) and display.swaps(values[0] if len(values) > 1 else 0, max(values[-1], 1))
    dark, bright = (1, 0) if swapped else (0, 1)
    if set(values) <= {0, 1}:
        return [Claim(0, 0, dark), Claim(1, 1, bright)], VOID_SOLID.names
    top = top_of(values[-1])
    low, high = _ends(top)
    if values[-1] < high or any(low < value < high for value in values):
        return None
    if list(values) == [top]:
        raise LabelError(
            f"expected annotated voxels in {where}, found the value {top} in every one, which marks those that nobody "
            f"annotated; if it is a phase, say --phases void=0,solid={top}"
        )
    if not swapped:
        notify(f"{where}: read as binary: 0-{low} is void, {high}-{top} is solid; override with --phases")
    return [Claim(0, low, dark), Claim(high, top, bright)], VOID_SOLID.names


def _one_each(values: Sequence[int], where: str) -> tuple[list[Claim], tuple[str, ...]]:
    if len(values) < 2:
        raise LabelError(
            f"expected at least two phases in {where}, found only the value {values[0]}; "
            f"say what it means, for example --phases void=0,solid={values[0]}"
        )
    return [Claim(v, v, code) for code, v in enumerate(values)], tuple(f"phase-{value}" for value in values)


def _negative(values: Sequence[int], where: str, counts: Mapping[int, int]) -> LabelError:
    """The error for values below zero; leaving one out is offered only where phases are left without it."""
    first, others = values[0], values[1:]
    if len(others) > 1 and others[0] >= 0:
        number = f"{counts[first]:,} voxels" if first in counts else "it"
        return LabelError(
            f"expected label values from 0 in {where}, found {first}; --ignore {first} leaves out {number}, and "
            f"--phases NAME={first},... makes it a phase"
        )
    listed = ", ".join(f"{value}{_voxels(value, counts)}" for value in values[:4])
    listed += ", ..." if len(values) > 4 else ""
    named = f"void={first},solid={others[0]}" if len(others) == 1 else f"NAME={first},..."
    if list(others) == [0]:
        named = f"void=0,solid={first}"  # 255 is -1 where bytes count as signed
    return LabelError(
        f"expected label values from 0 in {where}, found {listed}; say which is which phase with --phases {named}"
    )


def _voxels(value: int, counts: Mapping[int, int] | None) -> str:
    return f" ({counts[value]:,} voxels)" if counts and value in counts else ""


def top_of(largest: int) -> int:
    """The end of the range the values were made for: that of the narrowest unsigned type that holds them.

    Not the file's own type: NumPy saves a mask of 0 and 255 as int64 by default.
    """
    return next(int(np.iinfo(kind).max) for kind in ("u1", "u2", "u4", "u8") if largest <= np.iinfo(kind).max)


def _ends(top: int) -> tuple[int, int]:
    """The last value near 0 and the first near the top."""
    margin = round(top * BINARY_TOLERANCE)
    return margin, top - margin

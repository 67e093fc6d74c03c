"""The most likely meaning of a label file's distinct values, where nobody states it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from keramos.core import NOT_ANNOTATED, VOID_SOLID, PhaseTable
from keramos.core.errors import LabelError
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
) -> CodeMap:
    """Phases for the distinct `values` (sorted) of a file.

    {0, 1}: void, solid. All values near 0 or near the top of the range, both or the top alone: binary void and solid.
    255 beside a few small codes: not annotated. Anything else: one phase a value, `phase-<value>`. `note` is told
    what was assumed, where it was more than {0, 1}.

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
        raise LabelError(f"expected label values from 0 in {where}, found {kept[0]}; --ignore {kept[0]} leaves it out")
    if len(kept) > MAX_PHASES:
        raise looks_grey(len(kept), where)
    if NOT_ANNOTATED in kept and _is_ignore_value(kept[:-1] if kept[-1] == NOT_ANNOTATED else []):
        kept.remove(NOT_ANNOTATED)
        ignored = [*ignored, Claim(NOT_ANNOTATED, NOT_ANNOTATED, NOT_ANNOTATED)]
        notify(f"{where}: 255 is treated as not annotated; override with --phases")
    claims, names = _binary(kept, where, notify) or _one_each(kept, where)
    if names != VOID_SOLID.names:
        notify(f"{where}: read as {len(names)} phases: {', '.join(names)}; --phases names them")
    phases = VOID_SOLID if names == VOID_SOLID.names and positive is None else PhaseTable.from_names(names, positive)
    return CodeMap(phases, (*without(claims, ignore), *ignored))


def looks_grey(distinct: int, where: str) -> LabelError:
    return LabelError(
        f"expected labels (a few distinct values) in {where}, found {distinct} or more, which look like grey values; "
        "give the label file, or say what they mean with --phases void=0-127,solid=128-255"
    )


def _is_ignore_value(others: Sequence[int]) -> bool:
    """Whether 255 beside these smaller values is no phase, nor the bright half of a binary image."""
    low, _ = _ends(NOT_ANNOTATED)
    binary = not any(others) or any(value >= NOT_ANNOTATED - low for value in others)
    return not binary and max(others) < max(32, 4 * len(others))


def _binary(values: Sequence[int], where: str, notify: Note) -> tuple[list[Claim], tuple[str, ...]] | None:
    if set(values) <= {0, 1}:
        return [Claim(0, 0, 0), Claim(1, 1, 1)], VOID_SOLID.names
    top = _top(values[-1])
    low, high = _ends(top)
    if values[-1] < high or any(low < value < high for value in values):
        return None
    notify(f"{where}: read as binary: 0-{low} is void, {high}-{top} is solid; override with --phases")
    return [Claim(0, low, 0), Claim(high, top, 1)], VOID_SOLID.names


def _one_each(values: Sequence[int], where: str) -> tuple[list[Claim], tuple[str, ...]]:
    if len(values) < 2:
        raise LabelError(
            f"expected at least two phases in {where}, found only the value {values[0]}; "
            f"say what it means, for example --phases void=0,solid={values[0]}"
        )
    return [Claim(v, v, code) for code, v in enumerate(values)], tuple(f"phase-{value}" for value in values)


def _top(largest: int) -> int:
    """The end of the range the values were made for: that of the narrowest unsigned type that holds them.

    Not the file's own type: NumPy saves a mask of 0 and 255 as int64 by default.
    """
    return next(int(np.iinfo(kind).max) for kind in ("u1", "u2", "u4", "u8") if largest <= np.iinfo(kind).max)


def _ends(top: int) -> tuple[int, int]:
    """The last value near 0 and the first near the top."""
    margin = round(top * BINARY_TOLERANCE)
    return margin, top - margin
